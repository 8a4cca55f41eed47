import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  type AllowedFinding,
  findUpwards,
  PROJECT_FILE,
  readProjectFile,
} from "../lib/project/mod.ts";
import { parseContract } from "../lib/contract/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { parseAllowances } from "./_diff_view.ts";

/** Names under which snapshots are looked for where none is configured. */
const USUAL_NAMES = ["schema.json", "pyrpc.schema.json", "contract.json"];

/** The snapshot file of the project: from environment or `pyrpc.json`, else a file of a usual name beside it. */
export async function findSnapshot(console: Console): Promise<string | undefined> {
  const given = console.env["PYRPC_SNAPSHOT"];
  if (given) return resolve(console.cwd, given);
  const path = await findUpwards(console.cwd, PROJECT_FILE);
  const folder = path === undefined ? console.cwd : dirname(path);
  const configured = path === undefined
    ? undefined
    : (await readProjectFile(path)).settings.get("snapshot")?.value;
  if (configured !== undefined) return resolve(folder, configured);
  for (const base of new Set([console.cwd, folder])) {
    for (const name of USUAL_NAMES) {
      const file = join(base, name);
      if (await isContract(file)) return file;
    }
  }
  return undefined;
}

// A file of a usual name may be anything: only one that is a contract is a snapshot.
async function isContract(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile() || info.size > 64 * 2 ** 20) return false;
  try {
    parseContract(JSON.parse(await readFile(path, "utf8")), { where: path });
    return true;
  } catch {
    return false;
  }
}

/** What `pyrpc.json` accepts, each with its reason. @throws ToolError for a rule that is none */
export async function readAllowances(console: Console): Promise<readonly AllowedFinding[]> {
  const path = await findUpwards(console.cwd, PROJECT_FILE);
  if (path === undefined) return [];
  const { allow } = await readProjectFile(path);
  // The same check as for the flag: a misspelt rule would accept nothing, silently.
  parseAllowances(allow.map(({ rule }) => rule));
  return allow;
}
