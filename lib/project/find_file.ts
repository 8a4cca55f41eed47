import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { configNotReadable } from "./errors.ts";

/** The nearest file called `name` in `from` or a folder above it, or undefined. Folders of that name are passed over. */
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

/** Whether there is a file. @throws ToolError `CONFIG_NOT_READABLE` where the system does not say. */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // A folder above that may not be entered holds no configuration for us.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "EPERM") {
      return false;
    }
    throw configNotReadable(path, error);
  }
}
