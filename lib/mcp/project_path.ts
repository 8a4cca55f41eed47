import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { outsideProject } from "./errors.ts";

/** Returns the absolute path of a file in a folder; links are followed. @throws ToolError for a path outside it */
export async function projectPath(path: string, folder: string): Promise<string> {
  const absolute = resolve(folder, path);
  const inside = relative(await realpath(folder), await realOf(absolute));
  if (inside === ".." || /^\.\.[\\/]/.test(inside) || isAbsolute(inside)) {
    throw outsideProject(path);
  }
  return absolute;
}

// The real path of a file that may not exist yet.
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : resolve(await realOf(parent), relative(parent, path));
  }
}
