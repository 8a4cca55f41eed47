import { createHash } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { homedir, platform } from "node:os";
import { dirname, join } from "node:path";
import { removeQuietly } from "../remove_quietly.ts";
import { type Contract, parseContract } from "../contract/mod.ts";

/** A contract as a server once had it. */
export interface Snapshot {
  readonly contract: Contract;
  /** When it was taken, in milliseconds since the epoch. */
  readonly takenAt: number;
}

/** Where the last contract of a server is kept: in the user's cache folder, under a name made of the URL. */
export function snapshotPath(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const name = createHash("sha256").update(url).digest("hex").slice(0, 32);
  return join(cacheFolder(env), "pyrpc", "snapshots", `${name}.json`);
}

/** Keeps a contract. Only the user may read it: it may be of a server that wants a token. */
export async function writeSnapshot(path: string, contract: Contract): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const neighbour = `${path}.${
    createHash("sha256").update(String(Math.random())).digest("hex").slice(0, 8)
  }`;
  try {
    await writeFile(neighbour, JSON.stringify(contract.document), { mode: 0o600, flag: "wx" });
    await rename(neighbour, path);
  } catch (error) {
    removeQuietly(neighbour);
    throw error;
  }
}

/** The kept contract, or `undefined` where there is none that can be read. */
export async function readSnapshot(path: string): Promise<Snapshot | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { contract: parseContract(JSON.parse(text), { where: path }), takenAt: mtimeMs };
  } catch {
    return undefined;
  }
}

function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env["XDG_CACHE_HOME"];
  if (chosen !== undefined && chosen !== "") return chosen;
  const home = env["HOME"] ?? homedir();
  if (platform() === "darwin") return join(home, "Library", "Caches");
  if (platform() === "win32") return env["LOCALAPPDATA"] ?? join(home, "AppData", "Local");
  return join(home, ".cache");
}
