import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { ServiceEntries } from "../../lib/rpyc/registry/mod.ts";
import { freePort } from "../../tests/support/free_port.ts";
import { pythonEnvironment, waitUntil } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { ROOT } from "../project.ts";
import { buildLoad, inTurns, load, loadWithPython, perSecond, times } from "./load.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";

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

const SECONDS = 2;

/** Calls per second, memory of idle connections and the registry, beside rpyc 6.0.2's own programs. */
export async function benchRpyc({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const generator = await buildLoad();
  const { python } = await pythonEnvironment("rpyc");
  await using folder = await tempFolder({
    "api.mjs": "export const add = (a, b) => a + b;\n",
    "server.py": REAL_SERVER,
    "registry.py": REAL_REGISTRY,
  });
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
    for (const connections of [1, 16]) {
      // Each of 16 workers compiles for itself what it runs.
      const warm = connections === 1 ? 1 : 6;
      const [a, b] = await inTurns(
        [ours, theirs].map(({ port }) => () =>
          load(generator, "rpyc", port, { connections, warm, seconds: SECONDS })
        ),
        runs,
      );
      rows.push({
        what: `${mode}, ${connections} connection${connections === 1 ? "" : "s"}, own generator`,
        ours: perSecond(a!),
        peer: perSecond(b!),
        ratio: times(a! / b!),
        wanted: "≥ 2 ×",
        holds: a! >= 2 * b!,
      });
    }
    for (const clients of [1, 16]) {
      const measured = await pythonClients([ours.port, theirs.port], python, clients, runs);
      rows.push(
        neverSlower(`${mode}, ${clients} Python client${clients === 1 ? "" : "s"}`, measured),
      );
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
      `\`add(1, 2)\` over TCP against rpyc 6.0.2's own \`ThreadedServer\` and \`ForkingServer\`, ${SECONDS} s each in turns, the median. The generator (\`load.c\`) holds a bound method and calls it; a Python client's \`conn.root.add(1, 2)\` is three requests, and costs the client more than any server: the cores that the clients took of this machine's stand beside it.`,
    rows,
  };
}

interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/** Starts a program that listens on a TCP port. */
export async function startProgram(
  command: (port: number) => readonly string[],
): Promise<Program> {
  const port = await freePort();
  const [program, ...args] = command(port);
  // As many descriptors as the system lets it have: 10,000 connections want more than is usual.
  const shell = ["-c", 'ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh", program!, ...args];
  const child: ChildProcess = spawn("sh", shell, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "close");
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    for (const pid of processTree(child.pid!).slice(1)) killQuietly(pid);
    kill();
    await ended;
  };
  try {
    await waitUntil(async () => {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
      (await open(port)).destroy();
      return true;
    }, 20_000);
  } catch (error) {
    await stop();
    throw error;
  }
  // What served the knocking is gone before anything is measured.
  await delay(1000);
  return { pid: child.pid!, port, [Symbol.asyncDispose]: stop };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
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

interface Compared {
  readonly ours: number;
  readonly theirs: number;
  readonly clientCores: number;
}

async function pythonClients(
  ports: readonly number[],
  python: string,
  clients: number,
  runs: number,
): Promise<Compared> {
  let clientCores = 0;
  const [ours, theirs] = await inTurns(
    ports.map((port, index) => async () => {
      const args = [String(port)];
      const made = await loadWithPython(python, CONNECT, args, { clients, seconds: SECONDS });
      if (index === 0) clientCores = made.clientCores;
      return made.rate;
    }),
    runs,
  );
  return { ours: ours!, theirs: theirs!, clientCores };
}

/** A line where Python clients are the limit. */
export function neverSlower(what: string, { ours, theirs, clientCores }: Compared): BenchRow {
  return {
    what: `${what} (${clientCores.toFixed(1)} cores)`,
    ours: perSecond(ours),
    peer: perSecond(theirs),
    ratio: times(ours / theirs),
    wanted: "≥ 1 ×",
    holds: ours >= theirs,
  };
}

/** Resident memory of a process and all below it, what they share counted once, in MiB. */
function memoryOf(pid: number): number {
  let sum = 0;
  for (const each of processTree(pid)) {
    try {
      const text = readFileSync(`/proc/${each}/smaps_rollup`, "utf8");
      sum += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum;
}

function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...children.get(parent) ?? [], Number(name)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  const tree = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(tree)];
  return tree(root);
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
  const entries = new ServiceEntries(240_000, { maxEntries: 200_000 });
  for (let port = 0; port < 100_000; port++) {
    entries.register(`S${port % 1000}`, { host: `h${port % 7}`, port }, 0);
  }
  const start = performance.now();
  const pruned = entries.prune(1_000_000).length;
  const ms = performance.now() - start;
  const { run } = await import("../project.ts");
  const made = await run(python, ["-c", PRUNE_REAL]);
  const realMs = Number(made.stdout) * 1000;
  if (made.code !== 0 || pruned !== 100_000) throw new Error(`${pruned} pruned; ${made.stderr}`);
  return [{
    what: "registry over UDP: queries, 16 under way",
    ours: perSecond(ours!),
    peer: perSecond(theirs!),
    ratio: times(ours! / theirs!),
    wanted: "≥ 2 ×",
    holds: ours! >= 2 * theirs!,
  }, {
    what: "registry: 100,000 stale entries pruned",
    ours: `${ms.toFixed(0)} ms`,
    peer: `${realMs.toFixed(0)} ms`,
    ratio: times(ms / realMs),
    wanted: "≤ 1 ×",
    holds: ms <= realMs,
  }];
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
      rate = await load(generator, "registry", port, how);
      return true;
    }, 20_000);
    return rate;
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}
