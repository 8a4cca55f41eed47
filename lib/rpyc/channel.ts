/**
 * rpyc's framing (`rpyc/core/channel.py` of rpyc 6): `u32 length | u8 compressed | data | 0a`, big-endian; the length counts the
 * data as sent. Nobody greets: the first frame is the client's first request.
 */
import { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";
import { malformedFrame } from "./errors.ts";

/** Data longer than this many bytes is compressed by a sender (zlib, level 1). */
export const COMPRESSION_THRESHOLD = 3000;
const HEADER_SIZE = 5;
const NEWLINE = 0x0a;

/** Options of {@link encodeFrame}. */
export interface EncodeFrameOptions {
  /** @default {true}: data beyond {@link COMPRESSION_THRESHOLD} is compressed */
  readonly compress?: boolean;
}

/** `data` as one frame, to be written in one piece. */
export function encodeFrame(
  data: Uint8Array,
  { compress = true }: EncodeFrameOptions = {},
): Uint8Array {
  const packed = compress && data.length > COMPRESSION_THRESHOLD;
  const body = packed ? deflateSync(data, { level: 1 }) : data;
  const frame = Buffer.allocUnsafe(HEADER_SIZE + body.length + 1);
  frame.writeUInt32BE(body.length, 0);
  frame[4] = packed ? 1 : 0;
  frame.set(body, HEADER_SIZE);
  frame[HEADER_SIZE + body.length] = NEWLINE;
  return frame;
}

/** Puts frames together from pieces of any size. */
export class FrameReader {
  readonly #maxSize: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted = HEADER_SIZE;

  /** @param maxSize largest frame in bytes, as sent and inflated */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** Bytes that were read and are no whole frame yet. */
  get pending(): number {
    return this.#size;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#size += chunk.length;
  }

  /**
   * The data of the next whole frame, inflated; `undefined` when more bytes are needed.
   *
   * @throws MalformedFrameError for a frame beyond the bound or data that cannot be inflated; the stream is lost then.
   */
  next(): Uint8Array | undefined {
    if (this.#size < this.#wanted) return undefined;
    const buffered = this.#join();
    const length = buffered.readUInt32BE(0);
    if (length > this.#maxSize) {
      throw malformedFrame(`${length} bytes are announced, ${this.#maxSize} allowed`);
    }
    this.#wanted = HEADER_SIZE + length + 1;
    if (this.#size < this.#wanted) return undefined;
    const data = buffered.subarray(HEADER_SIZE, HEADER_SIZE + length);
    const compressed = buffered[4] !== 0;
    const rest = buffered.subarray(this.#wanted);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    this.#wanted = HEADER_SIZE;
    return compressed ? this.#inflate(data) : data;
  }

  // Joined only when a header or a whole frame is there, so that a frame in small pieces costs linear time.
  #join(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #inflate(data: Buffer): Uint8Array {
    try {
      return inflateSync(data, { maxOutputLength: this.#maxSize });
    } catch {
      throw malformedFrame("compressed data that cannot be inflated or is too large");
    }
  }
}
