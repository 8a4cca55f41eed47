/**
 * `deno task compile [--engine deno|bun] [--target TRIPLE|all] [--out FILE]`: the executable for this machine, `dist/pyrpc`,
 * or those of other systems, `dist/<target>/pyrpc`.
 *
 * @module
 */

import { mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ExitCode } from "../lib/errors.ts";
import { bunPath } from "./bun.ts";
import { bundle } from "./bundle.ts";
import { deno, type Finished, ROOT, run } from "./project.ts";
import { VERSION } from "../lib/version.ts";
import { isSigned, signAdHoc } from "./release/mach_o_signature.ts";
import { executableKind, executableName, type Target, TARGETS } from "./release/targets.ts";

/** The engine of an executable. */
export type Engine = "deno" | "bun";

/**
 * Compiles `main.ts` to `file`.
 *
 * @param target the system of the executable (default: this machine's)
 */
export async function compile(engine: Engine, file: string, target?: Target): Promise<Finished> {
  await mkdir(dirname(file), { recursive: true });
  if (engine === "bun") {
    // A source map of each chunk is written beside the executable, which contains them as well.
    const folder = await mkdtemp(join(dirname(file), ".compile-"));
    const made = await run(await bunPath(), [
      ...BUN_FLAGS,
      `--target=${target?.bun ?? "bun"}`,
      `--outfile=${join(folder, basename(file))}`,
      // By default the path of the sources is embedded, which differs between folders.
      `--define=import.meta.url="file:///main.ts"`,
      "main.ts",
    ]);
    if (made.code === 0) await rename(join(folder, basename(file)), file);
    await rm(folder, { recursive: true, force: true });
    if (made.code === 0) await signForMac(file, target);
    return made;
  }
  // Compiles the bundle outside the project: from `main.ts` Deno would embed the whole `node_modules`.
  const source = join(ROOT, ".cache", "compile", "pyrpc.js");
  await bundle(source);
  // The modification time is embedded as well: the same sources must produce the same bytes.
  await utimes(source, 0, 0);
  const isolated = ["--no-config", "--no-lock", "--node-modules-dir=none", "--no-check"];
  const system = target === undefined ? [] : [`--target=${target.triple}`];
  // Deno may sign executables for macOS or not: on Intel it appends the program after everything that a signature
  // covers.
  return await deno([
    "compile",
    "--quiet",
    ...DENO_PERMISSIONS,
    ...isolated,
    ...system,
    `--output=${file}`,
    source,
  ], { env: await runtimeFor(target) });
}

// Uses `DENORT_BIN` if it is for the target or for this machine: Deno would append its program to any file.
async function runtimeFor(target: Target | undefined): Promise<Record<string, string | undefined>> {
  const file = process.env["DENORT_BIN"];
  if (file === undefined || target === undefined) return {};
  const kind = executableKind((await readFile(file)).subarray(0, 4096));
  const fits = kind?.format === target.format && kind.arch === target.arch;
  return { DENORT_BIN: fits ? file : undefined };
}

async function signForMac(file: string, target: Target | undefined): Promise<void> {
  if (target?.format !== "mach-o") return;
  const bytes = await readFile(file);
  if (!isSigned(bytes)) await writeFile(file, signAdHoc(bytes));
}

/** The embedded permissions of Deno's executable: it never prompts. */
export const DENO_PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-run",
  "--allow-env",
  "--allow-sys",
  // Deno allows code from some hosts by default.
  "--deny-import",
  "--no-prompt",
] as const;

const BUN_FLAGS = [
  "build",
  "--compile",
  // Each command is a chunk, so that unused ones are not read. `--version`: 12 ms instead of 18 ms.
  "--splitting",
  "--format=esm",
  "--minify",
  "--sourcemap",
  // Start-up of `--version`: 14 ms instead of 42 ms. If a target's engine rejects the bytecode, it reads the source.
  "--bytecode",
  // Without these the executable obeys the `.env` and `bunfig.toml` of the current folder.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

/** Returns true if `deno compile` failed because it could not fetch the runtime of the executable. */
export function lacksRuntime(stderr: string): boolean {
  return /denort|error sending request|dns error|Failed (?:downloading|fetching)/i
    .test(stderr);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      engine: { type: "string", default: "deno" },
      out: { type: "string" },
      target: { type: "string" },
    },
  });
  const { engine } = values;
  if (engine !== "deno" && engine !== "bun") {
    return refuse(`Unknown engine "${engine}": "deno" or "bun"`);
  }
  if (values.target === undefined) {
    const name = process.platform === "win32" ? "pyrpc.exe" : "pyrpc";
    return await compileOne(engine, values.out ?? join(ROOT, "dist", name), undefined);
  }
  const known = TARGETS.filter((target) => engine === "bun" || target.hasDeno);
  const wanted = known.filter(({ triple }) => values.target === "all" || triple === values.target);
  if (wanted.length === 0) {
    const names = known.map(({ triple }) => triple).join(", ");
    return refuse(`${engine} has no target "${values.target}": all, ${names}`);
  }
  if (values.out !== undefined && wanted.length > 1) {
    return refuse("--out is for one target, several go to dist/<target>/");
  }
  for (const target of wanted) {
    const file = values.out ?? join(ROOT, "dist", target.triple, executableName(target));
    const code = await compileOne(engine, file, target);
    if (code !== ExitCode.Ok) return code;
  }
  return ExitCode.Ok;
}

function refuse(why: string): number {
  process.stderr.write(`error: ${why}\n`);
  return ExitCode.Usage;
}

async function compileOne(
  engine: Engine,
  out: string,
  target: Target | undefined,
): Promise<number> {
  // Both engines add the extension if it is missing.
  const isForWindows = target?.format === "pe" && !out.endsWith(".exe");
  const file = resolve(isForWindows ? `${out}.exe` : out);
  const { code, stderr } = await compile(engine, file, target);
  if (code === 0) {
    const problem = target === undefined ? undefined : await checkExecutable(file, target, engine);
    if (problem === undefined) {
      process.stdout.write(
        `${file} (${engine}${target === undefined ? "" : `, ${target.triple}`})\n`,
      );
      return ExitCode.Ok;
    }
    process.stderr.write(`error: ${problem}\n`);
    return ExitCode.Bug;
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

/** Checks the format, the architecture and the content of an executable for `target`; returns the first problem. */
export async function checkExecutable(
  file: string,
  target: Target,
  engine: Engine,
): Promise<string | undefined> {
  const bytes = await readFile(file);
  const kind = executableKind(bytes.subarray(0, 4096));
  if (kind?.format !== target.format || kind.arch !== target.arch) {
    return `${file} is no ${target.format} for ${target.arch}`;
  }
  if (engine === "bun" && kind.format === "mach-o" && !isSigned(bytes)) {
    return `The signature of ${file} is broken`;
  }
  if (bytes.includes(ROOT)) return `${file} contains the path of its build folder`;
  // The output of `pyrpc version`, which only our program contains.
  return bytes.includes("pyrpc-toolkit") && bytes.includes(VERSION)
    ? undefined
    : `${file} does not contain pyrpc-toolkit ${VERSION}`;
}

if (import.meta.main) process.exitCode = await main();
