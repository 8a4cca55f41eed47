import { Agent, type ClientRequest } from "node:http";
import type { Duplex } from "node:stream";
import { connect, type HttpConnection } from "./connect.ts";
import { failureOf, HttpFailure } from "./failure.ts";

/** Limit of concurrent requests. More wait. */
const MAX_REQUESTS = 256;
/** Time that an idle connection is kept (ms). Servers keep theirs longer: at least a second, most 2 to 75. */
const IDLE_MS = 500;

/** Options of {@link Connections}. */
export interface ConnectionsOptions {
  /** Use a connection for several requests. @default {false} */
  readonly keepAlive?: boolean;
  /** Time to open a connection, TLS and proxy included, in milliseconds. @default {30000} */
  readonly timeoutMs?: number;
}

/**
 * The connections to one server, as an agent of `node:http`.
 *
 * A request on a kept connection fails if the server closes it at that moment, and must not be repeated, since the server
 * may have executed it. So idle connections are closed early, and even earlier once the server was the first to close one.
 */
export class Connections extends Agent {
  /** The path of each request, or the whole URL. */
  readonly path: string;
  /** Headers of each request, which may replace them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #to: HttpConnection;
  readonly #timeoutMs: number;
  readonly #opened = new Set<Duplex>();
  /** Idle connections and the time since when they are idle, the oldest first. */
  readonly #idle = new Map<Duplex, number>();
  readonly #watched = new WeakSet<Duplex>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #idleMs = IDLE_MS;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #polled: Promise<void> | undefined;
  #isClosed = false;

  constructor(
    to: HttpConnection,
    { keepAlive = false, timeoutMs = 30_000 }: ConnectionsOptions = {},
  ) {
    // Deno's `node:http` repeats a request by itself when a kept connection turns out to be closed.
    const keepsAlive = keepAlive && !("Deno" in globalThis);
    super({ keepAlive: keepsAlive, maxFreeSockets: MAX_REQUESTS, scheduling: "lifo" });
    this.path = pathOf(to);
    this.headers = headersOf(to, keepsAlive);
    this.#to = to;
    this.#timeoutMs = timeoutMs;
  }

  /** True after {@link close}. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Waits until another request may be sent. Every call needs a {@link release}. */
  async acquire(): Promise<void> {
    if (this.#running < MAX_REQUESTS) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    // Process a close that has already arrived before an idle connection is used.
    if (this.#idle.size > 0) await this.#poll();
  }

  /** Waits for the end of this tick. */
  #poll(): Promise<void> {
    return this.#polled ??= new Promise((resolve) =>
      setImmediate(() => {
        this.#polled = undefined;
        resolve();
      })
    );
  }

  /** Ends a request that {@link acquire} began. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }

  /** Closes all connections; requests on them fail. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    for (const socket of this.#opened) socket.destroy();
    this.destroy();
  }

  override createConnection(
    _options: object,
    done?: (error: Error | null, socket: Duplex) => void,
  ): Duplex {
    this.#connect().then(
      (socket) => done?.(null, socket),
      (error) => (done as (error: Error) => void)(failureOf(error)),
    );
    // Some versions of the types require a socket here, although the callback may deliver it later.
    return undefined as unknown as Duplex;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    super.keepSocketAlive(socket);
    if (this.#isClosed || this.#idleMs < 1) return false;
    if (!this.#watched.has(socket)) this.#watch(socket);
    this.#idle.set(socket, performance.now());
    this.#idleTimer ??= setTimeout(() => this.#closeIdle(), this.#idleMs);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    const ms = this.#endIdle(socket);
    super.reuseSocket(socket, request);
    request.on("error", (error) => {
      if (failureOf(error).kind === "closed") this.#shorten(ms);
    });
  }

  /** Ends the idle time of a connection and returns it. */
  #endIdle(socket: Duplex): number {
    const now = performance.now();
    const since = this.#idle.get(socket) ?? now;
    this.#idle.delete(socket);
    return now - since;
  }

  /** Watches a connection whenever it is idle. */
  #watch(socket: Duplex): void {
    this.#watched.add(socket);
    const closed = () => {
      if (!this.#idle.has(socket)) return;
      this.#shorten(this.#endIdle(socket));
      socket.destroy();
    };
    socket.once("end", closed);
    socket.once("close", closed);
    socket.on("data", () => {
      // Unexpected bytes would become part of the next answer.
      if (this.#idle.has(socket)) socket.destroy();
    });
  }

  /** Closes connections that are idle for too long. */
  #closeIdle(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    const now = performance.now();
    for (const [socket, since] of this.#idle) {
      const left = since + this.#idleMs - now;
      if (left > 0) {
        this.#idleTimer = setTimeout(() => this.#closeIdle(), left);
        return;
      }
      this.#idle.delete(socket);
      socket.destroy();
    }
  }

  // The server closed a connection that was idle for so long.
  #shorten(ms: number): void {
    this.#idleMs = Math.min(this.#idleMs, ms / 2);
    this.#closeIdle();
  }

  async #connect(): Promise<Duplex> {
    if (this.#isClosed) throw new HttpFailure("aborted", "The connections are closed");
    const opened: Duplex[] = [];
    const destroy = () => {
      for (const socket of opened) socket.destroy();
    };
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      destroy();
    }, this.#timeoutMs);
    try {
      return await connect(this.#to, (socket) => {
        opened.push(socket);
        this.#opened.add(socket);
        socket.once("close", () => this.#opened.delete(socket));
        // An error after the request must not become an uncaught exception.
        socket.on("error", () => {});
        // Closed during the name look-up.
        if (this.#isClosed) socket.destroy();
        return socket;
      });
    } catch (error) {
      destroy();
      throw isLate ? new HttpFailure("timeout", "The connection was not open in time") : error;
    } finally {
      clearTimeout(timer);
    }
  }
}

// A proxy for `http:` expects the absolute URL.
function pathOf({ url, proxy }: HttpConnection): string {
  const origin = proxy !== undefined && url.protocol === "http:" ? url.origin : "";
  return `${origin}${url.pathname}${url.search}`;
}

function headersOf({ url, proxy }: HttpConnection, keepsAlive: boolean): Record<string, string> {
  const headers: Record<string, string> = {
    host: url.host,
    accept: "application/json",
    "accept-encoding": "gzip",
    connection: keepsAlive ? "keep-alive" : "close",
  };
  if (proxy?.authorization !== undefined && url.protocol === "http:") {
    headers["proxy-authorization"] = proxy.authorization;
  }
  return headers;
}
