/**
 * Wrong messages by the thousand for every transport and protocol of the server, with right ones between them that must
 * be answered. `deno task fuzz` runs 200,000; a test runs a seeded hundredth.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { connect as connectNats, type NatsConnection } from "@nats-io/transport-node";
import { WebSocket } from "ws";
import { createMockDispatcher, createSampler } from "../../lib/mock/mod.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import {
  jsonrpcProtocol,
  type Protocol,
  pyrpcProtocol,
  tinyrpcJsonrpcProtocol,
  type WireValue,
} from "../../lib/rpc/mod.ts";
import { encodeMsgpack, msgpackrpcProtocol } from "../../lib/rpc/msgpack/mod.ts";
import { type HttpLimits, listen, type Listener, parseListenUrl } from "../../lib/server/mod.ts";
import { natsSkip, startNats } from "./nats.ts";
import { tempFolder } from "./temp_folder.ts";

/** Options of {@link fuzz}. */
export interface FuzzOptions {
  /** Messages in all. */
  readonly count: number;
  readonly seed: number;
  /** Told after each transport and protocol. */
  readonly onProgress?: (line: string) => void;
}

/** The result of a run. */
export interface FuzzResult {
  readonly messages: number;
  /** Right messages between the wrong ones, each of them answered. */
  readonly controls: number;
}

const LIMITS: HttpLimits = {
  maxBody: 20_000,
  maxConnections: 1000,
  headersTimeout: 300,
  requestTimeout: 400,
  idleTimeout: 500,
};
const PATIENCE_MS = 20_000;
const PER_CONNECTION = 20;
const CONNECTIONS = 12;

const contract = parseContract(
  JSON.parse(readFileSync(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8")),
  { where: "shop.schema.json" },
);
const NAMES = [...contract.procedures.keys()];
const PROTOTYPE_NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  "users",
  ".",
];
const PROTOCOLS = [
  pyrpcProtocol,
  jsonrpcProtocol,
  tinyrpcJsonrpcProtocol,
  msgpackrpcProtocol,
];
const TRANSPORTS = ["http", "ws", "tcp", "unix", "zmq", "stdio", "nats"] as const;

/** @throws Error for a hang, a wrong answer to a right message, or a server that does not close. */
export async function fuzz({ count, seed, onProgress }: FuzzOptions): Promise<FuzzResult> {
  await using nats = natsSkip === false ? await startNats() : undefined;
  const transports = TRANSPORTS.filter((name) => name !== "nats" || nats !== undefined);
  const share = Math.ceil(count / (PROTOCOLS.length * transports.length));
  let messages = 0;
  let controls = 0;
  for (const protocol of PROTOCOLS) {
    for (const transport of transports) {
      const random = randomOf(`${seed} ${protocol.name} ${transport}`);
      const make = new Messages(protocol, random);
      const target = await startTarget(transport, protocol, nats?.address);
      try {
        let left = share;
        const worker = async () => {
          while (left > 0) {
            left -= PER_CONNECTION;
            await within(
              attack(target, make, random),
              `${protocol.name} over ${transport} hangs`,
            );
            messages += PER_CONNECTION;
            if (random() < 0.2) {
              await within(control(target, make), `${protocol.name} over ${transport} is deaf`);
              controls++;
            }
          }
        };
        await Promise.all(Array.from({ length: CONNECTIONS }, worker));
        await within(
          control(target, make),
          `${protocol.name} over ${transport} is deaf at the end`,
        );
        controls++;
      } finally {
        await within(target.close(), `${protocol.name} over ${transport} does not close`);
      }
      onProgress?.(`${protocol.name} over ${transport}: ${messages} messages so far`);
    }
  }
  return { messages, controls };
}

interface Target {
  readonly transport: typeof TRANSPORTS[number];
  readonly protocol: Protocol;
  readonly port: number;
  readonly path: string;
  /** A connection to the NATS server, for that transport. */
  readonly nats: NatsConnection | undefined;
  /** Standard input and output of one more server. */
  pipe(): { readonly input: PassThrough; readonly ended: Promise<string> };
  close(): Promise<void>;
}

async function startTarget(
  transport: typeof TRANSPORTS[number],
  protocol: Protocol,
  server: string | undefined,
): Promise<Target> {
  const service = {
    protocol,
    dispatcher: createMockDispatcher({ contract, random: () => 0.5 }),
  };
  const folder = await tempFolder();
  const path = join(folder.path, "rpc.sock");
  const at = { host: "127.0.0.1", port: 0, path: transport === "ws" ? "/ws" : "/rpc" };
  const pipe = () => {
    const input = new PassThrough();
    let output = "";
    const write = (bytes: Uint8Array) => void (output += Buffer.from(bytes).toString("latin1"));
    const ended = listen({ transport: "stdio" }, service, {
      limits: LIMITS,
      stdio: { input, output: { write } },
    }).then(async (listener) => {
      await listener.ended;
      return output;
    });
    return { input, ended };
  };
  let listener: Listener | undefined;
  let nats: NatsConnection | undefined;
  if (transport === "nats") {
    const url = parseListenUrl(`nats://${server}/fuzz`);
    listener = await listen(url, service, { limits: LIMITS });
    nats = await connectNats({ servers: server!, noAsyncTraces: true });
  } else if (transport === "unix") {
    listener = await listen({ transport, path }, service, { limits: LIMITS });
  } else if (transport !== "stdio") {
    listener = await listen({ transport, ...at }, service, { limits: LIMITS });
  }
  return {
    transport,
    protocol,
    port: listener?.port ?? 0,
    path,
    nats,
    pipe,
    async close() {
      await listener?.close(100);
      await nats?.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function attack(target: Target, make: Messages, random: () => number): Promise<void> {
  const wrong = Array.from({ length: PER_CONNECTION }, () => make.wrong());
  switch (target.transport) {
    case "ws":
      return await attackWebSocket(target, wrong, random);
    case "nats":
      // Nothing is torn here, so that each of them has an answer, unless it goes without an inbox.
      await Promise.all(wrong.map(async (message) => {
        if (random() < 0.1) target.nats!.publish("fuzz", message);
        else await target.nats!.request("fuzz", message, { timeout: PATIENCE_MS });
      }));
      return;
    case "stdio": {
      const { input, ended } = target.pipe();
      input.end(make.damaged(Buffer.concat(wrong.map((message) => framed(target, message))), 0.3));
      await ended;
      return;
    }
    default: {
      const bytes = Buffer.concat(wrong.map((message) => framed(target, message, random)));
      const start = target.transport === "zmq" ? GREETING : Buffer.alloc(0);
      await throwAt(open(target), Buffer.concat([start, make.damaged(bytes, 0.3)]), random);
    }
  }
}

// Sends all, then ends, goes away, or waits until the server has had enough.
async function throwAt(socket: Socket, bytes: Buffer, random: () => number): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => undefined);
  socket.resume();
  const end = random();
  if (end < 0.1) {
    socket.write(bytes.subarray(0, Math.floor(bytes.length * random())));
    setTimeout(() => socket.destroy(), 5);
  } else if (end < 0.12) socket.write(bytes);
  else socket.end(bytes);
  await closed;
}

function attackWebSocket(
  { port }: Target,
  wrong: readonly Buffer[],
  random: () => number,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    // Not every message has a reply; the answer to a ping comes after them.
    socket.on("pong", () => socket.terminate());
    socket.on("open", () => {
      for (const message of wrong) socket.send(message, { binary: random() < 0.5 });
      if (random() < 0.1) socket.terminate();
      else socket.ping();
    });
  });
}

