import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { handleMessage, type MessageService, traceReply } from "../../rpc/mod.ts";
import type { ConnectionInfo, ServeConnection } from "../connection.ts";
import { drained } from "../drained.ts";
import { DEFAULT_IN_FLIGHT, InFlight } from "../in_flight.ts";
import {
  ByteSource,
  checkGreeting,
  checkReady,
  command,
  EMPTY,
  EndOfStreamError,
  frameHead,
  GREETING,
  GREETING_SIZE,
  heldFrame,
  MORE,
  readFrame,
  READY,
  shortText,
  ZmtpError,
} from "./zmtp.ts";

/** Options of {@link serveZmtp}. Times in milliseconds. */
export interface ZmtpOptions {
  /** Bytes of one message with all its frames. @default {4 MiB} */
  readonly maxMessage?: number;
  /** Time for the greeting and the READY command. @default {10000} */
  readonly handshakeTimeout?: number;
  /** Time for the rest of a message that has begun. @default {30000} */
  readonly messageTimeout?: number;
  /** Time without any message or command; 0 is unlimited. libzmq reconnects by itself. @default {0} */
  readonly idleTimeout?: number;
  /** Calls of one connection that run at a time; no further message is read meanwhile. @default {100} */
  readonly maxInFlight?: number;
}

const MAX_ENVELOPE = 64;

/**
 * Serves one connection of a ROUTER socket: ZMTP 3 with the NULL mechanism (<https://rfc.zeromq.org/spec/23/>). The last
 * frame of a message is the request; the frames before it are the envelope, which precedes the reply too. Replies are
 * sent as the calls finish. A notification of a REQ socket is answered with an empty frame, because that socket cannot
 * send again before it has received.
 */
export function serveZmtp(service: MessageService, options: ZmtpOptions = {}): ServeConnection {
  return async (connection, info) => {
    await new ZmtpConnection(service, connection, info, options).serve();
  };
}

class ZmtpConnection {
  readonly #service: MessageService;
  readonly #connection: Duplex;
  readonly #info: ConnectionInfo;
  readonly #options: Required<ZmtpOptions>;
  readonly #source: ByteSource;
  readonly #closed: Promise<void>;
  readonly #inFlight: InFlight;
  #timer: NodeJS.Timeout | undefined;
  #isRequester = false;
  #isInMessage = true;

