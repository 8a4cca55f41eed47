import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { configNotReadable } from "./errors.ts";
import { subfolders } from "./subfolders.ts";

const MAX_FOLDERS = 200;

/** Finds the nearest file called `name` in `from` or a folder above it. Skips folders of that name. */
export async function findUpwards(from: string, name: string): Promise<string | undefined> {
  let folder = resolve(from);
  while (true) {
    const path = join(folder, name);
    if (await isFile(path)) return path;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/**
 * Finds the folders directly below `from` that have a file called `name`, as paths relative to it. Skips folders that
 * cannot be read.
 */
export async function findBelow(from: string, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of (await subfolders(from)).slice(0, MAX_FOLDERS)) {
    if (await isFile(join(from, folder, name)).catch(() => false)) found.push(folder);
  }
  return found;
}

/** True if there is a file. @throws ToolError `CONFIG_NOT_READABLE` if the system reports another error */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // A folder without permission has no configuration for this user.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "EPERM") {
      return false;
    }
    throw configNotReadable(path, error);
  }
}
