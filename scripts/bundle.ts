/**
 * `deno task bundle [--out FILE]`: the whole tool as one file, `dist/pyrpc.js`, that runs under Node ≥ 20.12 (before 20.19 as
 * `pyrpc.mjs`, or in a package of `"type": "module"`), Bun and Deno, under Deno also by URL.
 *
 * @module
 */

import { builtinModules } from "node:module";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import ts from "typescript";
import { deno, ROOT } from "./project.ts";

/** Writes the bundle of an entry (`main.ts` unless given) to `file`. Throws if it would not run on every engine. */
export async function bundle(file: string, entry = "main.ts"): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // Uses Deno's bundler: Bun's selects the CommonJS build of jsonc-parser, whose inner `require` it cannot follow.
  const made = await deno(["bundle", "--quiet", "--platform=deno", `--output=${file}`, entry]);
  if (made.code !== 0) throw new Error(`"deno bundle" failed:\n${made.stderr}`);
  const text = forNode20(requireByUrl(await readFile(file, "utf8")));
  const bare = bareImports(text);
  if (bare.length > 0) {
    throw new Error(
      `The bundle is not whole, it imports ${bare.map((name) => `"${name}"`).join(", ")}`,
    );
  }
  await writeFile(file, text.replace(/^#!.*\n/, "#!/usr/bin/env node\n"));
  await chmod(file, 0o755);
}

/**
 * Returns `lib/testing` as one module, which imports the client from `../pyrpc_client.js`. The engine of the mock is bundled,
 * so that the package has no dependencies.
 */
export async function bundleTesting(): Promise<string> {
  const client = "../client/pyrpc_client.ts";
  const args = ["--quiet", "--platform=browser", `--external=${client}`, "lib/testing/mod.ts"];
  const made = await deno(["bundle", ...args]);
  if (made.code !== 0) throw new Error(`"deno bundle" failed:\n${made.stderr}`);
  const text = forNode20(made.stdout);
  const [only, ...others] = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName)
    .filter((name, index, names) => names.indexOf(name) === index);
  if (only !== client || others.length > 0) {
    throw new Error(`The bundle of lib/testing imports ${[only, ...others].join(", ")}`);
  }
  return text.replaceAll(`"${client}"`, '"../pyrpc_client.js"');
}

// CommonJS packages `require` built-ins. Deno's bundler creates that function from `import.meta.url`, which must be a
// file.
function requireByUrl(text: string): string {
  return text.replace(
    /__deno_internal_createRequire\(import\.meta\.url\)/,
    `import.meta.url.startsWith("file:") ? $& : (name) => {
  const found = process.getBuiltinModule(name);
  // Thrown, as \`require\` would: ws asks for packages that it can do without.
  if (found === undefined) throw new Error(\`Cannot find module "\${name}"\`);
  return found;
}`,
  );
}

// Node 20 does not support `using`; the helper that TypeScript inserts needs nothing that Node 20 lacks.
function forNode20(text: string): string {
  const { ES2022: target } = ts.ScriptTarget;
  const { ESNext: module } = ts.ModuleKind;
  return ts.transpileModule(text, {
    fileName: "pyrpc.js",
    compilerOptions: { target, module, allowJs: true },
  })
    .outputText;
}

/** Returns the imports of `text` other than `node:` built-ins, which Deno could not resolve by URL. */
export function bareImports(text: string): string[] {
  // Uses a parser, because comments and strings in the bundle look like imports.
  const specifiers = ts.preProcessFile(text, true, true).importedFiles.map((each) => each.fileName);
  return [...new Set(specifiers)].filter((name) =>
    !name.startsWith("node:") || !builtinModules.includes(name.slice("node:".length))
  );
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: "string" } } });
  const file = values.out === undefined ? join(ROOT, "dist", "pyrpc.js") : resolve(values.out);
  await bundle(file);
  process.stdout.write(`${file}\n`);
}
