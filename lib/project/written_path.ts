import { isAbsolute, relative } from "node:path";

/** Returns the path as it is written into a file in `folder`: relative, with forward slashes. */
export function writtenPath(folder: string, path: string): string {
  const written = relative(folder, path).replaceAll("\\", "/");
  if (written === "") return ".";
  // Windows has no relative paths to another drive.
  return isAbsolute(written) || written.startsWith(".") ? written : `./${written}`;
}
