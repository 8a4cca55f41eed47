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
  /** True if connections are reused. */
  readonly keepsAlive: boolean;
  readonly #to: HttpConnection;
  readonly #timeoutMs: number;
  readonly #opened = new Set<Duplex>();
  readonly #idle = new Map<Duplex, IdleConnection>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #idleMs = IDLE_MS;
  #isClosed = false;

  constructor(
    to: HttpConnection,
    { keepAlive = false, timeoutMs = 30_000 }: ConnectionsOptions = {},
  ) {
    // Deno's `node:http` repeats a request by itself when a kept connection turns out to be closed.
    const keepsAlive = keepAlive && !("Deno" in globalThis);
    super({ keepAlive: keepsAlive, maxFreeSockets: MAX_REQUESTS, scheduling: "lifo" });
    this.keepsAlive = keepsAlive;
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
    if (this.#idle.size > 0) await new Promise((resolve) => setImmediate(resolve));
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
    this.#idle.set(socket, new IdleConnection(socket, this.#idleMs, (ms) => this.#shorten(ms)));
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    const ms = this.#idle.get(socket)?.end() ?? 0;
    this.#idle.delete(socket);
    super.reuseSocket(socket, request);
    request.once("error", (error) => {
      if (failureOf(error).kind === "closed") this.#shorten(ms);
    });
  }

  // The server closed a connection that was idle for so long.
  #shorten(ms: number): void {
    this.#idleMs = Math.min(this.#idleMs, ms / 2);
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
        socket.once("close", () => {
          this.#opened.delete(socket);
          this.#idle.delete(socket);
        });
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

/** Watches a connection between two requests. */
class IdleConnection {
  readonly #socket: Duplex;
  readonly #since = performance.now();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #onEnd: () => void;
  // Unexpected bytes would become part of the next answer.
  readonly #onData = () => void this.#socket.destroy();

  constructor(socket: Duplex, idleMs: number, onClosed: (ms: number) => void) {
    this.#socket = socket;
    this.#onEnd = () => {
      onClosed(this.end());
      socket.destroy();
    };
    this.#timer = setTimeout(() => {
      this.end();
      socket.destroy();
    }, idleMs);
    socket.once("end", this.#onEnd);
    socket.once("close", this.#onEnd);
    socket.on("data", this.#onData);
  }

  /** Stops watching. Returns how long the connection was idle, in milliseconds. */
  end(): number {
    clearTimeout(this.#timer);
    this.#socket.off("end", this.#onEnd).off("close", this.#onEnd).off("data", this.#onData);
    return performance.now() - this.#since;
  }
}
