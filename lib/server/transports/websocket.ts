import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import type { CallContext } from "../../rpc/mod.ts";
import { handleMessage, type MessageService, type Reply } from "../../rpc/mod.ts";
import { traceReply } from "../../rpc/mod.ts";
import { DEFAULT_IN_FLIGHT, InFlight } from "../in_flight.ts";
import { authorityOf, remoteOf } from "./host_check.ts";
import type { OnConnection } from "./stream_connections.ts";
import type { WebSocketEndpoint } from "./websocket_endpoint.ts";
import { webSocketFailure } from "./websocket_failure.ts";

/** Options of {@link serveWebSocket}. Times in milliseconds. */
export interface WebSocketOptions {
  readonly path: string;
  /** Bytes of one message. @default {4 MiB} */
  readonly maxMessage?: number;
  /** Calls of one connection that run at a time; no further message is read meanwhile. @default {100} */
  readonly maxInFlight?: number;
  /** Interval of pings; a peer that does not answer is closed. @default {30000} */
  readonly pingInterval?: number;
  /** Receives connections that fail. */
  readonly onConnection?: OnConnection;
}

const PING_INTERVAL = 30_000;
const MAX_MESSAGE = 4 * 1024 * 1024;

/** Serves messages over WebSocket. Replies are sent as the calls finish. */
export function serveWebSocket(
  service: MessageService,
  options: WebSocketOptions,
): WebSocketEndpoint {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessage ?? MAX_MESSAGE,
    perMessageDeflate: false,
    clientTracking: false,
    // tinyrpc's client sends MessagePack in text frames.
    skipUTF8Validation: service.protocol.binary,
  });
  const open = new Set<Connection>();
  const ping = setInterval(() => {
    for (const connection of open) connection.ping();
  }, options.pingInterval ?? PING_INTERVAL);
  ping.unref?.();
  return {
    upgrade(request, socket, head, identity) {
      const path = (request.url ?? "/").split("?", 1)[0];
      socket.on("error", () => socket.destroy());
      if (path !== options.path) {
        options.onConnection?.("refused", remoteOf(socket), `WebSocket is at ${options.path}`);
        socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
        const connection = new Connection(service, webSocket, { ...options, request, identity });
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
  readonly #options: WebSocketOptions;
  readonly #inFlight: InFlight;
  /** Messages that arrived before the socket was paused. */
  readonly #waiting: Uint8Array[] = [];
  #isPaused = false;
  #alive = true;

  constructor(service: MessageService, socket: WebSocket, options: ConnectionOptions) {
    const { request, identity } = options;
    this.#service = service;
    this.#socket = socket;
    this.#options = options;
    this.#inFlight = new InFlight(options.maxInFlight ?? DEFAULT_IN_FLIGHT);
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
    socket.on("error", (error) => {
      const reason = webSocketFailure(error, options.maxMessage ?? MAX_MESSAGE);
      if (reason !== undefined) this.#fail(reason);
      socket.terminate();
    });
    socket.once("close", () => this.#abort.abort());
  }

  ping(): void {
    if (!this.#alive) {
      this.#fail(`It did not answer a ping in ${this.#options.pingInterval ?? PING_INTERVAL} ms`);
      return this.#socket.terminate();
    }
    this.#alive = false;
    this.#socket.ping();
  }

  async close(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([this.#inFlight.idle(), late]);
    clearTimeout(timer);
    this.#socket.close(1001);
    setTimeout(() => this.#socket.terminate(), 500).unref?.();
  }

  #fail(reason: string): void {
    this.#options.onConnection?.("failed", this.#context.remote, reason);
  }

  #receive(message: Uint8Array): void {
    this.#waiting.push(message);
    this.#startWaiting();
  }

  // Stops reading from a peer that sends faster than it is answered.
  #startWaiting(): void {
    while (!this.#inFlight.isFull) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#inFlight.add(this.#answer(message));
    }
    if (this.#isPaused || !this.#inFlight.isFull) return;
    this.#isPaused = true;
    this.#socket.pause?.();
    void this.#inFlight.room().then(() => {
      this.#isPaused = false;
      this.#startWaiting();
      if (!this.#isPaused) this.#socket.resume?.();
    });
  }

  async #answer(message: Uint8Array): Promise<void> {
    const reply = await handleMessage(this.#service, message, this.#context);
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (reply === undefined && this.#service.protocol.answersNotifications !== true) return;
    await this.#send(reply ?? "");
    traceReply(this.#service, this.#context, reply);
  }

  #send(reply: NonNullable<Reply>): Promise<void> {
    const binary = typeof reply !== "string";
    // Waiting for the write bounds the replies to a peer that does not read.
    return new Promise((resolve) => this.#socket.send(reply, { binary }, () => resolve()));
  }
}

interface ConnectionOptions extends WebSocketOptions {
  readonly request: IncomingMessage;
  readonly identity: unknown;
}

/** Returns the content of a message as one array. */
export function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : typeof data === "string"
    ? Buffer.from(data)
    : data;
}
