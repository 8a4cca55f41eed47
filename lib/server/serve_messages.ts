import type { Duplex } from "node:stream";
import { ChunkReader } from "./chunk_reader.ts";
import type { CallContext } from "../rpc/mod.ts";
import type { ConnectionInfo, ServeConnection } from "./connection.ts";
import { drained } from "./drained.ts";
import type { Framing } from "./listen_address.ts";
import { frame, frameReader, FramingError, HttpRequestError } from "./framing.ts";
import { DEFAULT_IN_FLIGHT, InFlight } from "./in_flight.ts";
import { handleMessage, type MessageService, type Reply } from "../rpc/mod.ts";
import { traceReply } from "../rpc/mod.ts";

/** Options of {@link serveMessages}. Times in milliseconds. */
export interface ServeMessagesOptions {
  /** @default {that of the protocol} */
  readonly framing?: Framing;
  /** Bytes of one message. @default {4 MiB} */
  readonly maxMessage?: number;
  /** Calls of one connection that run at a time; no further message is read meanwhile. @default {100} */
  readonly maxInFlight?: number;
  /** Time for the first byte; 0 is unlimited. A peer that sends nothing must not hold a worker. @default {10000} */
  readonly handshakeTimeout?: number;
  /** Time for the rest of a message that has begun. @default {30000} */
  readonly messageTimeout?: number;
  /** Time without any message; 0 is unlimited. @default {0} */
  readonly idleTimeout?: number;
}

const MAX_MESSAGE = 4 * 1024 * 1024;

/**
 * Serves framed messages on a connection. Replies are sent as the calls finish. A message that is too large or malformed
 * gets the protocol's error, and the connection is closed: its end is unknown.
 */
export function serveMessages(
  service: MessageService,
  options: ServeMessagesOptions = {},
): ServeConnection {
  const { protocol } = service;
  const usual = options.framing ?? protocol.framing ?? (protocol.binary ? "length" : "line");
  return async (connection, info) => {
    const framing = info.framing ?? usual;
    await new MessageConnection(service, connection, info, { ...options, framing }).serve();
  };
}

class MessageConnection {
  readonly #service: MessageService;
  readonly #connection: Duplex;
  readonly #info: ConnectionInfo;
  readonly #framing: Framing;
  readonly #maxMessage: number;
  readonly #timer: MessageTimer;
  readonly #inFlight: InFlight;
  readonly #closed: Promise<void>;
  #isStopping = false;

