import type { Buffer } from "node:buffer";
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { constants, platform } from "node:os";
import process from "node:process";
import { StringDecoder } from "node:string_decoder";
import { isatty } from "node:tty";
import { childEnvironment, pipedEnvironment } from "./child_environment.ts";
import { runProgram } from "./run_program.ts";
import { endWithThisProcess } from "./windows_job.ts";
import { supervised } from "./windows_supervisor.ts";

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
const IS_NODE = !("Bun" in globalThis || "Deno" in globalThis);

/**
 * Starts a command line with the system's shell.
 *
 * It is a process group of its own, so that a signal reaches what the shell has started. With the keyboard of a terminal it
 * stays in the group of this process: another group could not read it.
 */
export function startCommand(line: string, options: StartCommandOptions): RunningCommand {
  const isOwnGroup = !IS_WINDOWS && (options.onOutput !== undefined || !isatty(0));
  const child = IS_WINDOWS
    ? spawnOnWindows(line, options)
    : spawnOnPosix(line, { ...options, isOwnGroup });
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

function spawnOptions({ cwd, env, onOutput }: StartCommandOptions) {
  const stdio: StdioOptions = onOutput === undefined ? "inherit" : ["ignore", "pipe", "pipe"];
  return {
    cwd,
    env: onOutput === undefined ? childEnvironment(env) : pipedEnvironment(env),
    stdio,
  };
}

function spawnOnPosix(
  line: string,
  options: StartCommandOptions & { readonly isOwnGroup: boolean },
): ChildProcess {
  const { isOwnGroup } = options;
  const child = spawn("/bin/sh", ["-c", line], {
    ...spawnOptions(options),
    detached: isOwnGroup,
    windowsHide: true,
  });
  if (child.pid === undefined) return child;
  // Without a group of its own, only the shell can be named.
  return child.once("exit", killWithThisProcess(isOwnGroup ? -child.pid : child.pid));
}

// Windows ends the shell with this process, but not what the shell has started.
function spawnOnWindows(line: string, options: StartCommandOptions): ChildProcess {
  const shell = options.env["ComSpec"] ?? "cmd.exe";
  const argsOf = (command: string) => ["/d", "/s", "/c", `"${command}"`];
  const { env, ...others } = {
    ...spawnOptions(options),
    windowsHide: options.onOutput !== undefined,
    windowsVerbatimArguments: true,
  };
  if (IS_NODE) {
    const command = supervised(shell, argsOf(line), env);
    const child = spawn(shell, argsOf(command.line), { ...others, env: command.env });
    return child.once("exit", command.end).once("error", command.end);
  }
  const child = spawn(shell, argsOf(line), { ...others, env });
  if (child.pid !== undefined) endWithThisProcess(child.pid);
  return child;
}

/** Kills a process of POSIX, or a group, when this process ends, also if it is killed. Returns a function that cancels this. */
function killWithThisProcess(pid: number): () => void {
  const script = `read -r _ || kill -9 ${pid}`;
  // Ctrl+C on a terminal must not reach it.
  const watcher = spawn("/bin/sh", ["-c", script], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    windowsHide: true,
  });
  watcher.on("error", () => {/* No other process can be started. */});
  watcher.stdin.on("error", () => {/* It was ended. */});
  watcher.unref();
  return () => void watcher.stdin.end("\n");
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