/** A right message on a connection of its own, whose answer must be right. */
async function control(target: Target, make: Messages): Promise<void> {
  const message = make.right("add", [1, 2]);
  const reply = await answerTo(target, message);
  const isAnswer = target.protocol.binary
    ? reply.includes("\x94\x01\x01\xc0")
    : /"result":-?\d+/.test(reply);
  if (!isAnswer) {
    throw new Error(
      `${target.protocol.name} over ${target.transport} answered ${reply.slice(0, 200)}`,
    );
  }
}

// On a machine that stands still for longer than the limits, the server may close a connection whose bytes it has not seen.
async function answerTo(target: Target, message: Buffer, attempts = 5): Promise<string> {
  const start = performance.now();
  try {
    const reply = await exchange(target, message);
    if (reply === "") throw new Error("The connection ended without an answer");
    return reply;
  } catch (cause) {
    const isLate = performance.now() - start > LIMITS.headersTimeout;
    if (isLate && attempts > 1) return await answerTo(target, message, attempts - 1);
    throw new Error(`${target.protocol.name} over ${target.transport} ends connections`, { cause });
  }
}

async function exchange(target: Target, message: Buffer): Promise<string> {
  if (target.transport === "ws") {
    return await new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${target.port}/ws`);
      socket.on("error", reject);
      socket.on("open", () => socket.send(message, { binary: true }));
      socket.on("message", (data) => {
        resolve(Buffer.from(data as Buffer).toString("latin1"));
        socket.terminate();
      });
    });
  }
  if (target.transport === "stdio") {
    const { input, ended } = target.pipe();
    input.end(framed(target, message));
    return await ended;
  }
  if (target.nats !== undefined) {
    const { data } = await target.nats.request("fuzz", message, { timeout: PATIENCE_MS });
    return Buffer.from(data).toString("latin1");
  }
  const socket = open(target);
  const parts: Buffer[] = [];
  const closed = new Promise<void>((resolve, reject) => {
    socket.on("data", (chunk: Buffer) => {
      parts.push(chunk);
      if (target.transport === "zmq" && Buffer.concat(parts).length > 112) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve());
  });
  const bytes = framed(target, message);
  if (target.transport === "zmq") socket.write(Buffer.concat([GREETING, bytes]));
  // Some engines take the end of an HTTP client's bytes for the end of its interest.
  else if (target.transport === "http") socket.write(bytes);
  else socket.end(bytes);
  await closed;
  return Buffer.concat(parts).toString("latin1");
}

function open({ transport, port, path }: Target): Socket {
  return transport === "unix" ? connect(path) : connect(port, "127.0.0.1");
}

const GREETING = Buffer.concat([
  Buffer.from("ff00000000000000017f03014e554c4c".padEnd(128, "0"), "hex"),
  Buffer.from("0419055245414459" + "0b536f636b65742d5479706500000003524551", "hex"),
]);

function framed(target: Target, message: Buffer, random: () => number = () => 0): Buffer {
  switch (target.transport) {
    case "http": {
      const type = TYPES[Math.floor(random() * TYPES.length)];
      const length = random() < 0.9 ? message.length : Math.floor(random() * 1e6);
      const path = random() < 0.95 ? "/rpc" : "/rpc/%ff?x=\u00e9";
      const close = random() === 0 ? "Connection: close\r\n" : "";
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${close}`;
      return Buffer.concat([Buffer.from(`${head}Content-Length: ${length}\r\n\r\n`), message]);
    }
    case "zmq": {
      const head = Buffer.alloc(9);
      head.writeUInt8(2);
      head.writeBigUInt64BE(BigInt(message.length), 1);
      return Buffer.concat([Buffer.from([1, 0]), head, message]);
    }
    default: {
      // MessagePack-RPC has no framing.
      return target.protocol.binary ? message : Buffer.concat([message, Buffer.from("\n")]);
    }
  }
}

