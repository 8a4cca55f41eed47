/**
 * Sources as an npm package has them: JavaScript for Node 20, and declarations, file by file.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { ROOT } from "../project.ts";

/** The result of {@link emitPackage}. */
export interface Emitted {
  /** Content by path, below the folder `lib`. */
  readonly files: ReadonlyMap<string, string>;
  /** The imported npm packages. */
  readonly packages: ReadonlySet<string>;
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  types: ["node"],
  lib: ["lib.es2024.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
};

const TEXT_IMPORT = /^import (\w+) from "(\.[^"]+)" with \{ type: "text" \};$/gm;

// Node cannot import a text: the text itself takes the place of the import.
async function withTexts(file: string, source: string): Promise<string> {
  let text = source;
  for (const [statement, name = "", path = ""] of source.matchAll(TEXT_IMPORT)) {
    const imported = await readFile(join(dirname(file), path), "utf8");
    text = text.replace(statement, () => `const ${name} = ${JSON.stringify(imported)};`);
  }
  if (/with\s*\{\s*type:/.test(text)) throw new Error(`${file} imports something as a text`);
  return text;
}

/**
 * Emits the entries (paths below `lib/`) and their imports.
 *
 * @throws Error if a file imports something that a package cannot contain
 */
export async function emitPackage(entries: readonly string[]): Promise<Emitted> {
  const files = new Map<string, string>();
  const packages = new Set<string>();
  const reached = new Set(entries.map((entry) => join(ROOT, "lib", entry)));
  for (const file of reached) {
    const source = await withTexts(file, await readFile(file, "utf8"));
    for (const { fileName } of ts.preProcessFile(source, true, true).importedFiles) {
      if (fileName.startsWith(".")) reached.add(join(dirname(file), fileName));
      else if (!fileName.startsWith("node:")) packages.add(fileName);
    }
    const path = relative(join(ROOT, "lib"), file).replaceAll("\\", "/").replace(/\.ts$/, "");
    const { outputText } = ts.transpileModule(source, { compilerOptions: OPTIONS, fileName: file });
    files.set(`${path}.js`, outputText);
  }
  const options = { ...OPTIONS, declaration: true, emitDeclarationOnly: true };
  const program = ts.createProgram([...reached], {
    ...options,
    rootDir: join(ROOT, "lib"),
    outDir: "/out",
    typeRoots: [join(ROOT, "node_modules", "@types"), ...typeRoots()],
  });
  program.emit(undefined, (file, text) => {
    files.set(relative("/out", file).replaceAll("\\", "/"), withJavaScriptImports(text));
  });
  for (const file of reached) {
    const name = relative(join(ROOT, "lib"), file).replaceAll("\\", "/").replace(/\.ts$/, ".d.ts");
    if (!files.has(name)) throw new Error(`No declarations of ${name}`);
  }
  return { files, packages };
}

// Under Deno @types/node, which no package lists, is in the store only.
function typeRoots(): string[] {
  return [join(ROOT, "node_modules", ".deno", "node_modules", "@types")];
}

/** Declarations keep `./x.ts`; the code beside them is `./x.js`. */
function withJavaScriptImports(text: string): string {
  const found = ts.preProcessFile(text, true, true).importedFiles
    .filter(({ fileName }) => fileName.startsWith(".") && fileName.endsWith(".ts"))
    .sort((one, other) => other.pos - one.pos);
  for (const { pos, fileName } of found) {
    const end = text.indexOf(fileName, pos) + fileName.length;
    text = `${text.slice(0, end - 3)}.js${text.slice(end)}`;
  }
  return text;
}
