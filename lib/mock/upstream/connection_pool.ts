import { Buffer } from "node:buffer";
import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { TurnQueue } from "../../server/mod.ts";
import type { OpenPlainSocket, PlainSocket, PlainSocketEvents } from "../../runtime/mod.ts";
import { AnswerReader, KnownHeads, type RawAnswer } from "./answer_reader.ts";

/** How connections to one server are made and bounded. Times in milliseconds. */
export interface PoolOptions {
  readonly host: string;
  readonly port: number;
  /** Opens a connection where plain TCP is not it: over TLS, through a proxy. */
  readonly open?: () => Promise<Duplex>;
  /** Opens plain TCP. @default `node:net` */
  readonly openTcp?: OpenPlainSocket;
  /** From the request to the last byte of its answer. */
  readonly timeoutMs: number;
  /** Bytes of an answer's body. */
  readonly maxBytes: number;
}

/** A whole request and who waits for its answer. */
class Exchange {
  /** Head and body: text of which every character is a byte. */
  readonly request: string;
  /** Called once. */
  readonly done: (answer: RawAnswer | Error) => void;
  /** The sweep at which its time is over. */
  until = 0;

  constructor(request: string, done: (answer: RawAnswer | Error) => void) {
    this.request = request;
    this.done = done;
  }
}

const MAX_CONNECTIONS = 256;
/** How long an idle connection is kept: less than servers keep theirs (gunicorn 2 s, uvicorn and Node 5 s). */
const IDLE_MS = 1500;
const MIN_SWEEP_MS = 5;
const MAX_SWEEP_MS = 250;
const READ_BYTES = 64 * 1024;

/**
 * Connections to one server, kept between requests. One request at a time is on each. There is no timer for each of them:
 * one sweep looks after all times.
 *
 * Nothing that was sent is sent again, since it may have been carried out: a call is no request that may be repeated. A
 * connection that is found closed before the request was written is another matter. So that a server does not close one
 * while a request is on its way, connections are dropped before servers do it, or when they say.
 */
