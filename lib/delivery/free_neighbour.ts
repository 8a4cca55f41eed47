import { existsSync } from "node:fs";
import { join, parse } from "node:path";

/** The path with a number before its extension, the first that nothing has yet: `answers-2.json`, `answers-3.json`. */
export function freeNeighbour(path: string): string {
  const { dir, name, ext } = parse(path);
  for (let number = 2;; number++) {
    const neighbour = join(dir, `${name}-${number}${ext}`);
    if (!existsSync(neighbour)) return neighbour;
  }
}
