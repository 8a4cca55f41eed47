import { rm } from "node:fs/promises";
import { waitUntil } from "./wait_until.ts";

/**
 * Removes a folder that a running command may write to meanwhile. Deno's `rm` has no retries: it fails with ENOTEMPTY
 * if a file is created between its reading and removing of a folder.
 */
export async function removeInUse(path: string): Promise<void> {
  await waitUntil(() => rm(path, { recursive: true, force: true }).then(() => true));
}
