import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { programsOnPath } from "../process/mod.ts";

/** A program that runs JavaScript, with the arguments before a script. */
export interface Runtime {
  readonly command: string;
  readonly args: readonly string[];
}

/** Finds the user's Node, else Bun; undefined without both. A client with Yarn's Plug'n'Play needs its loader. */
export async function findRuntime(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Runtime | undefined> {
  const loader = plugAndPlay(root);
  for (const name of ["node", "bun"]) {
    const { value: command } = await programsOnPath(name, env).next();
    if (command === undefined) continue;
    return { command, args: loader === undefined ? [] : ["--require", loader] };
  }
  return undefined;
}

function plugAndPlay(root: string): string | undefined {
  for (let folder = root;; folder = dirname(folder)) {
    const loader = join(folder, ".pnp.cjs");
    if (existsSync(loader)) return loader;
    if (folder === dirname(folder)) return undefined;
  }
}
