import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { ChunkReader } from "../chunk_reader.ts";
import type { ServeConnection } from "../connection.ts";
import { handleMessage, type MessageService } from "../../rpc/mod.ts";
import { traceReply } from "../../rpc/mod.ts";

/** Options of {@link serveZmtp}. */
export interface ZmtpOptions {
  /** Bytes of one message with all its frames. @default {4 MiB} */
  readonly maxMessage?: number;
  /** Milliseconds until the greeting and the READY command must be there. @default {10000} */
  readonly handshakeTimeout?: number;
  /** Milliseconds until a message that has begun must be whole. @default {30000} */
  readonly messageTimeout?: number;
  /** Milliseconds without any message or command; 0 for ever. libzmq connects again by itself. @default {0} */
  readonly idleTimeout?: number;
}

/** What a peer sent is no ZMTP. */
class ZmtpError extends Error {}

const GREETING_SIZE = 64;
const MORE = 1;
const LONG = 2;
const COMMAND = 4;
const MAX_ENVELOPE = 64;
const PEERS = new Set(["REQ", "DEALER"]);

/**
 * Serves one connection of a ROUTER socket: ZMTP 3 with the NULL mechanism (<https://rfc.zeromq.org/spec/23/>). The last
 * frame of a message is the request; the frames before it are the envelope, which goes back before the reply. A
 * notification is answered with an empty frame, because a REQ socket cannot send again before it has received.
 */
export function serveZmtp(service: MessageService, options: ZmtpOptions = {}): ServeConnection {
  const maxMessage = options.maxMessage ?? 4 * 1024 * 1024;
  return async (connection, info) => {
    connection.on("error", () => connection.destroy());
    const destroy = () => connection.destroy();
    let busy = false;
    const stop = () => {
      if (!busy) destroy();
    };
    info.signal.addEventListener("abort", destroy, { once: true });
    info.stopping?.addEventListener("abort", stop, { once: true });
    let timer: NodeJS.Timeout | undefined = setTimeout(
      destroy,
      options.handshakeTimeout ?? 10_000,
    );
    const within = (ms: number) => {
      if (timer !== undefined) clearTimeout(timer);
      timer = ms > 0 ? setTimeout(destroy, ms) : undefined;
    };
    try {
      const source = new ByteSource(connection, maxMessage);
      connection.write(GREETING);
      readGreeting(await source.take(GREETING_SIZE));
      connection.write(READY);
      const first = await readFrame(source, maxMessage);
      if (!first.isCommand || first.body.toString("latin1", 1, 6) !== "READY") {
        throw new ZmtpError("The first frame is not READY");
      }
      checkPeer(first.body);
      const frames: Buffer[] = [];
      let size = 0;
      let isInPieces = false;
      for (;;) {
        if (frames.length === 0) {
          within(options.idleTimeout ?? 0);
          if (!source.hasBytes) await source.wait();
        }
        let frame = heldFrame(source, maxMessage - size);
        if (frame === undefined) {
          // A message that comes at once needs no timer; one in pieces has one time for the whole of it.
          if (!isInPieces) within(options.messageTimeout ?? 30_000);
          isInPieces = true;
          frame = await readFrame(source, maxMessage - size);
        }
        if (frame.isCommand) {
          if (frames.length === 0) isInPieces = false;
          await answerCommand(connection, frame.body);
          continue;
        }
        frames.push(frame.body);
        size += frame.body.length;
        if (frames.length > MAX_ENVELOPE) throw new ZmtpError("The envelope has too many frames");
        if (frame.more) continue;
        const message = frames.pop()!;
        const envelope = frames.splice(0);
        size = 0;
        isInPieces = false;
        busy = true;
        within(0);
        const context = {
          transport: "zmq",
          remote: info.remote,
          identity: info.identity,
          signal: info.signal,
          envelope,
        };
        const reply = await handleMessage(service, message, context);
        await send(connection, [...envelope, reply ?? EMPTY]);
        traceReply(service, context, reply);
        busy = false;
        if (info.stopping?.aborted === true) return;
      }
    } catch {
      // The peer went away or speaks something else: either way the connection is over.
    } finally {
      clearTimeout(timer);
      info.signal.removeEventListener("abort", destroy);
      info.stopping?.removeEventListener("abort", stop);
      connection.end(destroy);
    }
  };
}

interface Frame {
  readonly body: Buffer;
  readonly more: boolean;
  readonly isCommand: boolean;
}

const EMPTY = Buffer.alloc(0);

// Signature, version 3.1, mechanism NULL, not a server, filler.
const GREETING = Buffer.alloc(GREETING_SIZE);
GREETING.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1], 0);
GREETING.write("NULL", 12, "latin1");

const READY = command(Buffer.concat([
  shortText("READY"),
  property("Socket-Type", "ROUTER"),
  property("Identity", ""),
]));

