import type { Buffer } from "node:buffer";
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { constants, platform } from "node:os";
import process from "node:process";
import { StringDecoder } from "node:string_decoder";
import { isatty } from "node:tty";
import { childEnvironment, pipedEnvironment } from "./child_environment.ts";
import { runProgram } from "./run_program.ts";
import { endWithThisProcess } from "./windows_job.ts";

/** Options of {@link startCommand}. */
export interface StartCommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Receives its output in pieces; it reads an empty standard input then.
   * @default it shares the standard streams of this process
   */
  readonly onOutput?: (text: string) => void;
}

/** A command line that runs. */
export interface RunningCommand {
  /** Its exit code, or 128 and the number of the signal that ended it. Rejects if no shell can be started. */
  readonly ended: Promise<number>;
  /**
   * Sends a signal to the command and all processes that it started. Where Ctrl+C on a terminal reaches them anyway,
   * SIGINT is not sent again. On Windows every signal ends them.
   */
  signal(name: NodeJS.Signals): void;
  /** Tests if it, or a process that it started in its group, still runs. */
  isRunning(): boolean;
}

const IS_WINDOWS = platform() === "win32";

/**
 * Starts a command line with the system's shell.
 *
 * It is a process group of its own, so that a signal reaches what the shell has started. With the keyboard of a terminal it
 * stays in the group of this process: another group could not read it.
 */
export function startCommand(line: string, options: StartCommandOptions): RunningCommand {
  const isOwnGroup = !IS_WINDOWS && (options.onOutput !== undefined || !isatty(0));
  const child = spawnShell(line, isOwnGroup, options);
  // Windows ends the shell with this process, but not what the shell has started.
  if (IS_WINDOWS && child.pid !== undefined) endWithThisProcess(child.pid);
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder("utf8");
    stream?.on("data", (data: Buffer) => options.onOutput?.(decoder.write(data)));
  }
  let hasEnded = false;
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => {
      hasEnded = true;
      reject(error);
    });
    child.once("exit", (code, signal) => {
      hasEnded = true;
      // Processes in the background would outlive this one.
      if (isOwnGroup) signalGroup(child, "SIGTERM");
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  return {
    ended,
    signal(name) {
      if (IS_WINDOWS) {
        void runProgram("taskkill", ["/pid", String(child.pid), "/t", "/f"]);
      } else if (isOwnGroup) signalGroup(child, name);
      else if (name !== "SIGINT") child.kill(name);
    },
    isRunning: () => !hasEnded || (isOwnGroup && hasGroup(child)),
  };
}

function spawnShell(
  line: string,
  isOwnGroup: boolean,
  { cwd, env, onOutput }: StartCommandOptions,
): ChildProcess {
  const stdio: StdioOptions = onOutput === undefined ? "inherit" : ["ignore", "pipe", "pipe"];
  const common = {
    cwd,
    env: onOutput === undefined ? childEnvironment(env) : pipedEnvironment(env),
    stdio,
    windowsHide: onOutput !== undefined,
  };
  return IS_WINDOWS
    ? spawn(env["ComSpec"] ?? "cmd.exe", ["/d", "/s", "/c", `"${line}"`], {
      ...common,
      windowsVerbatimArguments: true,
    })
    : spawn("/bin/sh", ["-c", line], { ...common, detached: isOwnGroup });
}

function hasGroup({ pid }: ChildProcess): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // All processes of the group have ended.
  }
}
