import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ServiceEntries } from "../../lib/rpyc/registry/mod.ts";
import { freePort } from "../../tests/support/free_port.ts";
import { waitUntil } from "../../tests/support/python.ts";
import { run } from "../project.ts";
import {
  atLeastTwice,
  generatorRow,
  pythonRow,
  SECONDS,
  setUpBeside,
  startProgram,
} from "./beside.ts";
import { inTurns, load, times } from "./load.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";
import { memoryOf } from "./process_tree.ts";

const REAL_SERVER = `
import sys, rpyc
from rpyc.utils.server import ForkingServer, ThreadedServer
class CalcService(rpyc.Service):
    def exposed_add(self, a, b): return a + b
kind = {"threaded": ThreadedServer, "forking": ForkingServer}[sys.argv[1]]
kind(CalcService, hostname="127.0.0.1", port=int(sys.argv[2])).start()
`;

const CONNECT = `
import rpyc
def connect():
    root = rpyc.connect("127.0.0.1", int(args[0])).root
    return lambda: root.add(1, 2)
`;

const REAL_REGISTRY = `
import sys
from rpyc.utils.registry import UDPRegistryServer
UDPRegistryServer(host="127.0.0.1", port=int(sys.argv[1]), allow_listing=True).start()
`;

const PRUNE_REAL = `
import time
from rpyc.utils.registry import UDPRegistryServer
server = UDPRegistryServer(host="127.0.0.1", port=0)
server.logger.disabled = True
for port in range(100_000): server._add_service(f"S{port % 1000}", (f"h{port % 7}", port))
for entries in server.services.values():
    for address in entries: entries[address] = 0
start = time.perf_counter()
for name in list(server.services): server.cmd_query("", name)
print(time.perf_counter() - start)
`;

/** Calls per second, memory of idle connections and the registry, beside rpyc 6.0.2's own programs. */
export async function benchRpyc({ runs }: BenchOptions): Promise<BenchResult> {
  await using beside = await setUpBeside("rpyc", {
    "server.py": REAL_SERVER,
    "registry.py": REAL_REGISTRY,
  });
  const { binary, generator, python, folder } = beside;
  const serve = (mode: string, ...more: readonly string[]) => (port: number) => [
    binary,
    ...["serve", "--protocol", "rpyc", "--handlers", folder.at("api.mjs"), "-q", "-m", mode],
    ...["-p", String(port), ...more],
  ];
  const real = (mode: string) => (port: number) => [
    python,
    folder.at("server.py"),
    mode,
    String(port),
  ];
  const rows: BenchRow[] = [];
  for (const mode of ["threaded", "forking"]) {
    await using ours = await startProgram(serve(mode));
    await using theirs = await startProgram(real(mode));
    const ports = [ours.port, theirs.port] as const;
    for (const count of [1, 16]) {
      // Each of 16 workers compiles for itself what it runs.
      const warm = count === 1 ? 1 : 6;
      rows.push(
        await generatorRow(generator, "rpyc", { what: mode, ports, count, runs }, warm),
      );
    }
    for (const count of [1, 16]) {
      rows.push(await pythonRow(python, CONNECT, [], { what: mode, ports, count, runs }));
    }
  }
  rows.push(
    await memoryRow("threaded", 100, "≤ 20 MiB each", 20, serve("threaded"), real("threaded")),
    await memoryRow("forking", 100, "≤ 60 MiB each", 60, serve("forking"), real("forking")),
    await memoryRow("async", 10_000, "≤ 0.05 MiB each", 0.05, serve("async")),
    await maximumRow(serve("threaded", "--max-connections", "5")),
    ...await registryRows(generator, binary, python, folder.at("registry.py"), runs),
  );
  return {
    title: "RPyC",
    note:
      `\`add(1, 2)\` over TCP against rpyc 6.0.2's own \`ThreadedServer\` and \`ForkingServer\`, ${SECONDS} s each in turns, the round of the median ratio, each server in a session of its own. The generator (\`load.c\`) has both take turns of a quarter of a second; it holds a bound method and calls it; a Python client's \`conn.root.add(1, 2)\` is three requests, and costs the client more than any server: the cores that the clients took of this machine's stand beside it.`,
    rows,
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  if (await heard(socket, "connect")) return socket;
  throw new Error("refused");
}

/** Whether the socket has that event before its end. */
function heard(socket: Socket, event: "connect" | "data"): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once(event, () => resolve(true));
    socket.once("close", () => resolve(false));
  });
}

