import { relative } from "node:path";
import { describeTarget, targetDetails } from "../check/mod.ts";
import { inspectTarget, typesOf } from "../delivery/mod.ts";
import { ExitCode, ToolError } from "../errors.ts";
import { findSnapshot } from "../snapshot/mod.ts";
import {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
} from "../source/mod.ts";
import type { SyncJob } from "../sync/mod.ts";
import { plainText } from "../terminal/mod.ts";
import type { Backends } from "./backends.ts";

/**
 * Checks the types of a build as `pyrpc check` does: with the contract of the backend, else that of the snapshot. Without
 * both, only types that are missing or broken are reported.
 *
 * @returns a text for each target whose types are not current
 */
export async function checkBuild(
  backends: Backends,
  load: LoadOptions,
  context: LoadContext,
): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const job of backends.jobs) {
    const loaded = await loadOrSnapshot(job, backends, load, context);
    const generated = loaded && typesOf(loaded.contract)(job.target.selection);
    const state = inspectTarget(job.target, generated);
    if (state.freshness === "current") continue;
    const file = relative(context.cwd, state.chosen.types).replaceAll("\\", "/");
    const against = loaded === undefined ? "" : ` (contract: ${loaded.where})`;
    const lines = [
      `${file}: ${describeTarget(state)}${against}`,
      ...targetDetails(state, context.cwd).map((line) => `  ${line}`),
      backends.writes ? "Run: npx pyrpc sync" : "Run pyrpc dev on the backend",
    ];
    texts.push(lines.map(plainText).join("\n"));
  }
  return texts;
}

async function loadOrSnapshot(
  { source }: SyncJob,
  { jobs, folder }: Backends,
  load: LoadOptions,
  context: LoadContext,
): Promise<LoadedSource | undefined> {
  try {
    return await loadSource(source, load, context);
  } catch (error) {
    if (!(error instanceof ToolError) || error.exitCode !== ExitCode.Server) throw error;
    // A snapshot does not name its server.
    const snapshot = jobs.length > 1
      ? undefined
      : await findSnapshot({ cwd: folder, env: context.env });
    return snapshot === undefined ? undefined : await loadSource(snapshot, load, context);
  }
}
