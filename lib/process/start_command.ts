import { type ChildProcess, spawn } from "node:child_process";
import { constants, platform } from "node:os";
import process from "node:process";
import { isatty } from "node:tty";
import { childEnvironment } from "./child_environment.ts";
import { runProgram } from "./run_program.ts";

/** Options of {@link startCommand}. */
export interface StartCommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
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
}

const IS_WINDOWS = platform() === "win32";

/**
 * Starts a command line with the system's shell; it shares the standard streams of this process.
 *
 * It is a process group of its own, so that a signal reaches what the shell has started. On a terminal it stays in the
 * group of this process: another group could not read the keyboard.
 */
export function startCommand(line: string, options: StartCommandOptions): RunningCommand {
  const isOwnGroup = !IS_WINDOWS && !isatty(0);
  const child = spawnShell(line, isOwnGroup, options);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
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
  };
}

function spawnShell(
  line: string,
  isOwnGroup: boolean,
  { cwd, env }: StartCommandOptions,
): ChildProcess {
  const common = { cwd, env: childEnvironment(env), stdio: "inherit" } as const;
  return IS_WINDOWS
    ? spawn(env["ComSpec"] ?? "cmd.exe", ["/d", "/s", "/c", `"${line}"`], {
      ...common,
      windowsVerbatimArguments: true,
    })
    : spawn("/bin/sh", ["-c", line], { ...common, detached: isOwnGroup });
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // All processes of the group have ended.
  }
}
