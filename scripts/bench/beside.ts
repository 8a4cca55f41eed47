/** What the tables of rpyc and tinyrpc share: our executable beside a Python server, called by the generator and by Python clients. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../tests/support/free_port.ts";
import { pythonEnvironment, waitUntil } from "../../tests/support/python.ts";
import { type TempFolder, tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { ROOT } from "../project.ts";
import {
  buildLoad,
  inTurns,
  load,
  type LoadKind,
  loadWithPython,
  perSecond,
  times,
} from "./load.ts";
import { roundOfMedianRatio } from "./measure.ts";
import type { BenchRow } from "./mod.ts";

/** Seconds of one measurement. */
export const SECONDS = 2;

/** What is measured with. */
export interface Beside extends AsyncDisposable {
  /** Our executable. */
  readonly binary: string;
  /** The load generator. */
  readonly generator: string;
  /** The Python that has the real library. */
  readonly python: string;
  /** Holds `api.mjs`, whose `add` is called, and the files that were given. */
  readonly folder: TempFolder;
}

/** Compiles our executable and the generator, and lays the files out. */
export async function setUpBeside(
  environment: "rpyc" | "tinyrpc",
  files: Readonly<Record<string, string>>,
): Promise<Beside> {
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
 * Starts a program that listens on a TCP port, in a session of its own as a service or another terminal has it: Linux divides the
 * processors between sessions first. Nobody knocks: a connection of ours would still be served, and counted, a while.
 */
export async function startProgram(
  command: (port: number) => readonly string[],
): Promise<Program> {
  const port = await freePort();
  const [program, ...args] = command(port);
  // As many descriptors as the system lets it have: 10,000 connections want more than is usual.
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
  // A worker or child that was started ahead is ready before anything is measured.
  await delay(1000);
  return { pid: child.pid!, port, [Symbol.asyncDispose]: stop };
}

/** A program that leads a group, and all that it has started. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** Whether somebody listens on that port of 127.0.0.1, by Linux's table of sockets. */
async function isListening(port: number): Promise<boolean> {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const table = await readFile("/proc/net/tcp", "utf8");
  return table.split("\n").some((line) => line.includes(` ${local} 00000000:0000 0A `));
}

/** {@link generatorRow} and {@link pythonRow}. */
export interface Measured {
  /** What the line begins with, say the mode or transport. */
  readonly what: string;
  /** Ours and theirs. */
  readonly ports: readonly [ours: number, theirs: number];
  /** Connections or clients at one time. */
  readonly count: number;
  readonly runs: number;
}

/** A line by the generator. */
export async function generatorRow(
  generator: string,
  kind: LoadKind,
  { what, ports, count, runs }: Measured,
  warm: number,
): Promise<BenchRow> {
  const rounds: (readonly number[])[] = [];
  while (rounds.length < runs) {
    rounds.push(
      await load(generator, kind, ports, { connections: count, warm, seconds: SECONDS }),
    );
  }
  const [ours, theirs] = roundOfMedianRatio(rounds, (rate) => rate);
  return atLeastTwice(
    `${what}, ${count} connection${count === 1 ? "" : "s"}, own generator`,
    ours!,
    theirs!,
  );
}

/** A line that is to be twice as fast. */
export function atLeastTwice(what: string, ours: number, theirs: number): BenchRow {
  return {
    what,
    ours: perSecond(ours),
    peer: perSecond(theirs),
    ratio: times(ours / theirs),
    wanted: "≥ 2 ×",
    holds: ours >= 2 * theirs,
  };
}

/** A line where Python clients are the limit. */
export async function pythonRow(
  python: string,
  script: string,
  args: readonly string[],
  { what, ports, count, runs }: Measured,
): Promise<BenchRow> {
  let clientCores = 0;
  const [ours, theirs] = await inTurns(
    ports.map((port, index) => async () => {
      const made = await loadWithPython(python, script, [...args, String(port)], {
        clients: count,
        seconds: SECONDS,
      });
      if (index === 0) clientCores = made.clientCores;
      return made.rate;
    }),
    runs,
  );
  return {
    what: `${what}, ${count} Python client${count === 1 ? "" : "s"} (${
      clientCores.toFixed(1)
    } cores)`,
    ours: perSecond(ours!),
    peer: perSecond(theirs!),
    ratio: times(ours! / theirs!),
    wanted: "≥ 1 ×",
    holds: ours! >= theirs!,
  };
}