function readGreeting(greeting: Buffer): void {
  const mechanism = greeting.toString("latin1", 12, 32).replace(/\0+$/, "");
  if (greeting[0] !== 0xff || greeting[9] !== 0x7f || (greeting[10] ?? 0) < 3) {
    throw new ZmtpError("The peer does not speak ZMTP 3");
  }
  if (mechanism !== "NULL") throw new ZmtpError(`The mechanism ${mechanism} is not supported`);
}

function checkPeer(ready: Buffer): void {
  let at = 6;
  while (at < ready.length) {
    const nameEnd = at + 1 + ready.readUInt8(at);
    const name = ready.toString("latin1", at + 1, nameEnd);
    const valueEnd = nameEnd + 4 + ready.readUInt32BE(nameEnd);
    if (valueEnd > ready.length) throw new ZmtpError("A property is longer than its command");
    const value = ready.toString("latin1", nameEnd + 4, valueEnd);
    if (name.toLowerCase() === "socket-type" && !PEERS.has(value)) {
      throw new ZmtpError(`A ${value} socket cannot talk to a ROUTER here`);
    }
    at = valueEnd;
  }
}

/** A short frame that has come as a whole. */
function heldFrame(source: ByteSource, max: number): Frame | undefined {
  const flags = source.peek(0);
  const length = source.peek(1);
  if (flags === undefined || length === undefined || (flags & LONG) !== 0) return undefined;
  if (!source.has(2 + length)) return undefined;
  checkFlags(flags);
  if (length > max) throw new ZmtpError("A frame is too large");
  return frameOf(flags, source.takeHeld(2 + length).subarray(2));
}

async function readFrame(source: ByteSource, max: number): Promise<Frame> {
  const flags = (await source.take(1)).readUInt8(0);
  checkFlags(flags);
  const length = (flags & LONG) === 0
    ? (await source.take(1)).readUInt8(0)
    : Number((await source.take(8)).readBigUInt64BE(0));
  if (length > max) throw new ZmtpError("A frame is too large");
  return frameOf(flags, await source.take(length));
}

function checkFlags(flags: number): void {
  if ((flags & ~(MORE | LONG | COMMAND)) !== 0) throw new ZmtpError("Unknown flags");
}

function frameOf(flags: number, bytes: Buffer): Frame {
  return {
    // Copied: the envelope outlives the buffer it was read from.
    body: Buffer.from(bytes),
    more: (flags & MORE) !== 0,
    isCommand: (flags & COMMAND) !== 0,
  };
}

async function answerCommand(connection: Duplex, body: Buffer): Promise<void> {
  if (body.toString("latin1", 1, 5) !== "PING" || body[0] !== 4) return;
  // PING has a time to live of two bytes before its context; PONG gives the context back.
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
  if (connection.destroyed || connection.write(bytes)) return;
  await Promise.race([
    once(connection, "drain").catch(() => undefined),
    once(connection, "close").catch(() => undefined),
  ]);
}

function command(body: Buffer): Buffer {
  return Buffer.concat([frameHead(COMMAND, body.length), body]);
}

function frameHead(flags: number, length: number): Buffer {
  if (length < 256) return Buffer.from([flags, length]);
  const head = Buffer.alloc(9);
  head.writeUInt8(flags | LONG, 0);
  head.writeBigUInt64BE(BigInt(length), 1);
  return head;
}

function shortText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")]);
}

function property(name: string, value: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(value.length);
  return Buffer.concat([shortText(name), size, Buffer.from(value, "latin1")]);
}

/** Bytes of a stream, so many at a time. */
class ByteSource {
  readonly #chunks: ChunkReader;
  readonly #max: number;
  #held: Buffer = EMPTY;

  constructor(stream: Duplex, max: number) {
    this.#chunks = new ChunkReader(stream);
    this.#max = max;
  }

  get hasBytes(): boolean {
    return this.#held.length > 0;
  }

  has(length: number): boolean {
    return this.#held.length >= length;
  }

  /** A byte that has come. */
  peek(at: number): number | undefined {
    return this.#held[at];
  }

  /** Waits until there is at least one byte. */
  async wait(): Promise<void> {
    if (this.#held.length > 0) return;
    const next = await this.#chunks.next();
    if (next === undefined) throw new ZmtpError("The connection ended");
    this.#held = next;
  }

  async take(length: number): Promise<Buffer> {
    if (this.#held.length < length) {
      const parts = [this.#held];
      let size = this.#held.length;
      while (size < length) {
        const next = await this.#chunks.next();
        if (next === undefined) throw new ZmtpError("The connection ended");
        parts.push(next);
        size += next.length;
        if (size > this.#max * 2 + 65_536) throw new ZmtpError("Too many bytes at once");
      }
      this.#held = Buffer.concat(parts);
    }
    return this.takeHeld(length);
  }

  /** Bytes that have come. */
  takeHeld(length: number): Buffer {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }
}
