import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { homedir, platform } from "node:os";
import { dirname, join } from "node:path";
import { formatDocument, parseJson } from "../../json/mod.ts";
import { removeQuietly } from "../../remove_quietly.ts";
import { renameBusy } from "../../rename_busy.ts";
import { type Contract, parseContract } from "../../contract/mod.ts";

/** A cached contract of a server. */
export interface Snapshot {
  readonly contract: Contract;
  /** Time of the snapshot in milliseconds since the epoch. */
  readonly takenAt: number;
}

/** The path at which a server's contract is cached: in the user's cache folder, by a hash of the URL. */
export function snapshotPath(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const name = createHash("sha256").update(url).digest("hex").slice(0, 32);
  return join(cacheFolder(env), "pyrpc", "snapshots", `${name}.json`);
}

/** Caches a contract. Only the user may read it: its server may demand a token. */
export async function writeSnapshot(path: string, contract: Contract): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const neighbour = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    await writeFile(neighbour, formatDocument(contract.document), { mode: 0o600, flag: "wx" });
    await renameBusy(neighbour, path);
  } catch (error) {
    removeQuietly(neighbour);
    throw error;
  }
}

/** The cached contract; `undefined` if it is missing or unreadable. */
export async function readSnapshot(path: string): Promise<Snapshot | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { contract: parseContract(parseJson(text), { where: path }), takenAt: mtimeMs };
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
