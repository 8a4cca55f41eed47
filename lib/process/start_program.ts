import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { childEnvironment } from "./child_environment.ts";
import { commandLine } from "./command_line.ts";

/** Options of {@link startProgram}. */
export interface StartProgramOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts a program whose standard streams are pipes.
 *
 * @returns the child, or the error where the engine throws instead of reporting it by the child
 */
export function startProgram(
  command: string,
  args: readonly string[],
  { cwd, env }: StartProgramOptions,
): ChildProcess | Error {
  try {
    const { file, args: all, windowsVerbatimArguments } = commandLine(command, args, {
      shell: process.env["ComSpec"] ?? "cmd.exe",
    });
    return spawn(file, all, {
      cwd,
      env: childEnvironment(env),
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
      windowsVerbatimArguments,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