export class ConnectionPool {
  readonly options: PoolOptions;
  readonly heads = new KnownHeads();
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #queue: Exchange[] = [];
  readonly #requests = new TurnQueue((exchange: Exchange) => this.#start(exchange));
  readonly #sweepMs: number;
  #sweep = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.options = options;
    this.#sweepMs = Math.min(MAX_SWEEP_MS, Math.max(MIN_SWEEP_MS, options.timeoutMs / 20));
  }

  /** Sends a request: head and body, text of which every character is a byte. Calls back once. */
  ask(request: string, done: (answer: RawAnswer | Error) => void): void {
    this.#requests.add(new Exchange(request, done));
  }

  /** Ends all connections; who waits is told. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
    const error = closedByUs();
    for (const exchange of this.#queue.splice(0)) exchange.done(error);
    for (const connection of [...this.#all]) connection.fail(error);
  }

  /** A connection has its answer and may be used again. */
  freed(connection: Connection, keepAliveMs: number): void {
    const next = this.#queue.shift();
    if (next !== undefined) return connection.send(next);
    connection.idleUntil = this.#after(keepAliveMs);
    this.#idle.push(connection);
  }

  /** A connection is gone; `unanswered` is what it had been sent and may be sent again. */
  gone(connection: Connection, unanswered?: Exchange): void {
    this.#all.delete(connection);
    const place = this.#idle.indexOf(connection);
    if (place !== -1) this.#idle.splice(place, 1);
    if (this.#isClosed) return unanswered?.done(closedByUs());
    const next = unanswered ?? this.#queue.shift();
    if (next !== undefined) this.#connect().send(next);
    else if (this.#all.size === 0) this.#stop();
  }

  #start(exchange: Exchange): void {
    if (this.#isClosed) return exchange.done(closedByUs());
    exchange.until = this.#after(this.options.timeoutMs);
    // The last one used is the warmest, and the others get old.
    const connection = this.#idle.pop();
    if (connection !== undefined) connection.send(exchange);
    else if (this.#all.size < MAX_CONNECTIONS) this.#connect().send(exchange);
    else this.#queue.push(exchange);
  }

  #connect(): Connection {
    const connection = new Connection(this);
    this.#all.add(connection);
    this.#timer ??= setInterval(() => this.#look(), this.#sweepMs);
    return connection;
  }

  #after(ms: number): number {
    // A sweep is under way already: one more, so that no time is over too early.
    return this.#sweep + Math.ceil(ms / this.#sweepMs) + 1;
  }

  #look(): void {
    const now = ++this.#sweep;
    const late = () => new Error(`No answer within ${this.options.timeoutMs} ms`);
    for (const connection of [...this.#all]) {
      if (now >= connection.until) connection.fail(late());
    }
    while (this.#queue[0] !== undefined && now >= this.#queue[0].until) {
      this.#queue.shift()!.done(late());
    }
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** One connection. */
class Connection {
  /** The sweep until which it stays in the pool. */
  idleUntil = 0;
  readonly #pool: ConnectionPool;
  readonly #reader: AnswerReader;
  readonly #events: PlainSocketEvents;
  #socket: PlainSocket | undefined;
  #exchange: Exchange | undefined;
  #isGone = false;

  constructor(pool: ConnectionPool) {
    this.#pool = pool;
    const { open, openTcp = openNodeTcp, host, port, maxBytes } = pool.options;
    this.#reader = new AnswerReader(maxBytes, pool.heads);
    this.#events = {
      onBytes: (chunk) => this.#read(chunk),
      onEnd: (error) => this.#ended(error),
    };
    if (open === undefined) this.#socket = openTcp(host, port, this.#events);
    else open().then((duplex) => this.#use(duplex), (error: Error) => this.fail(error));
  }

  /** The sweep at which the time of what is under way is over, or that of the idle connection. */
  get until(): number {
    return this.#exchange?.until ?? this.idleUntil;
  }

  /** Sends a request; one at a time. */
  send(exchange: Exchange): void {
    this.#exchange = exchange;
    const socket = this.#socket;
    if (socket === undefined) return;
    if (socket.isOpen) socket.write(exchange.request);
    // It ended a moment ago: nothing was sent, so that another one may send it.
    else this.#leave(exchange);
  }

  /** Ends it; who waits for its answer is told why. */
  fail(error: Error): void {
    if (this.#isGone) return;
    const exchange = this.#exchange;
    this.#leave();
    exchange?.done(error);
  }

  #use(duplex: Duplex): void {
    const socket = this.#socket = duplexSocket(duplex, this.#events);
    duplex.on("data", this.#events.onBytes);
    if (this.#isGone) socket.destroy();
    else if (this.#exchange !== undefined) socket.write(this.#exchange.request);
  }

  #leave(unanswered?: Exchange): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#exchange = undefined;
    this.#socket?.destroy();
    this.#pool.gone(this, unanswered);
  }

  #read(chunk: Buffer): void {
    // Bytes that nobody asked for: whose answer they would be cannot be known.
    if (this.#exchange === undefined) return this.#leave();
    let answer: RawAnswer | undefined;
    try {
      answer = this.#reader.read(chunk);
    } catch (error) {
      return this.fail(error as Error);
    }
    if (answer !== undefined) this.#answer(answer);
  }

  #answer(answer: RawAnswer): void {
    const exchange = this.#exchange!;
    this.#exchange = undefined;
    // Who answers before it has the whole request may take the rest for another one.
    if (answer.isReusable && this.#socket?.isDrained === true) {
      // A second early, so that it is not closed while a request is on its way.
      const keptMs = Math.min(IDLE_MS, (answer.keepAliveMs ?? Infinity) - 1000);
      if (keptMs > 0) this.#pool.freed(this, keptMs);
      else this.#leave();
    } else this.#leave();
    exchange.done(answer);
  }

  #ended(error?: Error): void {
    if (this.#isGone) return;
    if (this.#exchange === undefined) return this.#leave();
    const answer = error === undefined ? this.#reader.end() : undefined;
    if (answer !== undefined) return this.#answer(answer);
    this.fail(
      new Error(
        this.#reader.hasBegun ? "The connection ended within the answer" : endedWords(error),
      ),
    );
  }
}

function duplexSocket(duplex: Duplex, { onEnd }: PlainSocketEvents): PlainSocket {
  duplex.on("error", onEnd);
  duplex.on("end", () => onEnd());
  duplex.on("close", () => onEnd());
  return {
    get isOpen() {
      return duplex.writable;
    },
    get isDrained() {
      return duplex.writableLength === 0;
    },
    write(data) {
      duplex.write(data, "latin1");
    },
    destroy: () => void duplex.destroy(),
  };
}

// One for all: what was read is understood, or copied, before anything else is read.
const READ_BUFFER = Buffer.allocUnsafeSlow(READ_BYTES);

function openNodeTcp(host: string, port: number, events: PlainSocketEvents): PlainSocket {
  const socket = connectTcp({
    host,
    port,
    // Past the readable half of the stream, which would cost as much as the reading.
    onread: {
      buffer: READ_BUFFER,
      callback: (size, buffer) => {
        events.onBytes((buffer as Buffer).subarray(0, size));
        return true;
      },
    },
  });
  socket.setNoDelay(true);
  return duplexSocket(socket, events);
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Connection refused: nothing listens there",
  ENOTFOUND: "There is no such host",
  EAI_AGAIN: "The name of the host cannot be looked up",
  EHOSTUNREACH: "There is no route to the host",
  ENETUNREACH: "There is no route to the host",
  ETIMEDOUT: "The host does not answer",
};

function closedByUs(): Error {
  return new Error("The connection was closed by us");
}

function endedWords(error: Error | undefined): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  const words = typeof code === "string" ? WORDS[code] : undefined;
  return words ?? "The connection ended before an answer came";
}