  constructor(
    service: MessageService,
    connection: Duplex,
    info: ConnectionInfo,
    options: ZmtpOptions,
  ) {
    this.#service = service;
    this.#connection = connection;
    this.#info = info;
    this.#options = {
      maxMessage: 4 * 1024 * 1024,
      handshakeTimeout: 10_000,
      messageTimeout: 30_000,
      idleTimeout: 0,
      maxInFlight: DEFAULT_IN_FLIGHT,
      ...options,
    };
    this.#inFlight = new InFlight(this.#options.maxInFlight, () => this.#closeWhenIdle());
    connection.on("error", () => connection.destroy());
    this.#closed = new Promise((resolve) => connection.once("close", () => resolve()));
    this.#source = new ByteSource(connection, this.#options.maxMessage);
  }

  async serve(): Promise<void> {
    const { signal, stopping } = this.#info;
    const destroy = () => void this.#connection.destroy();
    const stop = () => void this.#inFlight.idle().then(destroy);
    signal.addEventListener("abort", destroy, { once: true });
    stopping?.addEventListener("abort", stop, { once: true });
    try {
      await this.#handshake();
      while (stopping?.aborted !== true) {
        const frames = await this.#readMessage();
        const message = frames.pop() ?? EMPTY;
        this.#closeAfter(0);
        if (this.#inFlight.isFull) await Promise.race([this.#inFlight.room(), this.#closed]);
        if (this.#inFlight.isFull) break;
        this.#inFlight.add(this.#answer(message, frames));
      }
    } catch (error) {
      if (!(error instanceof EndOfStreamError)) {
        this.#info.onFailure?.(`Not ZMTP: ${error instanceof Error ? error.message : error}`);
      }
    } finally {
      await Promise.race([this.#inFlight.idle(), this.#closed]);
      clearTimeout(this.#timer);
      signal.removeEventListener("abort", destroy);
      stopping?.removeEventListener("abort", stop);
      this.#connection.end(destroy);
    }
  }

  async #handshake(): Promise<void> {
    this.#closeAfter(this.#options.handshakeTimeout, "its handshake");
    this.#connection.write(GREETING);
    checkGreeting(await this.#source.take(GREETING_SIZE));
    this.#connection.write(READY);
    const socketType = checkReady(await readFrame(this.#source, this.#options.maxMessage));
    this.#isRequester = socketType === "REQ";
  }

  /** Reads the frames of one message, and answers the commands before it. */
  async #readMessage(): Promise<Buffer[]> {
    const { maxMessage, messageTimeout } = this.#options;
    const frames: Buffer[] = [];
    let size = 0;
    let isInPieces = false;
    for (;;) {
      if (frames.length === 0) {
        this.#isInMessage = false;
        this.#closeWhenIdle();
        if (!this.#source.hasBytes) await this.#source.wait();
        this.#isInMessage = true;
      }
      let frame = heldFrame(this.#source, maxMessage - size);
      if (frame === undefined) {
        // A message that arrives at once needs no timer; one in pieces has one time for the whole of it.
        if (!isInPieces) this.#closeAfter(messageTimeout, "the rest of a message");
        isInPieces = true;
        frame = await readFrame(this.#source, maxMessage - size);
      }
      if (frame.isCommand) {
        if (frames.length === 0) isInPieces = false;
        await answerCommand(this.#connection, frame.body);
        continue;
      }
      frames.push(frame.body);
      size += frame.body.length;
      if (frames.length > MAX_ENVELOPE) throw new ZmtpError("The envelope has too many frames");
      if (!frame.more) return frames;
    }
  }

  async #answer(message: Buffer, envelope: readonly Buffer[]): Promise<void> {
    const { remote, identity, signal } = this.#info;
    const context = { transport: "zmq", remote, identity, signal, envelope };
    const reply = await handleMessage(this.#service, message, context);
    if (reply === undefined && !this.#isRequester) return;
    await send(this.#connection, [...envelope, reply ?? EMPTY]);
    traceReply(this.#service, context, reply);
  }

  #closeWhenIdle(): void {
    if (this.#isInMessage || this.#connection.destroyed) return;
    this.#closeAfter(this.#inFlight.size === 0 ? this.#options.idleTimeout : 0, "a message");
  }

  /** Sets the time after which the connection is closed; 0 clears it. */
  #closeAfter(ms: number, wanted = ""): void {
    clearTimeout(this.#timer);
    this.#timer = ms > 0
      ? setTimeout(() => {
        this.#info.onFailure?.(`${wanted} did not arrive within ${ms} ms`);
        this.#connection.destroy();
      }, ms)
      : undefined;
  }
}

/** Answers PING; other commands need no answer. */
async function answerCommand(connection: Duplex, body: Buffer): Promise<void> {
  if (body.toString("latin1", 1, 5) !== "PING" || body[0] !== 4) return;
  // PING has a time to live of two bytes before its context; PONG returns the context.
  await write(connection, command(Buffer.concat([shortText("PONG"), body.subarray(7)])));
}

async function send(connection: Duplex, parts: readonly (Buffer | Uint8Array | string)[]) {
  const pieces: Uint8Array[] = [];
  for (const [index, part] of parts.entries()) {
    const body = typeof part === "string" ? Buffer.from(part) : part;
    pieces.push(frameHead(index < parts.length - 1 ? MORE : 0, body.length), body);
  }
  await write(connection, Buffer.concat(pieces));
}

async function write(connection: Duplex, bytes: Buffer): Promise<void> {
  if (!connection.destroyed && !connection.write(bytes)) await drained(connection);
}
