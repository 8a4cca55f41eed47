import type { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { WireValue } from "../../lib/rpc/mod.ts";
import { decodeMsgpack, encodeMsgpack } from "../../lib/rpc/msgpack/mod.ts";
import { frame, frameReader } from "../../lib/server/framing.ts";
import type { Framing } from "../../lib/server/mod.ts";
import { freePort } from "./free_port.ts";
import { programArguments, runPython } from "./rpyc.ts";
import { waitUntil } from "./wait_until.ts";

/** Functions that every server of a soak has. */
export const SOAK_HANDLERS = `
export const add = (a, b) => a + b;
export const echo = (text) => text;
export const slow = (ms) => new Promise((done) => setTimeout(() => done(ms), ms));
export const fail = () => { throw new Error("no"); };
export const late = () => { setTimeout(() => { throw new Error("late"); }, 1); return 1; };
export const subscribe = (callback) => {
  const timer = setInterval(() => { callback("tick"); }, 10);
  setTimeout(() => clearInterval(timer), 200);
  return 1;
};
`;

/** Counts of the clients of one server. */
export interface SoakCounts {
  calls: number;
  connections: number;
  /** The first wrong answers. */
  readonly wrong: string[];
}

/** Uses a server at a port for some seconds: connects, calls, vanishes, connects again. */
export type SoakClient = (port: number, seconds: number, seed: number) => Promise<SoakCounts>;

/** A server process. */
export interface SoakServer {
  readonly child: ChildProcess;
  readonly port: number;
  /** The end of what it printed. */
  output(): string;
}

/** Starts a server at a free port; `args` get the port appended. */
export async function startSoakServer(args: readonly string[], cwd: string): Promise<SoakServer> {
  const port = await freePort();
  const [command, ...before] = programArguments();
  const child = spawn(command, [...before, ...args, "--port", String(port)], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", XDG_CACHE_HOME: cwd },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => text = (text + String(chunk)).slice(-5000));
  }
  return { child, port, output: () => text };
}

/** Memory and open things of a process; threads and children of the pool's kind stay. */
export interface Usage {
  readonly mebibytes: number;
  readonly descriptors: number;
  readonly sockets: number;
  readonly threads: number;
  readonly children: number;
}

/** Reads the usage of a process; Linux only. */
export async function usageOf(pid: number): Promise<Usage> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(
    descriptors.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => "")),
  );
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return {
    mebibytes: Math.round(number("VmRSS") / 1024),
    descriptors: descriptors.length,
    sockets: links.filter((link) => link.startsWith("socket:")).length,
    threads: number("Threads"),
    children: children.split(" ").filter((each) => each.trim() !== "").length,
  };
}

/** A client in Python, with the real rpyc. */
export function pythonClient(kind: "rpyc" | "udp" | "tcp"): SoakClient {
  return async (port, seconds, seed) =>
    JSON.parse(
      await runPython(
        { file: "soak_client.py" },
        [kind, port, seconds, seed].map(String),
        undefined,
        seconds * 1000 + 60_000,
      ),
    );
}

/** A sequence of numbers from 0 to below `limit`, the same for the same seed. */
function numbers(seed: number): (limit: number) => number {
  let state = seed * 2654435761 % 2 ** 32;
  return (limit) => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor(state / 2 ** 32 * limit);
  };
}

async function repeat(
  seconds: number,
  counts: SoakCounts,
  once: () => Promise<void>,
): Promise<SoakCounts> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    try {
      await once();
      counts.connections++;
    } catch (error) {
      if (counts.wrong.length < 10) counts.wrong.push(String(error));
    }
    await delay(5);
  }
  return counts;
}

function check(counts: SoakCounts, value: unknown, wanted: unknown): void {
  counts.calls++;
  if (value === wanted || counts.wrong.length >= 10) return;
  counts.wrong.push(`${JSON.stringify(value)} instead of ${JSON.stringify(wanted)}`);
}

/** Connects with a socket, sends bytes and is gone without an answer. */
async function vanish(port: number, bytes: string | Uint8Array, isReset: boolean): Promise<void> {
  const socket = await connected(port);
  socket.write(bytes);
  await delay(1);
  if (isReset) socket.resetAndDestroy();
  else socket.destroy();
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
    socket.on("error", () => undefined);
  });
}

/** Calls of the soak: the message's method and parameters, and the answer; no answer for an error. */
function calls(next: (limit: number) => number, seed: number) {
  const [a, b] = [next(1000), next(1000)];
  const text = `${seed} ${a} é`;
  return [
    ["add", [a, b], a + b],
    ["echo", [text], text],
    ["slow", [next(5)], undefined],
    ["late", [], 1],
    ["fail", [], undefined],
  ] as const;
}

