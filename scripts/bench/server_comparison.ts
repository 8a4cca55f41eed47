/** Shared by the tables of rpyc and tinyrpc: our executable against a Python server, with the same load on both. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../tests/support/free_port.ts";
import { pythonEnvironment } from "../../tests/support/python.ts";
import { waitUntil } from "../../tests/support/wait_until.ts";
import { type TempFolder, tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { ROOT } from "../project.ts";
import {
  buildLoad,
  generatorLoad,
  type LoadKind,
  type LoadOptions,
  type LoadRound,
  perSecond,
  pythonLoad,
  times,
} from "./load.ts";
import type { BenchRow } from "./mod.ts";

/** Seconds of each server in one round. */
export const ROUND_SECONDS = 1;

/** The programs and files of a comparison. */
export interface Comparison extends AsyncDisposable {
  /** Our executable. */
  readonly binary: string;
  /** The load generator. */
  readonly generator: string;
  /** The Python in which the compared library is installed. */
  readonly python: string;
  /** Contains `api.mjs`, whose `add` is called, and the given files. */
  readonly folder: TempFolder;
}

/** Compiles our executable and the generator, and writes the files. */
export async function setUpComparison(
  environment: "rpyc" | "tinyrpc",
  files: Readonly<Record<string, string>>,
): Promise<Comparison> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const generator = await buildLoad();
  const { python } = await pythonEnvironment(environment);
  const folder = await tempFolder({
    "api.mjs": "export const add = (a, b) => a + b;\n",
    ...files,
  });
  return {
    binary,
    generator,
    python,
    folder,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A running program. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/**
 * Starts a program that listens on a TCP port, in its own session: Linux divides processor time between sessions first,
 * and a service or a second terminal has its own as well. Does not probe it with a connection, which a mode would have
 * to serve.
 */
export async function startProgram(
  command: (port: number) => readonly string[],
): Promise<Program> {
  const port = await freePort();
  const [program, ...args] = command(port);
  // 10,000 connections need more file descriptors than the usual limit.
  const shell = ["-c", 'ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh", program!, ...args];
  const child: ChildProcess = spawn("sh", shell, {
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  const ended = once(child, "close");
  const kill = () => killGroup(child.pid!);
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    kill();
    await ended;
  };
  try {
    await waitUntil(async () => {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
      if (!await isListening(port)) throw new Error("does not listen yet");
      return true;
    }, 20_000);
  } catch (error) {
    await stop();
    throw error;
  }
  // A worker or child that was started in advance must be ready before the measurement.
  await delay(1000);
  return { pid: child.pid!, port, [Symbol.asyncDispose]: stop };
}

/** Ends a process group. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group has ended.
  }
}

/** Returns true if a socket listens on that port of 127.0.0.1, by Linux's table of sockets. */
async function isListening(port: number): Promise<boolean> {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const table = await readFile("/proc/net/tcp", "utf8");
  return table.split("\n").some((line) => line.includes(` ${local} 00000000:0000 0A `));
}

/** A row of calls per second. */
export interface RateRow extends LoadOptions {
  /** The mode or transport. */
  readonly name: string;
  /** Minimum ratio of our rate to theirs. */
  readonly target: number;
}

/** A row, and the highest share of one core that its client used. */
export interface MeasuredRow {
  readonly row: BenchRow;
  readonly clientCpu: number;
}

/** Measures a row with the generator. */
export async function generatorRow(
  generator: string,
  kind: LoadKind,
  options: RateRow & { readonly connections: number },
): Promise<MeasuredRow> {
  const { name, connections, target } = options;
  const what = `${name}, ${connections} connection${connections === 1 ? "" : "s"}`;
  return rateRow(what, target, await generatorLoad(generator, kind, options));
}

/** Measures a row with one Python client. */
export async function pythonRow(
  python: string,
  connect: string,
  args: readonly string[],
  options: RateRow,
): Promise<MeasuredRow> {
  const rounds = await pythonLoad(python, connect, args, options);
  return rateRow(`${options.name}, 1 Python client`, options.target, rounds);
}

/** Formats the highest share of one core that a client of these rows used. */
export function highestCpu(rows: readonly MeasuredRow[]): string {
  return `${Math.round(Math.max(...rows.map(({ clientCpu }) => clientCpu)) * 100)} %`;
}

function rateRow(what: string, target: number, rounds: readonly LoadRound[]): MeasuredRow {
  const ours = median(rounds.map(({ rates }) => rates[0]));
  const theirs = median(rounds.map(({ rates }) => rates[1]));
  return {
    row: {
      what,
      ours: perSecond(ours),
      peer: perSecond(theirs),
      ratio: times(ours / theirs),
      wanted: `≥ ${target} ×`,
      holds: ours >= target * theirs,
    },
    clientCpu: Math.max(...rounds.map(({ cpu }) => cpu)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