  constructor(
    service: MessageService,
    connection: Duplex,
    info: ConnectionInfo,
    options: ServeMessagesOptions & { readonly framing: Framing },
  ) {
    this.#service = service;
    this.#connection = connection;
    this.#info = info;
    this.#framing = options.framing;
    this.#maxMessage = options.maxMessage ?? MAX_MESSAGE;
    this.#timer = new MessageTimer(options, (reason) => this.#destroy(reason));
    this.#inFlight = new InFlight(
      options.maxInFlight ?? DEFAULT_IN_FLIGHT,
      () => this.#timer.idle(),
    );
    this.#closed = new Promise((resolve) => {
      if (connection.closed) resolve();
      else connection.once("close", resolve);
    });
    // Calls that a peer sent before it closed its side are answered.
    connection.allowHalfOpen = true;
    // Errors end the loop of `serve`; without a listener they would end the process.
    connection.on("error", () => connection.destroy());
  }

  async serve(): Promise<void> {
    const forget = this.#watchStop();
    const reader = frameReader(this.#framing, this.#maxMessage);
    const chunks = new ChunkReader(this.#connection);
    try {
      this.#timer.begin();
      for (let chunk = await chunks.next(); chunk !== undefined; chunk = await chunks.next()) {
        const messages = reader.push(chunk);
        this.#timer.received(messages.length > 0);
        for (const message of messages) await this.#start(message);
        if (this.#isStopping) return;
        if (reader.pending > 0) this.#timer.inMessage();
        else if (this.#inFlight.size === 0) this.#timer.idle();
      }
      const last = this.#connection.destroyed ? undefined : reader.rest();
      if (last !== undefined) await this.#start(last);
    } catch (error) {
      await this.#refuse(error);
    } finally {
      this.#timer.end();
      await Promise.race([this.#inFlight.idle(), this.#closed]);
      forget();
      await endOf(this.#connection);
    }
  }

  /** Starts a call as soon as there is room; returns without waiting for its reply. */
  async #start(message: Uint8Array): Promise<void> {
    const { transport, remote, identity, signal } = this.#info;
    const inFlight = this.#inFlight;
    if (inFlight.isFull) await Promise.race([inFlight.room(), this.#closed]);
    if (this.#connection.writableNeedDrain) await drained(this.#connection);
    if (this.#isStopping || inFlight.isFull) return;
    const context: CallContext = { transport, remote, identity, signal };
    const reply = handleMessage(this.#service, message, context);
    if (!(reply instanceof Promise)) this.#send(reply, context);
    else inFlight.add(reply.then((reply) => this.#send(reply, context)));
  }

  #send(reply: Reply, context: CallContext): void {
    if (reply === undefined && this.#info.answersAll !== true) return;
    const connection = this.#connection;
    if (connection.destroyed || connection.writableEnded) return;
    connection.write(frame(this.#framing, reply ?? ""));
    traceReply(this.#service, context, reply);
  }

  async #refuse(error: unknown): Promise<void> {
    if (error instanceof HttpRequestError) this.#info.onFailure?.("it sent an HTTP request");
    if (!(error instanceof FramingError)) return;
    this.#info.onFailure?.(error.message);
    const fault = {
      kind: "invalid-request",
      message: `Invalid request: ${error.message}`,
    } as const;
    const reply = this.#service.protocol.formatReply({ refusal: fault, id: null }, {
      ok: false,
      fault,
    });
    if (reply === undefined || this.#connection.destroyed) return;
    this.#connection.write(frame(this.#framing, reply));
    await drained(this.#connection);
  }

  #destroy(reason: string): void {
    this.#info.onFailure?.(reason);
    this.#connection.destroy();
  }

  // Closes the connection when the server stops: at once between two messages, or after the running calls are answered.
  #watchStop(): () => void {
    const { signal, stopping } = this.#info;
    const destroy = () => void this.#connection.destroy();
    const stop = async () => {
      this.#isStopping = true;
      await this.#inFlight.idle();
      await endOf(this.#connection);
    };
    signal.addEventListener("abort", destroy, { once: true });
    stopping?.addEventListener("abort", stop, { once: true });
    if (signal.aborted) destroy();
    else if (stopping?.aborted === true) void stop();
    return () => {
      signal.removeEventListener("abort", destroy);
      stopping?.removeEventListener("abort", stop);
    };
  }
}

/** Closes a connection that sends nothing, or only a part of a message. */
class MessageTimer {
  readonly #handshakeTimeout: number;
  readonly #messageTimeout: number;
  readonly #idleTimeout: number;
  readonly #onLate: (reason: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #isInMessage = false;
  #isOver = false;

  constructor(
    { handshakeTimeout = 10_000, messageTimeout = 30_000, idleTimeout = 0 }: ServeMessagesOptions,
    onLate: (reason: string) => void,
  ) {
    this.#handshakeTimeout = handshakeTimeout;
    this.#messageTimeout = messageTimeout;
    this.#idleTimeout = idleTimeout;
    this.#onLate = onLate;
  }

  begin(): void {
    this.#start(this.#handshakeTimeout, "the first byte");
  }

  /** Bytes came; a message that arrives in pieces has one time for all of them. */
  received(isComplete: boolean): void {
    if (this.#isInMessage && !isComplete) return;
    this.#isInMessage = false;
    clearTimeout(this.#timer);
  }

  inMessage(): void {
    if (this.#isInMessage) return;
    this.#isInMessage = true;
    this.#start(this.#messageTimeout, "the rest of a message");
  }

  idle(): void {
    if (!this.#isInMessage) this.#start(this.#idleTimeout, "a message");
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #start(ms: number, wanted: string): void {
    clearTimeout(this.#timer);
    if (ms > 0 && !this.#isOver) {
      this.#timer = setTimeout(
        () => this.#onLate(`${wanted} did not arrive within ${ms} ms`),
        ms,
      );
    }
  }
}

function endOf(connection: Duplex): Promise<void> {
  if (connection.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => connection.destroy(), 1000);
    connection.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    connection.end(() => connection.destroy());
  });
}
