import { readFile, stat } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { nativePath } from "../native_path.ts";

/** Bounds the search. */
const MAX_MODULES = 1000;
const MODULE = /\.[cm]?[jt]sx?$/;
const ENDINGS = ["", ".ts", ".tsx", ".mts", ".js", ".mjs", ".json", "/index.ts", "/index.js"];
// `import x from "./y"`, `export * from "../y"`, `import "./y"`, `import("./y")`, `require("./y")`.
const RELATIVE = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

/**
 * Finds a module and all modules that it imports by relative paths, directly or indirectly. Reads the text, so that a
 * path in a comment counts too; missing files are skipped.
 */
export async function localImports(entry: string): Promise<readonly string[]> {
  const found = new Set([entry]);
  for (const file of found) {
    if (found.size > MAX_MODULES) break;
    if (!MODULE.test(file)) continue;
    const text = await readFile(file, "utf8").catch(() => "");
    for (const [, specifier = ""] of text.matchAll(RELATIVE)) {
      const target = await fileOf(resolve(dirname(file), specifier));
      if (target !== undefined) found.add(target);
    }
  }
  return [...found];
}

async function fileOf(path: string): Promise<string | undefined> {
  // A TypeScript file may be imported with the ending of its output.
  const asTypeScript = extname(path) === ".js" ? [path.replace(/\.js$/, ".ts")] : [];
  for (const name of [...ENDINGS.map((ending) => path + ending), ...asTypeScript]) {
    const candidate = nativePath(name);
    const status = await stat(candidate).catch(() => undefined);
    if (status?.isFile()) return candidate;
  }
  return undefined;
}
