import { readdir } from "node:fs/promises";

const SKIPPED = /^(\..*|node_modules|venv|env|__pycache__|dist|build|tests?|site-packages)$/;

/** Lists the folders that may have modules of the user. */
export async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && !SKIPPED.test(entry.name))
    .map((entry) => entry.name).sort();
}
