/** Shared by all scripts: the project's folders, and running a child process. */

import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { commandLine } from "../lib/process/command_line.ts";

/** The project's folder, with a slash at the end. */
export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The folder of downloads and reports. `PYRPC_TEST_CACHE` shares it between several checkouts. */
export const CACHE = process.env["PYRPC_TEST_CACHE"] ?? join(ROOT, ".cache");

/** The folder of the last run's reports. Never shared. */
export const RESULTS = join(ROOT, ".cache", "results");

/** The exit code and output of a child process. */
export interface Finished {
  /** 128 + n for a signal, like a shell. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** True if it was killed because it exceeded its time limit. */
  readonly isOverLimit?: boolean;
}

/** Options of {@link run}. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Print the child's output while it runs instead of collecting it. @default false */
  readonly show?: boolean;
  readonly stdin?: string;
  /** Kill the child (exit code 137) after this time. @default no limit */
  readonly limitMs?: number;
}

/** Runs a child process to its end. A failing child is not an error; a child that cannot be started is. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    // On Windows npm and npx are batch files.
    const { file, args: all, windowsVerbatimArguments } = commandLine(command, args);
    const child = spawn(file, all, {
      windowsVerbatimArguments,
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, ...options.env } as NodeJS.ProcessEnv,
      stdio: [
        options.stdin === undefined ? "ignore" : "pipe",
        ...(options.show ? ["inherit", "inherit"] as const : ["pipe", "pipe"] as const),
      ],
    });
    let stdout = "";
    let stderr = "";
    let isOverLimit = false;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => stdout += text);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
    child.stdin?.on("error", () => {/* The child did not read all of its input. */}).end(
      options.stdin,
    );
    const limit = options.limitMs === undefined ? undefined : setTimeout(() => {
      isOverLimit = true;
      child.kill("SIGKILL");
      // Processes that it started may keep its pipes open.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, options.limitMs);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ code: code ?? (signal === "SIGKILL" ? 137 : 143), stdout, stderr, isOverLimit });
    });
  });
}

/** The Deno that runs this script. */
export function deno(args: readonly string[], options?: RunOptions): Promise<Finished> {
  return run(process.execPath, args, options);
}

/** Returns every file below `folder` (relative to the project) whose path ends with `ending`, sorted, with `/`. */
export async function filesBelow(folder: string, ending: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** Formats a duration: `1.2 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