async function memoryRow(
  mode: string,
  count: number,
  wanted: string,
  bound: number,
  ...commands: readonly ((port: number) => readonly string[])[]
): Promise<BenchRow> {
  const each: number[] = [];
  for (const command of commands) {
    await using program = await startProgram(command);
    const before = memoryOf(program.pid);
    const sockets: Socket[] = [];
    for (let index = 0; index < count; index++) sockets.push(await served(program.port));
    await delay(1000);
    each.push((memoryOf(program.pid) - before) / count);
    for (const socket of sockets) socket.destroy();
  }
  const [ours, theirs] = each as [number, number | undefined];
  const shown = (value: number) => `${value.toFixed(value < 1 ? 3 : 1)} MiB each`;
  return {
    what: `memory of ${count.toLocaleString("en")} idle connections, ${mode}`,
    ours: shown(ours),
    peer: theirs === undefined ? "" : shown(theirs),
    ratio: theirs === undefined ? "" : times(ours / theirs),
    wanted,
    holds: ours <= bound,
  };
}

const GET_ROOT = Uint8Array.from([0, 0, 0, 8, 0, 1, 0x11, 0x50, 0x11, 0x53, 0x11, 0x51, 2, 0x0a]);

/** A connection that has been answered once, so that whatever serves it is there. */
async function served(port: number): Promise<Socket> {
  const socket = await open(port);
  socket.write(GET_ROOT);
  if (!await heard(socket, "data")) throw new Error("a connection was not served");
  return socket;
}

async function maximumRow(command: (port: number) => readonly string[]): Promise<BenchRow> {
  await using program = await startProgram(command);
  let count = 0;
  const sockets: Socket[] = [];
  for (let index = 0; index < 10; index++) {
    const socket = await served(program.port).catch(() => undefined);
    if (socket === undefined) continue;
    sockets.push(socket);
    count++;
  }
  for (const socket of sockets) socket.destroy();
  return {
    what: "of 10 connections, served under `--max-connections 5`",
    ours: String(count),
    peer: "",
    ratio: "",
    wanted: "5",
    holds: count === 5,
  };
}

async function registryRows(
  generator: string,
  binary: string,
  python: string,
  realRegistry: string,
  runs: number,
): Promise<readonly BenchRow[]> {
  const [ours, theirs] = await inTurns([
    () => queriesPerSecond(generator, (port) => [binary, "registry", "-q", "-p", String(port)]),
    () => queriesPerSecond(generator, (port) => [python, realRegistry, String(port)]),
  ], runs);
  const [ms, realMs] = await inTurns([pruneOurs, () => pruneTheirs(python)], runs);
  return [atLeastTwice("registry over UDP: queries, 16 under way", ours!, theirs!), {
    what: "registry: 100,000 stale entries pruned",
    ours: `${ms!.toFixed(0)} ms`,
    peer: `${realMs!.toFixed(0)} ms`,
    ratio: times(ms! / realMs!),
    wanted: "≤ 1 ×",
    holds: ms! <= realMs!,
  }];
}

function pruneOurs(): Promise<number> {
  const entries = new ServiceEntries(240_000, { maxEntries: 200_000 });
  for (let port = 0; port < 100_000; port++) {
    entries.register(`S${port % 1000}`, { host: `h${port % 7}`, port }, 0);
  }
  const start = performance.now();
  const pruned = entries.prune(1_000_000).length;
  const ms = performance.now() - start;
  if (pruned !== 100_000) throw new Error(`${pruned} pruned`);
  return Promise.resolve(ms);
}

async function pruneTheirs(python: string): Promise<number> {
  const { code, stdout, stderr } = await run(python, ["-c", PRUNE_REAL]);
  if (code !== 0) throw new Error(stderr);
  return Number(stdout) * 1000;
}

async function queriesPerSecond(
  generator: string,
  command: (port: number) => readonly string[],
): Promise<number> {
  const port = await freePort();
  const [program, ...args] = command(port);
  const child = spawn(program!, args, { stdio: "ignore" });
  const ended = once(child, "close");
  try {
    // A question that nobody listens for yet is refused.
    let rate = 0;
    await waitUntil(async () => {
      const how = { connections: 16, warm: 2, seconds: SECONDS };
      [rate = 0] = await load(generator, "registry", [port], how);
      return true;
    }, 20_000);
    return rate;
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}
