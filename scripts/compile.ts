/**
 * `deno task compile [--engine deno|bun] [--out FILE]`: the executable for this machine, `dist/pyrpc`.
 *
 * @module
 */

import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ExitCode } from "../lib/errors.ts";
import { bunPath } from "./bun.ts";
import { bundle } from "./bundle.ts";
import { deno, type Finished, ROOT, run } from "./project.ts";

/** What an executable can be made of. */
export type Engine = "deno" | "bun";

/** Compiles `main.ts` to `file`. */
export async function compile(engine: Engine, file: string): Promise<Finished> {
  await mkdir(dirname(file), { recursive: true });
  if (engine === "bun") {
    return await run(await bunPath(), [...BUN_FLAGS, `--outfile=${file}`, "main.ts"]);
  }
  // The bundle, and nothing of the project around it: from `main.ts` Deno would embed the whole `node_modules`.
  const source = join(ROOT, ".cache", "compile", "pyrpc.js");
  await bundle(source);
  const isolated = ["--no-config", "--no-lock", "--node-modules-dir=none", "--no-check"];
  return await deno(["compile", "--quiet", "-A", ...isolated, `--output=${file}`, source]);
}

const BUN_FLAGS = [
  "build",
  "--compile",
  "--target=bun",
  "--minify",
  "--sourcemap",
  // Start-up: 14 ms instead of 42 ms for `--version`.
  "--bytecode",
  // Without these the executable obeys the `.env` and `bunfig.toml` of whatever folder it is started in.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

/** Whether `deno compile` failed because it could not fetch the runtime that it puts into the executable. */
export function lacksRuntime(stderr: string): boolean {
  return /denort|error sending request|dns error|Failed (?:downloading|fetching)/i
    .test(stderr);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { engine: { type: "string", default: "deno" }, out: { type: "string" } },
  });
  const { engine } = values;
  if (engine !== "deno" && engine !== "bun") {
    process.stderr.write(`error: Unknown engine "${engine}": "deno" or "bun"\n`);
    return ExitCode.Usage;
  }
  const name = process.platform === "win32" ? "pyrpc.exe" : "pyrpc";
  const file = values.out === undefined ? join(ROOT, "dist", name) : resolve(values.out);
  const { code, stderr } = await compile(engine, file);
  if (code === 0) {
    process.stdout.write(`${file} (${engine})\n`);
    return ExitCode.Ok;
  }
  if (engine === "deno" && lacksRuntime(stderr)) {
    process.stderr.write(
      "error: Deno cannot fetch the runtime that it compiles in: name a local one with DENORT_BIN=/path/to/denort," +
        " or use `deno task compile --engine bun`\n",
    );
    return ExitCode.Server;
  }
  process.stderr.write(`${stderr}\nerror: Compiling with ${engine} failed\n`);
  return ExitCode.Bug;
}

if (import.meta.main) process.exitCode = await main();
