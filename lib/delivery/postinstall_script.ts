import * as fs from "node:fs";
import { join } from "node:path";
import { parseJsonTree } from "../json/mod.ts";
import { setMember } from "./insert_member.ts";
import { readManifest } from "./client_project.ts";
import { manifestBroken } from "./errors.ts";
import { type FilePlan, planFiles } from "./file_plan.ts";

/**
 * Makes a command a script that never fails an installation: not where pyrpc is missing either, or where another program
 * has its name, as Python's pyrpc does.
 */
export function harmlessScript(command: string): string {
  return `${command} || exit 0`;
}

/** The script that restores types after an installation has removed them. */
export const SYNC_SCRIPT = harmlessScript("pyrpc sync --optional");

/** Returns true if the client's `package.json` runs a sync after each installation. */
export function hasSyncScript(root: string): boolean {
  const scripts = new Map(Object.entries(readManifest(join(root, "package.json"))?.scripts ?? {}));
  return ["postinstall", "prepare", "install"].some((name) =>
    /\bpyrpc(\.exe)?\s+sync\b/.test(scripts.get(name) ?? "")
  );
}

/**
 * Plans to append a command to the client's `postinstall` script.
 *
 * @returns undefined if a script already runs a sync
 * @throws ToolError if `package.json` is missing or cannot be edited
 */
export function planSyncScript(root: string, command: string = SYNC_SCRIPT): FilePlan | undefined {
  const path = join(root, "package.json");
  const manifest = readManifest(path);
  if (manifest === undefined) throw manifestBroken(path, "it is missing, or it is not JSON");
  if (hasSyncScript(root)) return undefined;
  const text = fs.readFileSync(path, "utf8");
  if (parseJsonTree(text.replace(/^\ufeff/, " ")).root?.type !== "object") {
    throw manifestBroken(path, "its root is not an object");
  }
  const present = Object.hasOwn(manifest.scripts, "postinstall")
    ? manifest.scripts["postinstall"]
    : undefined;
  const script = present?.trim() ? `${present} && (${command})` : command;
  let content: string;
  try {
    content = setMember(text, ["scripts", "postinstall"], script);
  } catch (error) {
    throw manifestBroken(path, (error as Error).message);
  }
  return planFiles(root, [{ path: "package.json", content }]);
}
