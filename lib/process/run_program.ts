import { execFile } from "node:child_process";
import { platform } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { defined } from "../defined.ts";
import { childEnvironment } from "./child_environment.ts";
import { commandLine } from "./command_line.ts";
import { programsOnPath } from "./find_program.ts";

/** Options of {@link runProgram}. */
export interface RunProgramOptions {
  readonly cwd?: string | undefined;
  /** @default the environment of this process */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds after which the program is ended. @default {30_000} */
  readonly limitMs?: number;
  /** Bytes of output after which the program is ended. @default {1048576} */
  readonly maxBytes?: number;
}

/** Exit code and output of a program. */
export interface ProgramResult {
  /** The exit code; null if the program did not start, or was ended. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The reason for a missing exit code. */
  readonly reason?: string;
  /** The program does not exist. */
  readonly isMissing: boolean;
}

/**
 * Runs a program to its end, without input. A program that cannot be started is a result: the engines throw for some of
 * them (a batch file, a file of another format) and emit an error for others.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: RunProgramOptions = {},
): Promise<ProgramResult> {
  const { cwd, env = process.env, limitMs = 30_000, maxBytes = 2 ** 20 } = options;
  try {
    const { file, args: all, windowsVerbatimArguments } = commandLine(
      await resolved(command, env),
      args,
      { shell: process.env["ComSpec"] ?? "cmd.exe" },
    );
    return await new Promise((resolve) => {
      const child = execFile(
        file,
        all,
        {
          ...defined({ cwd }),
          env: childEnvironment(env),
          timeout: limitMs,
          maxBuffer: maxBytes,
          encoding: "utf8",
          windowsHide: true,
          windowsVerbatimArguments,
        },
        (error, stdout, stderr) =>
          resolve(error === null ? succeeded(stdout, stderr) : failed(error, stdout, stderr)),
      );
      child.stdin?.on("error", () => {/* The program ended before it read its input. */}).end();
    });
  } catch (error) {
    return failed(error, "", "");
  }
}

// The engines search for `.exe` only, and in the current folder first, where anybody's `git.exe` may be. As they do, the
// programs of the system are found without PATH.
async function resolved(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (platform() !== "win32" || /[/\\]/.test(command)) return command;
  const system = join(process.env["SystemRoot"] ?? "C:\\Windows", "System32");
  const path = `${env["PATH"] ?? env["Path"] ?? ""}${delimiter}${system}`;
  const { value } = await programsOnPath(command, { PATH: path }).next();
  if (value !== undefined) return value;
  throw Object.assign(new Error(`spawn ${command} ENOENT`), { code: "ENOENT" });
}

function succeeded(stdout: string, stderr: string): ProgramResult {
  return { code: 0, stdout, stderr, isMissing: false };
}

function failed(error: unknown, stdout: string, stderr: string): ProgramResult {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  if (typeof code === "number") return { code, stdout, stderr, isMissing: false };
  return {
    code: null,
    stdout,
    stderr,
    reason: message ?? String(error),
    isMissing: code === "ENOENT",
  };
}
