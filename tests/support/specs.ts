/**
 * End-to-end cases as folders: `tests/specs/<command>/<case>/test.json` with the words it prints beside it. Adding one
 * needs no TypeScript; CONTRIBUTING.md has the fields.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { cp, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { tempFolder } from "./temp_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SPECS = join(ROOT, "tests", "specs");

/** One run of the tool. A text may hold `[WILDCARD]` (anything) and `[WILDLINE]` (anything within the line). */
export interface Step {
  readonly args: readonly string[];
  /** Given on standard input. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @default 0 */
  readonly exitCode?: number;
  /** The expected output; `{ "file": NAME }` reads it from a file beside `test.json`. @default nothing */
  readonly stdout?: string | { readonly file: string };
  /** For printed commands, which are PowerShell's there. @default `stdout` */
  readonly stdoutOnWindows?: string;
  /** @default nothing */
  readonly stderr?: string | { readonly file: string };
  /** Files as they have to be afterwards; `null` for one that must not exist. */
  readonly after?: Readonly<Record<string, string | { readonly file: string } | null>>;
}

/** The content of `test.json`: one step, or several. */
export interface Spec extends Partial<Step> {
  readonly steps?: readonly Step[];
  /** Files of the working folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Names in `tests/fixtures/` that are copied into the working folder. */
  readonly fixtures?: readonly string[];
  /** True for a case of the compiled executable only. @default false */
  readonly binaryOnly?: boolean;
}

/** The names of all cases, `<command>/<case>`, sorted. */
export async function specNames(): Promise<string[]> {
  const entries = await readdir(SPECS, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.name === "test.json")
    .map((entry) => relative(SPECS, entry.parentPath).replaceAll("\\", "/"))
    .sort();
}

/** Reads `test.json` of a case. */
export async function readSpec(name: string): Promise<Spec> {
  return JSON.parse(await readFile(join(SPECS, name, "test.json"), "utf8")) as Spec;
}

/** The output of one run of the tool. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A tool that is not a command of this system. */
export interface ForeignTool {
  /** Its paths have backslashes. */
  readonly isForWindows: boolean;
  run(step: Step, cwd: string): Promise<Printed>;
}

/**
 * Runs a case, and throws what differs.
 *
 * @param tool The command that is the tool: `["…/dist/pyrpc"]`, or `["deno", "run", "-A", "main.ts"]`.
 */
export async function runSpec(name: string, tool: readonly string[] | ForeignTool): Promise<void> {
  const { isForWindows, run } = "run" in tool ? tool : {
    isForWindows: process.platform === "win32",
    run: (step: Step, cwd: string) => runTool(tool, step, cwd),
  };
  const spec = await readSpec(name);
  await using folder = await tempFolder(spec.files);
  for (const fixture of spec.fixtures ?? []) {
    await cp(join(ROOT, "tests/fixtures", fixture), folder.at(fixture), { recursive: true });
  }
  const text = async (wanted: Step["stdout"]) =>
    typeof wanted === "object"
      ? await readFile(join(SPECS, name, wanted.file), "utf8")
      : wanted ?? "";
  for (const step of spec.steps ?? [{ ...spec, args: spec.args ?? [] }]) {
    const stdout = (isForWindows ? step.stdoutOnWindows : undefined) ?? step.stdout;
    const result = await run(step, folder.path);
    const problems = [
      ...(result.code === (step.exitCode ?? 0)
        ? []
        : [`exit code ${result.code} instead of ${step.exitCode ?? 0}`]),
      ...differences("stdout", result.stdout, await text(stdout), isForWindows),
      ...differences("stderr", result.stderr, await text(step.stderr), isForWindows),
    ];
    for (const [path, wanted] of Object.entries(step.after ?? {})) {
      const found = await readFile(folder.at(path), "utf8").catch(() => null);
      if (wanted === null) {
        if (found !== null) problems.push(`file ${path} is there`);
      } else if (found === null) {
        problems.push(`file ${path} is missing`);
      } else {
        problems.push(...differences(`file ${path}`, found, await text(wanted)));
      }
    }
    if (problems.length > 0) {
      throw new Error(
        `${name}: pyrpc ${step.args.join(" ")}\n${problems.join("\n")}\n` +
          `--- stdout\n${result.stdout}--- stderr\n${result.stderr}`,
      );
    }
  }
}

function differences(
  what: string,
  found: string,
  wanted: string,
  ignoresSeparators = false,
): string[] {
  const comparable = (text: string) => ignoresSeparators ? text.replaceAll("\\", "/") : text;
  return matches(comparable(found), comparable(wanted))
    ? []
    : [`${what} differs, wanted:\n${wanted}`];
}

/** Returns true if `found` matches `wanted` with its wildcards; a last line feed does not count. */
export function matches(found: string, wanted: string): boolean {
  const pattern = wanted.replace(/\n$/, "")
    .split(/(\[WILDCARD\]|\[WILDLINE\])/)
    .map((part) =>
      part === "[WILDCARD]"
        ? "[^]*"
        : part === "[WILDLINE]"
        ? "[^\\n]*"
        : part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
    ).join("");
  return new RegExp(`^${pattern}$`).test(found.replaceAll("\r\n", "\n").replace(/\n$/, ""));
}

function runTool(
  tool: readonly string[],
  step: Step,
  cwd: string,
): Promise<Printed> {
  const [command = "", ...first] = tool;
  const { CI: _ci, FORCE_COLOR: _colour, ...inherited } = process.env;
  const child = spawn(command, [...first, ...step.args], {
    cwd,
    env: { ...inherited, NO_COLOR: "1", ...step.env } as NodeJS.ProcessEnv,
    stdio: "pipe",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  child.stdin.on("error", () => {/* It did not read its input: its own affair. */});
  child.stdin.end(step.stdin ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/**
 * The tool under test: `PYRPC_BINARY`, run by `PYRPC_NODE` where that is set (a bundle), else the source under the engine
 * that runs the tests.
 */
export function toolUnderTest(): { readonly tool: readonly string[]; readonly isBinary: boolean } {
  const binary = process.env["PYRPC_BINARY"];
  const node = process.env["PYRPC_NODE"];
  if (binary) return { tool: node ? [node, binary] : [binary], isBinary: true };
  const main = join(dirname(dirname(import.meta.dirname ?? "")), "main.ts");
  return process.versions["deno"] === undefined
    ? { tool: [process.execPath, main], isBinary: false }
    : {
      tool: [
        process.execPath,
        "run",
        "-A",
        "--no-check",
        "--quiet",
        `--config=${ROOT}deno.json`,
        main,
      ],
      isBinary: false,
    };
}
