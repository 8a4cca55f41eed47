import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import {
  generatorRow,
  highestCpu,
  type MeasuredRow,
  pythonRow,
  ROUND_SECONDS,
  setUpComparison,
  startProgram,
} from "./server_comparison.ts";
import { floorRate, perSecond, times } from "./load.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";
import { memoryOf } from "./process_tree.ts";

const SERVER_MODULE = `
import sys, rpyc
from rpyc.utils.server import ForkingServer, ThreadedServer
class CalcService(rpyc.Service):
    def exposed_add(self, a, b): return a + b
kind = {"threaded": ThreadedServer, "forking": ForkingServer}[sys.argv[1]]
kind(CalcService, hostname="127.0.0.1", port=int(sys.argv[2])).start()
`;

const CONNECT = `
import rpyc
def connect(port):
    root = rpyc.connect("127.0.0.1", port).root
    return lambda a, b: root.add(a, b)
`;

/** Minimum ratios of our rate to that of rpyc's server. */
const TARGETS = {
  threaded: { connections: { 1: 2, 16: 2 }, python: 1 },
  forking: { connections: { 1: 1.5, 16: 1 }, python: 1 },
} as const;

/** Calls per second and memory of idle connections, compared with rpyc 6.0.2's own servers. */
export async function benchRpyc({ runs: rounds }: BenchOptions): Promise<BenchResult> {
  await using comparison = await setUpComparison("rpyc", { "server.py": SERVER_MODULE });
  const { binary, generator, python, folder } = comparison;
  const serve = (mode: string) => (port: number) => [
    binary,
    ...["serve", "--protocol", "rpyc", "--handlers", folder.at("api.mjs"), "-q", "-m", mode],
    ...["-p", String(port)],
  ];
  const real = (mode: string) => (port: number) => [
    python,
    folder.at("server.py"),
    mode,
    String(port),
  ];
  const generated: MeasuredRow[] = [];
  const fromPython: MeasuredRow[] = [];
  for (const mode of ["threaded", "forking"] as const) {
    const target = TARGETS[mode];
    await using ours = await startProgram(serve(mode));
    await using theirs = await startProgram(real(mode));
    const options = {
      name: mode,
      ports: [ours.port, theirs.port],
      seconds: ROUND_SECONDS,
      rounds,
    } as const;
    for (const connections of [1, 16] as const) {
      generated.push(
        await generatorRow(generator, "rpyc", {
          ...options,
          connections,
          target: target.connections[connections],
          // Each of 16 workers or children compiles its own code.
          warm: connections === 1 ? 2 : 10,
        }),
      );
    }
    fromPython.push(
      await pythonRow(python, CONNECT, [], { ...options, target: target.python, warm: 1 }),
    );
  }
  const floor = await floorRate(generator, ROUND_SECONDS);
  return {
    title: "RPyC",
    note:
      `\`add(a, b)\` over TCP against rpyc 6.0.2's own \`ThreadedServer\` and \`ForkingServer\`; the arguments never repeat. Both servers run at the same time and take turns, ${ROUND_SECONDS} s each per round; each rate is the median of ${rounds} rounds. The generator (\`load.c\`) holds a bound method and calls it; it used at most ${
        highestCpu(generated)
      } of a core. The Python client calls \`conn.root.add(a, b)\`, which is three requests; it used up to ${
        highestCpu(fromPython)
      } of a core, so that its rows show what a user sees and less than what the server can do. With one connection nearly all of a call is the system's: a server in C that sends a prepared answer reaches ${
        perSecond(floor)
      }; two thirds of the processor time of ours are the system's (receive, send, wait), a quarter that of Bun's sockets and streams, a tenth that of RPyC itself. The rows do not show handlers that compute or wait, TLS, a network, or more cores than this machine has.`,
    rows: [
      ...[...generated, ...fromPython].map(({ row }) => row),
      await memoryRow("threaded", 100, "≤ 20 MiB each", 20, serve("threaded"), real("threaded")),
      await memoryRow("forking", 100, "≤ 60 MiB each", 60, serve("forking"), real("forking")),
      await memoryRow("async", 10_000, "≤ 0.05 MiB each", 0.05, serve("async")),
    ],
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  if (await heard(socket, "connect")) return socket;
  throw new Error("refused");
}

/** Returns false if the socket closes before it has that event. */
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

/** Opens a connection and waits for one answer, so that its worker or child is running. */
async function served(port: number): Promise<Socket> {
  const socket = await open(port);
  socket.write(GET_ROOT);
  if (!await heard(socket, "data")) throw new Error("a connection was not served");
  return socket;
}
