import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  type PythonEnvironment,
  pythonEnvironment,
  type RunningServer,
  startPython,
} from "./python.ts";
import { waitUntil } from "./wait_until.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FIXTURES = `${ROOT}tests/fixtures/rpyc/`;

/** A running command of ours; `await using` ends it. */
export interface RunningCommand extends AsyncDisposable {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits until it ends; the exit code as a shell gives it (130 for Ctrl+C). */
  ended(): Promise<number>;
}

/** The path of a file of the rpyc fixtures. */
export function rpycFixture(name: string): string {
  return FIXTURES + name;
}

/** How this program is started in tests: the executable that `PYRPC_TEST_BINARY` names, else the sources with this engine. */
export function programArguments(): readonly [string, ...string[]] {
  const binary = process.env["PYRPC_TEST_BINARY"];
  if (binary !== undefined && binary !== "") return [binary];
  const main = `${ROOT}main.ts`;
  return process.versions["deno"] === undefined
    ? [process.execPath, main]
    : [process.execPath, "run", "--allow-all", "--no-check", "--quiet", main];
}

/** Starts a command of ours and waits until `ready` matches what it has written. */
export async function startCommand(
  args: readonly string[],
  ready: RegExp,
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** In a process group of its own, which a signal can reach as a terminal's does. */
    readonly detached?: boolean;
  } = {},
): Promise<RunningCommand & { readonly match: RegExpExecArray }> {
  const [command, ...before] = programArguments();
  const child = spawn(command, [...before, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: options.detached ?? false,
  });
  let stdout = "";
  let stderr = "";
  let code: number | undefined;
  child.stdout.on("data", (chunk) => stdout += String(chunk));
  child.stderr.on("data", (chunk) => stderr += String(chunk));
  const ended = new Promise<number>((resolve) => {
    child.on("exit", (exit, signal) => resolve(code = exit ?? 128 + constants.signals[signal!]));
  });
  const stop = async () => {
    if (code === undefined) child.kill("SIGKILL");
    await ended;
  };
  try {
    await waitUntil(() => {
      if (code !== undefined) throw new Error(`ended with ${code}`);
      return ready.test(stdout + stderr);
    });
  } catch (cause) {
    await stop();
    throw new Error(`"pyrpc ${args.join(" ")}" did not start:\n${stdout}${stderr}`, { cause });
  }
  return {
    child,
    match: ready.exec(stdout + stderr)!,
    stdout: () => stdout,
    stderr: () => stderr,
    ended: () => ended,
    [Symbol.asyncDispose]: stop,
  };
}

/** Runs a command of ours to its end. */
export async function runCommand(
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [command, ...before] = programArguments();
  const child = spawn(command, [...before, ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => stdout += String(chunk));
  child.stderr.on("data", (chunk) => stderr += String(chunk));
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const code = await new Promise<number>((resolve) =>
    child.on("close", (code) => resolve(code ?? -1))
  );
  clearTimeout(timer);
  return { code, stdout, stderr };
}

/** A server of ours for real clients. */
export async function startRpyc(
  args: readonly string[] = [],
  handlers = "handlers.ts",
): Promise<RunningCommand & { readonly port: number }> {
  const path = handlers.startsWith("/") ? handlers : FIXTURES + handlers;
  const serve = ["serve", "--protocol", "rpyc", "--handlers", path, "--port", "0", ...args];
  const command = await startCommand(serve, /server started on \[.*\]:(\d+)/);
  return { ...command, port: Number(command.match[1]) };
}

/** `real_server.py` with the real library. */
export async function startRealRpyc(args: readonly string[] = []): Promise<RunningServer> {
  const environment = await pythonEnvironment("rpyc");
  return await startPython(environment, [`${FIXTURES}real_server.py`, ...args], {
    ready: /listening on (\d+)/,
  });
}

/** Runs Python to its end; what it printed. Fails when it fails. */
export async function runPython(
  script: { readonly file: string } | { readonly code: string },
  args: readonly string[] = [],
  environment?: PythonEnvironment,
  limitMs = 60_000,
): Promise<string> {
  const { python, env } = environment ?? await pythonEnvironment("rpyc");
  const start = "file" in script ? [FIXTURES + script.file] : ["-c", script.code];
  const child = spawn(python, [...start, ...args], {
    env: { ...process.env, ...env, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => stdout += String(chunk));
  child.stderr.on("data", (chunk) => stderr += String(chunk));
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const code = await new Promise((resolve) =>
    child.on("close", (code, signal) => resolve(code ?? signal))
  );
  clearTimeout(timer);
  if (code !== 0) throw new Error(`Python ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}
