/** Two loads of `add(a, b)` whose arguments never repeat: a generator that costs little (`load.c`), and real Python clients. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { requireTool } from "../../tests/support/external.ts";
import { CACHE, ROOT, run } from "../project.ts";

/** Protocols of the generator. */
export type LoadKind = "rpyc" | "http" | "ws" | "zmq";

/** Two servers, ours first, which alternate in one run of a load. */
export interface LoadOptions {
  readonly ports: readonly [ours: number, theirs: number];
  /** Seconds of load on each server before it counts. */
  readonly warm: number;
  /** Seconds of each server in each round. */
  readonly seconds: number;
  readonly rounds: number;
}

/** One round. */
export interface LoadRound {
  /** Calls per second of each server. */
  readonly rates: readonly [ours: number, theirs: number];
  /** Share of one core that the client used. */
  readonly cpu: number;
}

/** Compiles the generator and returns the path of the executable. Needs a C compiler and Linux. */
export async function buildLoad(): Promise<string> {
  const path = join(CACHE, "bench-load");
  await mkdir(CACHE, { recursive: true });
  const source = join(ROOT, "scripts", "bench", "load.c");
  const made = await run(requireTool("gcc").path, ["-O2", "-D_GNU_SOURCE", "-o", path, source]);
  if (made.code !== 0) throw new Error(made.stderr);
  return path;
}

/** Calls both servers with the generator, which fails on an answer that does not contain the sum. */
export async function generatorLoad(
  generator: string,
  kind: LoadKind,
  { ports, warm, seconds, rounds, connections }: LoadOptions & { readonly connections: number },
): Promise<readonly LoadRound[]> {
  const numbers = [connections, warm, seconds, rounds].map(String);
  return await roundsOf([generator, kind, "127.0.0.1", ports.join(","), ...numbers]);
}

/** Calls per second of one connection to a server in C that sends a prepared answer: the most that the system allows. */
export async function floorRate(generator: string, seconds: number): Promise<number> {
  const [round] = await roundsOf([generator, "floor", String(seconds)]);
  return round!.rates[0];
}

/**
 * Calls both servers from one Python client, which fails on an answer that is not the sum.
 *
 * @param connect Python that defines `connect(port)`, which returns a function of two arguments; it gets `args` as a list
 */
export async function pythonLoad(
  python: string,
  connect: string,
  args: readonly string[],
  { ports, warm, seconds, rounds }: LoadOptions,
): Promise<readonly LoadRound[]> {
  const script = PYTHON_CLIENT.replace("#CONNECT", connect);
  const numbers = [...ports, warm, seconds, rounds].map(String);
  return await roundsOf([python, "-c", script, ...numbers, ...args]);
}

async function roundsOf([program, ...args]: readonly string[]): Promise<readonly LoadRound[]> {
  const { code, stdout, stderr } = await run(program!, args);
  if (code !== 0) throw new Error(`The load failed: ${stderr}`);
  return stdout.trim().split("\n").map((line) => JSON.parse(line) as LoadRound);
}

const PYTHON_CLIENT = `
import itertools, json, sys, time
ports, (warm, seconds), rounds, args = sys.argv[1:3], map(float, sys.argv[3:5]), int(sys.argv[5]), sys.argv[6:]
#CONNECT
numbers = itertools.count(10**9)
def drive(add, seconds):
    calls, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        a = next(numbers)
        assert add(a, 7 * a) == 8 * a
        calls += 1
    return calls / (time.perf_counter() - start)
adds = [connect(int(port)) for port in ports]
for add in adds: drive(add, warm)
for round in range(rounds):
    rates, cpu, start = [0, 0], time.process_time(), time.perf_counter()
    for index in ((0, 1), (1, 0))[round % 2]: rates[index] = drive(adds[index], seconds)
    print(json.dumps({"rates": rates, "cpu": (time.process_time() - cpu) / (time.perf_counter() - start)}))
`;

/** Formats a rate for a table. */
export function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString("en")}/s`;
}

/** Formats a ratio for a table. */
export function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 2 : 0)} ×`;
}
