import { realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ToolError } from "../errors.ts";
import { findBelow, findUpwards } from "./find_file.ts";
import { PROJECT_FILE, readProjectFile } from "./project_file.ts";

/** Folders above the client whose subfolders are searched. */
const MAX_LEVELS = 5;

/**
 * Finds the `pyrpc.json` of the backend that writes types into a client project: above the client, in a folder beside it,
 * or, in a repository, in a folder beside one of the folders above it.
 *
 * @returns its path, or undefined if none of them names the client
 */
export async function findBackendOfClient(client: string): Promise<string | undefined> {
  for await (const path of configurationsAround(resolve(client))) {
    if (await namesClient(path, client)) return path;
  }
  return undefined;
}

/** A client project whose types a backend writes. */
export interface WorkspaceClient {
  readonly folder: string;
  /** The `pyrpc.json` that names it. */
  readonly backend: string;
}

/** Finds the client project of a folder, if it has no configuration of its own because a backend writes its types. */
export async function findWorkspaceClient(cwd: string): Promise<WorkspaceClient | undefined> {
  const folder = await manifestFolder(cwd);
  const backend = folder === undefined ? undefined : await findBackendOfClient(folder);
  return folder === undefined || backend === undefined ? undefined : { folder, backend };
}

/** The folder of the nearest `package.json` outside `node_modules`. */
export async function manifestFolder(cwd: string): Promise<string | undefined> {
  let from = cwd;
  while (true) {
    const manifest = await findUpwards(from, "package.json");
    if (manifest === undefined) return undefined;
    const folder = dirname(manifest);
    if (!/[/\\]node_modules([/\\]|$)/.test(folder)) return folder;
    from = dirname(folder);
  }
}

async function* configurationsAround(client: string): AsyncGenerator<string> {
  const above = await findUpwards(client, PROJECT_FILE);
  if (above !== undefined) yield above;
  for (const folder of await searchedFolders(client)) {
    const parent = dirname(folder);
    for (const name of await findBelow(parent, PROJECT_FILE)) {
      yield join(parent, name, PROJECT_FILE);
    }
  }
}

// The client, and the folders above it inside its repository. What is beside a repository belongs to other projects.
async function searchedFolders(client: string): Promise<readonly string[]> {
  const folders: string[] = [];
  let folder = client;
  for (let level = 0; level < MAX_LEVELS; level++) {
    if (await isRepository(folder)) return level === 0 ? [client] : folders;
    folders.push(folder);
    folder = dirname(folder);
  }
  return [client];
}

// A worktree has a file of that name.
async function isRepository(folder: string): Promise<boolean> {
  return await stat(join(folder, ".git")).then(() => true, () => false);
}

async function namesClient(path: string, client: string): Promise<boolean> {
  try {
    const { clients = [], distribution } = await readProjectFile(path);
    if (distribution?.value === "server") return false;
    const wanted = await realpath(client);
    const roots = clients.map(({ value }) => realpath(resolve(dirname(path), value)));
    return (await Promise.allSettled(roots)).some((root) =>
      root.status === "fulfilled" && root.value === wanted
    );
  } catch (error) {
    // A broken configuration of another project must not stop the setup of this one.
    if (error instanceof ToolError) return false;
    throw error;
  }
}
