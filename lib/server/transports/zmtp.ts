import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { ChunkReader } from "../chunk_reader.ts";

/** The peer sent bytes that are not valid ZMTP, or a message beyond the bounds. */
export class ZmtpError extends Error {}

/** Bytes of a greeting. */
export const GREETING_SIZE = 64;
/** Flag of a frame that more frames of the same message follow. */
export const MORE = 1;
const LONG = 2;
const COMMAND = 4;
const PEERS = new Set(["REQ", "DEALER"]);

/** A frame of ZMTP. */
export interface Frame {
  readonly body: Buffer;
  readonly more: boolean;
  readonly isCommand: boolean;
}

/** A frame without content. */
export const EMPTY = Buffer.alloc(0);

/** Signature, version 3.1, mechanism NULL, not a server, filler. */
export const GREETING = Buffer.alloc(GREETING_SIZE);
GREETING.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1], 0);
GREETING.write("NULL", 12, "latin1");

/** The READY command of a ROUTER socket. */
export const READY = command(Buffer.concat([
  shortText("READY"),
  property("Socket-Type", "ROUTER"),
  property("Identity", ""),
]));

/** Validates a peer's greeting. @throws ZmtpError */
export function checkGreeting(greeting: Buffer): void {
  const mechanism = greeting.toString("latin1", 12, 32).replace(/\0+$/, "");
  if (greeting[0] !== 0xff || greeting[9] !== 0x7f || (greeting[10] ?? 0) < 3) {
    throw new ZmtpError("The peer does not speak ZMTP 3");
  }
  if (mechanism !== "NULL") throw new ZmtpError(`The mechanism ${mechanism} is not supported`);
}

/** Validates a peer's first frame, which must be READY. @throws ZmtpError */
export function checkReady({ isCommand, body: ready }: Frame): string {
  if (!isCommand || ready.toString("latin1", 1, 6) !== "READY") {
    throw new ZmtpError("The first frame is not READY");
  }
  let at = 6;
  let socketType = "";
  while (at < ready.length) {
    const nameEnd = at + 1 + ready.readUInt8(at);
    const name = ready.toString("latin1", at + 1, nameEnd);
    const valueEnd = nameEnd + 4 + ready.readUInt32BE(nameEnd);
    if (valueEnd > ready.length) throw new ZmtpError("A property is longer than its command");
    const value = ready.toString("latin1", nameEnd + 4, valueEnd);
    if (name.toLowerCase() === "socket-type") {
      if (!PEERS.has(value)) throw new ZmtpError(`A ${value} socket cannot talk to a ROUTER here`);
      socketType = value;
    }
    at = valueEnd;
  }
  return socketType;
}

/** Reads a short frame that was received as a whole. @throws ZmtpError */
export function heldFrame(source: ByteSource, max: number): Frame | undefined {
  const flags = source.peek(0);
  const length = source.peek(1);
  if (flags === undefined || length === undefined || (flags & LONG) !== 0) return undefined;
  if (!source.has(2 + length)) return undefined;
  checkFlags(flags);
  if (length > max) throw new ZmtpError("A frame is too large");
  return frameOf(flags, source.takeHeld(2 + length).subarray(2));
}

/** Reads a frame, waiting for its bytes. @throws ZmtpError */
export async function readFrame(source: ByteSource, max: number): Promise<Frame> {
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

/** Encodes a command. */
export function command(body: Buffer): Buffer {
  return Buffer.concat([frameHead(COMMAND, body.length), body]);
}

/** Encodes flags and length of a frame. */
export function frameHead(flags: number, length: number): Buffer {
  if (length < 256) return Buffer.from([flags, length]);
  const head = Buffer.alloc(9);
  head.writeUInt8(flags | LONG, 0);
  head.writeBigUInt64BE(BigInt(length), 1);
  return head;
}

/** Encodes a text after its length as one byte. */
export function shortText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")]);
}

function property(name: string, value: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(value.length);
  return Buffer.concat([shortText(name), size, Buffer.from(value, "latin1")]);
}

/** The peer closed its side. */
export class EndOfStreamError extends Error {}

/** Reads a number of bytes from a stream. */
export class ByteSource {
  readonly #chunks: ChunkReader;
  readonly #max: number;
  #held: Buffer = EMPTY;

  constructor(stream: Duplex, max: number) {
    this.#chunks = new ChunkReader(stream);
    this.#max = max;
  }

  /** Reports whether bytes were received. */
  get hasBytes(): boolean {
    return this.#held.length > 0;
  }

  /** Reports whether so many bytes were received. */
  has(length: number): boolean {
    return this.#held.length >= length;
  }

  /** A received byte, which stays in the buffer. */
  peek(at: number): number | undefined {
    return this.#held[at];
  }

  /** Waits until there is at least one byte. */
  async wait(): Promise<void> {
    if (this.#held.length > 0) return;
    const next = await this.#chunks.next();
    if (next === undefined) throw new EndOfStreamError("The connection ended");
    this.#held = next;
  }

  /** Takes bytes, waiting for them. @throws EndOfStreamError if the stream ends before */
  async take(length: number): Promise<Buffer> {
    if (this.#held.length < length) {
      const parts = [this.#held];
      let size = this.#held.length;
      while (size < length) {
        const next = await this.#chunks.next();
        if (next === undefined) throw new EndOfStreamError("The connection ended");
        parts.push(next);
        size += next.length;
        if (size > this.#max * 2 + 65_536) throw new ZmtpError("Too many bytes at once");
      }
      this.#held = Buffer.concat(parts);
    }
    return this.takeHeld(length);
  }

  /** Takes bytes that were received. */
  takeHeld(length: number): Buffer {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }
}
