import { isAbsolute, relative, sep } from "node:path";

/** Returns true if a path is a folder or below it. Both are absolute; Windows ignores case. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
