import { readFile, stat } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";

/** More modules than this are nobody's handlers. */
const MOST = 1000;
const MODULE = /\.[cm]?[jt]sx?$/;
const ENDINGS = ["", ".ts", ".tsx", ".mts", ".js", ".mjs", ".json", "/index.ts", "/index.js"];
// `import x from "./y"`, `export * from "../y"`, `import "./y"`, `import("./y")`, `require("./y")`.
const RELATIVE = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

/**
 * The file and every file that it imports by a relative path, and what these import: what is to be followed. It is read
 * off the text, so a name in a comment counts too; what cannot be found does not.
 */
export async function localImports(entry: string): Promise<readonly string[]> {
  const found = new Set([entry]);
  for (const file of found) {
    if (found.size > MOST) break;
    if (!MODULE.test(file)) continue;
    const text = await readFile(file, "utf8").catch(() => "");
    for (const [, specifier] of text.matchAll(RELATIVE)) {
      const target = await fileOf(resolve(dirname(file), specifier!));
      if (target !== undefined) found.add(target);
    }
  }
  return [...found];
}

async function fileOf(path: string): Promise<string | undefined> {
  // A TypeScript file may be imported by the name that it will have.
  const asTypeScript = extname(path) === ".js" ? [path.replace(/\.js$/, ".ts")] : [];
  for (const candidate of [...ENDINGS.map((ending) => path + ending), ...asTypeScript]) {
    const status = await stat(candidate).catch(() => undefined);
    if (status?.isFile()) return candidate;
  }
  return undefined;
}
