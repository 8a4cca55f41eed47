import { normalize } from "node:path";

/**
 * A path as the system writes it: with backslashes on Windows, where a file watcher reports `C:/app/main.py` and Node
 * resolves `C:\app\main.py`.
 *
 * @param toNative tests of another system give its own
 */
export function nativePath(path: string, toNative: (path: string) => string = normalize): string {
  return path === "" ? "" : toNative(path);
}
