/** What every script needs: where the project is, and how a child is run. */

import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { commandLine } from "../lib/process/command_line.ts";

/** The project's folder, with a slash at the end. */
export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Where downloads and reports go. `PYRPC_TEST_CACHE` lets several checkouts of one machine share them. */
export const CACHE = process.env["PYRPC_TEST_CACHE"] ?? join(ROOT, ".cache");

/** Where the reports of the last run are. Never shared. */
export const RESULTS = join(ROOT, ".cache", "results");

/** How a child ended and what it said. */
export interface Finished {
  /** 128 + n for a signal, as a shell says it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was ended because it took longer than its limit. */
  readonly isOverLimit?: boolean;
}

/** Options of {@link run}. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Shows the child's words while it runs instead of collecting them. @default false */
  readonly show?: boolean;
  readonly stdin?: string;
  /** Ends the child (exit code 137) when it takes longer. @default no limit */
  readonly limitMs?: number;
}

/** Runs a child to its end; it is no error when it fails, only when it cannot be started. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    // npm and npx are batch files on Windows.
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
    child.stdin?.on("error", () => {/* The child did not read to the end. */}).end(options.stdin);
    const limit = options.limitMs === undefined ? undefined : setTimeout(() => {
      isOverLimit = true;
      child.kill("SIGKILL");
      // What it started may hold its pipes open.
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

/** Every file below `folder` (relative to the project) whose path ends with `ending`, sorted, with `/`. */
export async function filesBelow(folder: string, ending: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** `1.2 s`, for people. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
