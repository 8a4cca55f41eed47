/** Loads of `add(1, 2)`: by a generator of our own that costs little (`load.c`), and by real Python clients. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { requireTool } from "../../tests/support/external.ts";
import { CACHE, ROOT, run } from "../project.ts";
import { roundOfMedianRatio } from "./measure.ts";

/** Protocols of the generator. */
export type LoadKind = "rpyc" | "http" | "ws" | "zmq" | "registry";

/** Compiles the generator; the path of the executable. Needs a C compiler and Linux. */
export async function buildLoad(): Promise<string> {
  const path = join(CACHE, "bench-load");
  await mkdir(CACHE, { recursive: true });
  const source = join(ROOT, "scripts", "bench", "load.c");
  const made = await run(requireTool("gcc").path, ["-O2", "-D_GNU_SOURCE", "-o", path, source]);
  if (made.code !== 0) throw new Error(made.stderr);
  return path;
}

/**
 * Calls per second of each server by the generator, which has them take turns. Its own answers are checked: each has to be like the
 * first, which holds what was asked for.
 */
export async function load(
  path: string,
  kind: LoadKind,
  ports: readonly number[],
  { connections, warm, seconds }: {
    readonly connections: number;
    /** Seconds before it counts. */
    readonly warm: number;
    readonly seconds: number;
  },
): Promise<number[]> {
  const args = [kind, "127.0.0.1", ports.join(","), String(connections), String(warm)];
  const { code, stdout, stderr } = await run(path, [...args, String(seconds)]);
  if (code !== 0) throw new Error(`load ${args.join(" ")} failed: ${stderr}`);
  return stdout.trim().split("\n").map((line) => {
    const { rate, answer } = JSON.parse(line) as { rate: number; answer: string };
    if (!ANSWERS[kind].test(answer)) {
      throw new Error(`load ${args.join(" ")} was answered ${answer}`);
    }
    return rate;
  });
}

const SUM = /22726573756c74223a(?:20)?33/;
// 3 in brine; "result": 3; port 18812.
const ANSWERS: Readonly<Record<LoadKind, RegExp>> = {
  rpyc: /1151530a$/,
  http: SUM,
  ws: SUM,
  zmq: SUM,
  registry: /3138383132$/,
};

/** Measurements taken in turns, of which every other one begins at the end: those of the round of the median ratio. */
export async function inTurns(
  measurements: readonly (() => Promise<number>)[],
  rounds: number,
): Promise<readonly number[]> {
  const all: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const order = [...measurements.entries()];
    if (round % 2 === 1) order.reverse();
    const taken: number[] = [];
    for (const [index, measure] of order) taken[index] = await measure();
    all.push(taken);
  }
  return roundOfMedianRatio(all, (amount) => amount);
}

/** What Python clients did: calls per second together, and the share of a core that they took for it. */
export interface PythonLoad {
  readonly rate: number;
  readonly clientCores: number;
}

/** `clients` processes of `script`, which gets the port, a number of seconds, and prints calls and CPU seconds as JSON. */
export async function loadWithPython(
  python: string,
  script: string,
  args: readonly string[],
  { clients, seconds }: { readonly clients: number; readonly seconds: number },
): Promise<PythonLoad> {
  const { code, stdout, stderr } = await run(python, [
    "-c",
    PYTHON_CLIENTS.replace("#CONNECT", script),
    String(clients),
    String(seconds),
    ...args,
  ]);
  if (code !== 0) throw new Error(`Python clients failed:\n${stderr}`);
  return JSON.parse(stdout) as PythonLoad;
}

// All begin together. Each of many workers compiles for itself what it runs: they are given time for it.
const PYTHON_CLIENTS = `
import json, multiprocessing, sys, time
clients, seconds, args = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
#CONNECT
def client(barrier, results):
    add = connect()
    assert add() == 3
    barrier.wait()
    end = time.perf_counter() + (6 if clients > 1 else 1)
    while time.perf_counter() < end: add()
    calls, start, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < seconds:
        assert add() == 3
        calls += 1
    took = time.perf_counter() - start
    results.put((calls / took, (time.process_time() - cpu) / took))
context = multiprocessing.get_context("fork")
barrier, results = context.Barrier(clients), context.Queue()
all = [context.Process(target=client, args=(barrier, results)) for _ in range(clients)]
for each in all: each.start()
got = [results.get(timeout=80) for _ in all]
for each in all: each.join()
print(json.dumps({"rate": sum(r for r, _ in got), "clientCores": sum(c for _, c in got)}))
`;

/** A rate as a table has it. */
export function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString("en")}/s`;
}

/** A ratio as a table has it. */
export function times(ratio: number): string {
  return `${ratio.toFixed(1)} ×`;
}
