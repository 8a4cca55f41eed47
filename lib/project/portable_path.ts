import { sep } from "node:path";

/**
 * The relative path of a configuration file, which may have been written on Windows: `..\frontend` is read as
 * `../frontend` on every system. A path with both separators is kept, because a name may contain a backslash on POSIX.
 */
export function readPath(text: string, separator: string = sep): string {
  return separator === "/" && !text.includes("/") ? text.replaceAll("\\", "/") : text;
}

/** A path as it is written into a configuration file that several systems share: with forward slashes. */
export function sharedPath(text: string, separator: string = sep): string {
  return text.replaceAll(separator, "/");
}
