/** Clients that send raw messages to a server of every transport, and collect what it sends back. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { connect as connectNats } from "@nats-io/transport-node";
import { WebSocket } from "ws";
import type { MessageService } from "../../lib/rpc/mod.ts";
import { listen, type ListenAddress, type ListenOptions } from "../../lib/server/mod.ts";
import { startNats } from "./nats.ts";
import { tempFolder } from "./temp_folder.ts";
import { waitUntil } from "./wait_until.ts";

/** Names of the transports. */
export const MESSAGE_TRANSPORTS = [
  "http",
  "ws",
  "tcp",
  "tcp, framing length",
  "unix",
  "stdio",
  "zmq",
] as const;

/** One of {@link MESSAGE_TRANSPORTS}, or a NATS subject, for tests that `natsSkip` does not skip. */
export type MessageTransport = (typeof MESSAGE_TRANSPORTS)[number] | "nats";

/** A connection to a server. */
export interface MessageClient {
  send(message: string): void | Promise<void>;
  /** The messages that came back, in their order. */
  readonly replies: readonly string[];
}

/** Serves `service` over a transport as long as `use` runs. */
export async function withMessageClient(
  transport: MessageTransport,
  service: MessageService,
  use: (client: MessageClient) => Promise<void>,
  options: ListenOptions = {},
): Promise<void> {
  if (transport === "nats") return await withNatsClient(service, use, options);
  await using folder = await tempFolder();
  const input = new PassThrough();
  const written: Buffer[] = [];
  const output = { write: (bytes: Uint8Array) => void written.push(Buffer.from(bytes)) };
  const listener = await listen(addressOf(transport, folder.at("rpc.sock")), service, {
    ...options,
    ...(transport === "stdio" ? { stdio: { input, output } } : {}),
  });
  const port = listener.port ?? 0;
  const close: (() => void)[] = [];
  try {
    switch (transport) {
      case "http":
        return await use(httpClient(listener.url));
      case "stdio":
        return await use({
          send: (message) => void input.write(`${message}\n`),
          get replies() {
            return linesOf(Buffer.concat(written));
          },
        });
      case "ws": {
        const socket = new WebSocket(listener.url);
        close.push(() => socket.terminate());
        const replies: string[] = [];
        socket.on("message", (data) => replies.push(String(data)));
        await once(socket, "open");
        return await use({ replies, send: (message) => socket.send(message) });
      }
      default: {
        const socket = transport === "unix"
          ? connect(folder.at("rpc.sock"))
          : connect(port, "127.0.0.1");
        close.push(() => socket.destroy());
        await use(await socketClient(transport, socket));
      }
    }
  } finally {
    for (const end of close) end();
    input.end();
    await listener.close();
  }
}

async function withNatsClient(
  service: MessageService,
  use: (client: MessageClient) => Promise<void>,
  options: ListenOptions,
): Promise<void> {
  await using nats = await startNats();
  const subject = "rpc";
  const listener = await listen(
    { transport: "nats", server: nats.address, secure: false, subject, queue: subject },
    service,
    options,
  );
  const connection = await connectNats({ servers: nats.address, noAsyncTraces: true });
  const replies: string[] = [];
  const send = async (message: string) => {
    // A notification is answered with an empty message.
    const { data } = await connection.request(subject, message, { timeout: 5000 });
    if (data.length > 0) replies.push(new TextDecoder().decode(data));
  };
  try {
    await use({ replies, send });
  } finally {
    await connection.close();
    await listener.close();
  }
}

function addressOf(transport: (typeof MESSAGE_TRANSPORTS)[number], path: string): ListenAddress {
  const host = { host: "127.0.0.1", port: 0 };
  switch (transport) {
    case "http":
    case "ws":
      return { transport, ...host, path: "/rpc" };
    case "tcp, framing length":
      return { transport: "tcp", ...host, framing: "length" };
    case "tcp":
    case "zmq":
      return { transport, ...host };
    case "unix":
      return { transport, path };
    case "stdio":
      return { transport };
  }
}

function httpClient(url: string): MessageClient {
  const replies: string[] = [];
  return {
    replies,
    async send(body) {
      const response = await fetch(url, { method: "POST", body });
      const text = await response.text();
      if (text !== "") replies.push(text);
    },
  };
}

async function socketClient(
  transport: "tcp" | "tcp, framing length" | "unix" | "zmq",
  socket: Socket,
): Promise<MessageClient> {
  let held = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => held = Buffer.concat([held, chunk]));
  await once(socket, "connect");
  if (transport === "zmq") {
    socket.write(Buffer.from(GREETING + READY_DEALER, "hex"));
    // The greeting of the server and its READY command.
    await waitUntil(() => held.length >= 64 + 43);
    held = held.subarray(64 + 43);
  }
  return {
    send(message) {
      const bytes = Buffer.from(message);
      if (transport === "tcp" || transport === "unix") return void socket.write(`${message}\n`);
      const length = Buffer.alloc(transport === "zmq" ? 8 : 4);
      if (transport === "zmq") length.writeBigUInt64BE(BigInt(bytes.length));
      else length.writeUInt32BE(bytes.length);
      const head = transport === "zmq" ? Buffer.from([2]) : Buffer.alloc(0);
      socket.write(Buffer.concat([head, length, bytes]));
    },
    get replies() {
      if (transport === "zmq") return framesOf(held);
      return transport === "tcp, framing length" ? lengthsOf(held) : linesOf(held);
    },
  };
}

// As libzmq's DEALER sends them.
const GREETING = "ff00000000000000017f03014e554c4c".padEnd(128, "0");
const READY_DEALER =
  "04290552454144590b536f636b65742d54797065000000064445414c4552084964656e7469747900000000";

function linesOf(bytes: Buffer): string[] {
  return String(bytes).split("\n").slice(0, -1);
}

function lengthsOf(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    messages.push(bytes.toString("utf8", at + 4, end));
    at = end;
  }
  return messages;
}

function framesOf(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const isLong = ((bytes[at] ?? 0) & 2) !== 0;
    const start = at + (isLong ? 9 : 2);
    const end = start + (isLong ? Number(bytes.readBigUInt64BE(at + 1)) : bytes[at + 1] ?? 0);
    messages.push(bytes.toString("utf8", start, end));
    at = end;
  }
  return messages;
}
