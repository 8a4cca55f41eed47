/**
 * `deno task client [--check]`: makes `lib/client/client_module.generated.ts`, the client as JavaScript, of
 * `lib/client/pyrpc_client.ts`. With `--check` nothing is written: exit code 1 if the file is out of date.
 *
 * @module
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import ts from "typescript";
import { ROOT } from "./project.ts";

const SOURCE = join(ROOT, "lib/client/pyrpc_client.ts");
const GENERATED = join(ROOT, "lib/client/client_module.generated.ts");

/** Returns the current text of the generated module. */
async function clientModule(): Promise<string> {
  const { outputText } = ts.transpileModule(await readFile(SOURCE, "utf8"), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  });
  if (/^import\b/m.test(outputText)) throw new Error(`${SOURCE} imports a module`);
  return [
    "// Made by scripts/client_module.ts of pyrpc_client.ts: do not edit. deno task client makes it anew.",
    "// deno-fmt-ignore-file",
    `export const CLIENT_MODULE = ${JSON.stringify(outputText.replaceAll("\r\n", "\n"))};`,
    "",
  ].join("\n");
}

if (import.meta.main) {
  const wanted = await clientModule();
  const found = await readFile(GENERATED, "utf8").catch(() => "");
  if (process.argv.includes("--check")) {
    if (found !== wanted) {
      process.stderr.write(
        "lib/client/client_module.generated.ts is out of date: run deno task client\n",
      );
      process.exitCode = 1;
    }
  } else if (found !== wanted) await writeFile(GENERATED, wanted);
}