const TYPES = ["application/json", "text/plain", "multipart/form-data; boundary=x", "\u00ff/*", ""];

/** Makes messages of one protocol. */
class Messages {
  readonly #protocol: Protocol;
  readonly #random: () => number;
  readonly #sampler = createSampler();

  constructor(protocol: Protocol, random: () => number) {
    this.#protocol = protocol;
    this.#random = random;
  }

  right(method: string, params: WireValue, id: WireValue = 1): Buffer {
    return this.#protocol.binary
      ? Buffer.from(encodeMsgpack([0, id, method, params]))
      : Buffer.from(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  }

  wrong(): Buffer {
    const random = this.#random();
    if (random < 0.5) return this.damaged(this.#almostRight(), 0.8);
    if (random < 0.6) return this.#bytes(Math.floor(this.#random() * 60));
    if (random < 0.65) return Buffer.from("[".repeat(1 + Math.floor(this.#random() * 5000)));
    if (random < 0.7) return Buffer.from(`[${"{},".repeat(this.#int(150))}5]`);
    if (random < 0.75) return Buffer.from(`{"id":${"9".repeat(this.#int(9000))}}`);
    if (random < 0.8) return Buffer.alloc(this.#int(30_000), 0x20);
    return this.#almostRight();
  }

  /** The bytes with a few of them changed, with so much likelihood. */
  damaged(bytes: Buffer, likelihood: number): Buffer {
    if (this.#random() > likelihood || bytes.length === 0) return bytes;
    let damaged = Buffer.from(bytes);
    for (let times = 1 + this.#int(4); times > 0; times--) {
      const at = this.#int(damaged.length);
      const kind = this.#random();
      if (kind < 0.4) damaged[at] = this.#int(256);
      else if (kind < 0.6) damaged = Buffer.from(damaged.subarray(0, at + 1));
      else if (kind < 0.8) {
        damaged = Buffer.concat([damaged.subarray(0, at), this.#bytes(5), damaged.subarray(at)]);
      } else {
        const end = at + this.#int(20);
        damaged = Buffer.concat([damaged.subarray(0, end), damaged.subarray(at)]);
      }
    }
    return damaged;
  }

  #almostRight(): Buffer {
    const name = this.#random() < 0.2 ? this.#pick(PROTOTYPE_NAMES) : this.#pick(NAMES);
    const procedure = contract.procedures.get(name);
    const args = procedure === undefined
      ? { [this.#pick(PROTOTYPE_NAMES)]: 1 }
      : this.#sampler.arguments(procedure, String(this.#int(50)));
    const values = Object.values(args);
    if (this.#random() < 0.5 && values.length > 0) {
      values[this.#int(values.length)] = this.#strange();
    }
    const named = !this.#protocol.binary && this.#random() < 0.5;
    return this.right(name, named ? { ...args, ["__proto__"]: 1 } : values, this.#strange());
  }

  #strange(): never {
    const values: readonly unknown[] = [
      1,
      0,
      -1,
      "x",
      "\ud800",
      "\u0000",
      1e308,
      -0,
      1.5,
      null,
      true,
      [],
      {},
      [[[[[]]]]],
      "9".repeat(40),
      { toString: "x", constructor: null },
      2 ** 53,
    ];
    return this.#pick(values) as never;
  }

  #bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#int(256)));
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#int(list.length)]!;
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }
}

// mulberry32, seeded by a text: the same run each time.
function randomOf(text: string): () => number {
  let state = 2166136261;
  for (const char of text) state = Math.imul(state ^ char.charCodeAt(0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

async function within<T>(promise: Promise<T>, problem: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(problem)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
