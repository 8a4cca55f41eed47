import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findOnPath } from "./external.ts";

/** The compilers that generated text has to pass: the oldest supported one to the newest. */
export const TYPESCRIPT_VERSIONS = ["5.4", "5.9", "6.0", "7.0"] as const;

/** One of {@link TYPESCRIPT_VERSIONS}. */
export type TypeScriptVersion = (typeof TYPESCRIPT_VERSIONS)[number];

/** Every flag that a strict project may have set; 5.4 does not know the last two yet. */
export function strictOptions(version: TypeScriptVersion): Record<string, unknown> {
  return {
    noEmit: true,
    target: "es2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    types: [],
    lib: ["ES2022"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    isolatedModules: true,
    verbatimModuleSyntax: true,
    declaration: true,
    ...(version === "5.4" ? {} : { isolatedDeclarations: true, erasableSyntaxOnly: true }),
  };
}

/**
 * Runs `tsc` of that version over a folder with its own `tsconfig.json` (one is written when `options` are given),
 * or with another configuration in it.
 * Version 7 has no programming interface, so all of them are run as commands.
 *
 * @returns the errors as printed, `""` for none
 */
export async function runTsc(
  folder: string,
  version: TypeScriptVersion,
  options?: Readonly<Record<string, unknown>>,
  project = ".",
): Promise<string> {
  if (options !== undefined) {
    const { files, include, ...compilerOptions } = options;
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions,
        ...(files ? { files } : {}),
        ...(include ? { include } : {}),
      }),
    );
  }
  const node = findOnPath("node") ?? process.execPath;
  return await new Promise((resolve, reject) => {
    execFile(node, [tscOf(version), "-p", join(folder, project), "--pretty", "false"], {
      cwd: folder,
      maxBuffer: 1 << 26,
    }, (error, stdout, stderr) => {
      if (error === null) resolve("");
      else if (stdout.includes("error TS")) resolve(stdout);
      else reject(new Error(`tsc ${version} did not run:\n${stdout}${stderr}`, { cause: error }));
    });
  });
}

/** The types taken off a module's text, comments too unless they are kept. */
export function toJavaScript(text: string, { removeComments = false } = {}): string {
  const ts = compiler();
  const { ESNext: module } = ts.ModuleKind;
  const { ES2022: target } = ts.ScriptTarget;
  return ts.transpileModule(text, { compilerOptions: { module, target, removeComments } })
    .outputText;
}

/** The documentation that an editor shows for a call: in the hover of its name, and in each signature's help. */
export interface EditorTexts {
  readonly hover: string;
  readonly signatures: readonly string[];
}

/**
 * Opens code in the language service.
 *
 * @param use Code that imports nothing; the generated file is `api` there.
 * @returns The documentation of a call in it, given as `c.name(…);`.
 */
export function openEditor(generated: string, use: string): (call: string) => EditorTexts {
  const ts = compiler();
  const files: Readonly<Record<string, string>> = {
    "/types.ts": generated,
    "/use.ts": `import type * as api from "./types.js";\n${use}\n`,
  };
  const read = (name: string) => files[name] ?? ts.sys.readFile(name);
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ strict: true, target: ts.ScriptTarget.ES2022 }),
    getScriptFileNames: () => Object.keys(files),
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => ts.ScriptSnapshot.fromString(read(name) ?? ""),
    getCurrentDirectory: () => "/",
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => read(name) !== undefined,
    readFile: read,
  });
  const textOf = (parts: readonly { readonly text: string }[] | undefined) =>
    (parts ?? []).map(({ text }) => text).join("");
  return (call) => {
    const at = (files["/use.ts"] ?? "").lastIndexOf(call);
    const open = call.lastIndexOf("(");
    const name = call.lastIndexOf(".", open) + 1;
    const help = service.getSignatureHelpItems("/use.ts", at + open + 1, undefined);
    return {
      hover: textOf(
        service.getQuickInfoAtPosition("/use.ts", at + name)?.documentation,
      ),
      signatures: (help?.items ?? []).map(({ documentation }) => textOf(documentation)),
    };
  };
}

/** The compiler of TypeScript 5.9 as a library. */
export function compiler(): typeof import("typescript") {
  // Not `import "typescript"`: which of the versions that is depends on the runtime.
  const path = join(dirname(tscOf("5.9")), "..", "lib", "typescript.js");
  return createRequire(import.meta.url)(path);
}

/** The folder of that version of the package `typescript`. */
export function tscFolder(version: TypeScriptVersion): string {
  return join(dirname(tscOf(version)), "..");
}

// Aliased packages have no folder of their own in `node_modules` under Deno: they are found in its store by version.
function tscOf(version: TypeScriptVersion): string {
  const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));
  const aliased = join(modules, `typescript-${version}`, "bin", "tsc");
  if (existsSync(aliased)) return aliased;
  const store = join(modules, ".deno");
  const name = readdirSync(store).find((entry) => entry.startsWith(`typescript@${version}.`));
  if (name === undefined) throw new Error(`TypeScript ${version} is not installed`);
  return join(store, name, "node_modules", "typescript", "bin", "tsc");
}
