import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes a temporary file or folder. What cannot be removed stays: cleaning up never fails the work.
 *
 * Not `rm({ recursive: true })`: Bun's fails with EFAULT on some Windows file systems, where removing one by one works.
 */
export function removeQuietly(path: string): void {
  try {
    if (!lstatSync(path).isDirectory()) return unlinkSync(path);
    for (const name of readdirSync(path)) removeQuietly(join(path, name));
    rmdirSync(path);
  } catch {
    return;
  }
}
