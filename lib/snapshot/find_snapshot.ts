import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseJson } from "../json/mod.ts";
import { parseContract } from "../contract/mod.ts";
import { findUpwards, PROJECT_FILE, readProjectFile } from "../project/mod.ts";

/** Names of snapshot files, in order of preference, if none is configured. */
const USUAL_NAMES = ["schema.json", "pyrpc.schema.json", "contract.json"];
const MAX_BYTES = 64 * 2 ** 20;

/** Finds the snapshot file of a project: from PYRPC_SNAPSHOT or `pyrpc.json`, else a contract with a usual name. */
export async function findSnapshot(
  { cwd, env }: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): Promise<string | undefined> {
  const given = env["PYRPC_SNAPSHOT"];
  if (given) return resolve(cwd, given);
  const path = await findUpwards(cwd, PROJECT_FILE);
  const folder = path === undefined ? cwd : dirname(path);
  const configured = path === undefined
    ? undefined
    : (await readProjectFile(path)).settings.get("snapshot")?.value;
  if (configured !== undefined) return resolve(folder, configured);
  for (const base of new Set([cwd, folder])) {
    for (const name of USUAL_NAMES) {
      const file = join(base, name);
      if (await isContract(file)) return file;
    }
  }
  return undefined;
}

// A file with a usual name may have any content.
async function isContract(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile() || info.size > MAX_BYTES) return false;
  try {
    parseContract(parseJson(await readFile(path, "utf8")), { where: path });
    return true;
  } catch {
    return false;
  }
}
