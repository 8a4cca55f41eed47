import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import type { CallContext } from "../../rpc/mod.ts";
import { handleMessage, type MessageService, type Reply } from "../../rpc/mod.ts";
import { traceReply } from "../../rpc/mod.ts";
import { authorityOf } from "./host_check.ts";
import type { WebSocketEndpoint } from "./websocket_endpoint.ts";

/** Options of {@link serveWebSocket}. Times in milliseconds. */
export interface WebSocketOptions {
  readonly path: string;
  /** Bytes of one message. @default {4 MiB} */
  readonly maxMessage?: number;
  /** Interval of pings; a peer that does not answer is closed. @default {30000} */
  readonly pingInterval?: number;
}

/**
 * Serves messages over WebSocket, one after the other for each connection. A notification gets an empty reply: tinyrpc's
 * client reads one for every message.
 */
export function serveWebSocket(
  service: MessageService,
  options: WebSocketOptions,
): WebSocketEndpoint {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessage ?? 4 * 1024 * 1024,
    perMessageDeflate: false,
    clientTracking: false,
    // tinyrpc's client sends MessagePack in text frames.
    skipUTF8Validation: service.protocol.binary,
  });
  const open = new Set<Connection>();
  const ping = setInterval(() => {
    for (const connection of open) connection.ping();
  }, options.pingInterval ?? 30_000);
  ping.unref?.();
  return {
    upgrade(request, socket, head, identity) {
      const path = (request.url ?? "/").split("?", 1)[0];
      socket.on("error", () => socket.destroy());
      if (path !== options.path) {
        socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
        const connection = new Connection(service, webSocket, request, identity);
        open.add(connection);
        webSocket.once("close", () => open.delete(connection));
      });
    },
    async close(graceMs) {
      clearInterval(ping);
      const closing = [...open].map((connection) => connection.close(graceMs));
      await Promise.all(closing);
      server.close();
    },
  };
}

class Connection {
  readonly #service: MessageService;
  readonly #socket: WebSocket;
  readonly #context: CallContext;
  readonly #abort = new AbortController();
  /** Settles when the last message is answered: messages are answered in order. */
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #alive = true;

  constructor(
    service: MessageService,
    socket: WebSocket,
    request: IncomingMessage,
    identity: unknown,
  ) {
    this.#service = service;
    this.#socket = socket;
    const { remoteAddress = "", remotePort = 0 } = request.socket;
    this.#context = {
      transport: "ws",
      remote: authorityOf(remoteAddress, remotePort),
      headers: request.headers,
      identity,
      signal: this.#abort.signal,
    };
    socket.on("message", (data) => this.#receive(bytesOf(data)));
    socket.on("pong", () => {
      this.#alive = true;
    });
    socket.on("error", () => socket.terminate());
    socket.once("close", () => this.#abort.abort());
  }

  ping(): void {
    if (!this.#alive) return this.#socket.terminate();
    this.#alive = false;
    this.#socket.ping();
  }

  async close(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([this.#last, late]);
    clearTimeout(timer);
    this.#socket.close(1001);
    setTimeout(() => this.#socket.terminate(), 500).unref?.();
  }

  #receive(message: Uint8Array): void {
    // Stops reading from a peer that sends faster than it is answered.
    if (++this.#waiting >= MAX_WAITING) this.#socket.pause?.();
    this.#last = this.#last.then(() => this.#answer(message)).finally(() => {
      if (--this.#waiting === MAX_WAITING - 1) this.#socket.resume?.();
    });
  }

  async #answer(message: Uint8Array): Promise<void> {
    const reply = await handleMessage(this.#service, message, this.#context);
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    await this.#send(reply ?? "");
    traceReply(this.#service, this.#context, reply);
  }

  #send(reply: NonNullable<Reply>): Promise<void> {
    const binary = typeof reply !== "string";
    // Waiting for the write bounds the replies to a peer that does not read.
    return new Promise((resolve) => this.#socket.send(reply, { binary }, () => resolve()));
  }
}

const MAX_WAITING = 64;

/** Returns the content of a message as one array. */
export function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : typeof data === "string"
    ? Buffer.from(data)
    : data;
}