const HALVES = [
  "",
  "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Le",
  'POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{"id":1',
  "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
  '{"id":1,"method":"ad',
];
const WHOLE = '{"jsonrpc":"2.0","id":1,"method":"slow","params":[20]}';
const WHOLES = [
  `POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${WHOLE.length}\r\n\r\n${WHOLE}`,
  `${WHOLE}\n`,
];

/** A client over HTTP. */
export const httpClient: SoakClient = (port, seconds, seed) => {
  const next = numbers(seed);
  const counts: SoakCounts = { calls: 0, connections: 0, wrong: [] };
  return repeat(seconds, counts, async () => {
    for (const [method, params, wanted] of calls(next, seed)) {
      const response = await fetch(`http://127.0.0.1:${port}/rpc`, {
        method: "POST",
        body: JSON.stringify({ jsonrpc: "2.0", id: seed, method, params }),
      });
      const { result, id } = await response.json();
      check(counts, id, seed);
      if (wanted !== undefined) check(counts, result, wanted);
    }
    const bytes = next(2) === 0 ? HALVES[next(HALVES.length)] ?? "" : WHOLES[0] ?? "";
    await vanish(port, bytes, next(2) === 0);
    const controller = new AbortController();
    const request = fetch(`http://127.0.0.1:${port}/rpc`, {
      method: "POST",
      body: WHOLE,
      signal: controller.signal,
    });
    controller.abort();
    await request.then((response) => response.text()).catch(() => undefined);
  });
};

/** A client over WebSocket. */
export const webSocketClient: SoakClient = (port, seconds, seed) => {
  const next = numbers(seed);
  const counts: SoakCounts = { calls: 0, connections: 0, wrong: [] };
  return repeat(seconds, counts, async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error("The WebSocket was not opened"));
    });
    for (const [method, params, wanted] of calls(next, seed)) {
      const reply = new Promise<string>((resolve, reject) => {
        socket.onmessage = ({ data }) => resolve(String(data));
        socket.onclose = () => reject(new Error("The WebSocket was closed"));
      });
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: seed, method, params }));
      const { result } = JSON.parse(await reply);
      if (wanted !== undefined) check(counts, result, wanted);
    }
    socket.onclose = null;
    if (next(2) === 0) socket.send(WHOLE);
    socket.close();
    await vanish(port, HALVES[next(HALVES.length)] ?? "", next(2) === 0);
  });
};

/** A client of a stream of messages. */
export function streamClient(protocol: "jsonrpc" | "msgpackrpc", framing: Framing): SoakClient {
  return (port, seconds, seed) => {
    const next = numbers(seed);
    const counts: SoakCounts = { calls: 0, connections: 0, wrong: [] };
    const request = (method: string, params: readonly WireValue[]) =>
      frame(
        framing,
        protocol === "msgpackrpc"
          ? encodeMsgpack([0, seed, method, [...params]])
          : JSON.stringify({ jsonrpc: "2.0", id: seed, method, params }),
      );
    return repeat(seconds, counts, async () => {
      const socket = await connected(port);
      try {
        for (const [method, params, wanted] of calls(next, seed)) {
          const reply = replyOf(socket, framing, protocol);
          socket.write(request(method, params));
          const result = await reply;
          if (wanted !== undefined) check(counts, result, wanted);
        }
        if (next(2) === 0) socket.write(request("slow", [20]));
        // The beginning of a message.
        if (next(2) === 0) socket.write(request("slow", ["x".repeat(50)]).subarray(0, 20));
      } finally {
        if (next(2) === 0) socket.resetAndDestroy();
        else socket.destroy();
      }
      await vanish(port, HALVES[next(HALVES.length)] ?? "", next(2) === 0);
    });
  };
}

/** The result in the next message of a stream. */
function replyOf(
  socket: Socket,
  framing: Framing,
  protocol: "jsonrpc" | "msgpackrpc",
): Promise<unknown> {
  const reader = frameReader(framing, 1 << 20);
  return new Promise((resolve, reject) => {
    const finish = (then: () => void) => {
      socket.off("data", onData).off("close", onClose);
      then();
    };
    const onClose = () => finish(() => reject(new Error("The connection was closed")));
    const onData = (chunk: Buffer) => {
      const [message] = reader.push(chunk);
      if (message === undefined) return;
      const result = protocol === "msgpackrpc"
        ? (decodeMsgpack(message, 100) as readonly unknown[])[3]
        : (JSON.parse(new TextDecoder().decode(message)) as { result: unknown }).result;
      finish(() => resolve(result));
    };
    socket.on("data", onData).on("close", onClose);
  });
}

/** Waits until something listens. */
export async function untilListening({ child, port, output }: SoakServer): Promise<void> {
  await waitUntil(async () => {
    if (child.exitCode !== null) throw new Error(`It ended: ${output()}`);
    (await connected(port)).destroy();
    return true;
  });
}
