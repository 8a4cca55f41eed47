import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { compareProcedures } from "../compare/mod.ts";
import { changedNames } from "../report/mod.ts";
import { type LoadContext, type LoadedSource, loadSource } from "../source/mod.ts";
import { type CheckPart, shownPath, skippedPart } from "./part.ts";

/** Checks that the snapshot file has the procedures of the contract. */
export async function checkSnapshot(
  snapshot: string | undefined,
  loaded: LoadedSource,
  context: LoadContext,
): Promise<CheckPart> {
  if (snapshot === undefined) return skippedPart("snapshot", "the project has no snapshot");
  const file = shownPath(context.cwd, snapshot);
  if (loaded.kind === "file" && resolve(loaded.where) === resolve(snapshot)) {
    return skippedPart("snapshot", `${file} is the checked contract`);
  }
  const stale = (message: string, details: readonly string[] = []): CheckPart => ({
    name: "snapshot",
    about: file,
    findings: [{ rule: "SNAPSHOT_STALE", level: "error", subject: file, message, details, file }],
  });
  if (await stat(snapshot).then(() => false, () => true)) return stale("the file is missing");
  const beside = { cwd: dirname(snapshot), env: context.env, stdin: context.stdin };
  const { contract } = await loadSource(snapshot, {}, beside);
  const details = changedNames(compareProcedures(contract, loaded.contract));
  if (details.length > 0) return stale("the snapshot is out of date", details);
  return { name: "snapshot", about: file, findings: [] };
}
