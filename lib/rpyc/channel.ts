/**
 * rpyc's framing (`rpyc/core/channel.py` of rpyc 6): `u32 length | u8 compressed | data | 0a`, big-endian; the length counts the
 * data as sent. Nobody greets: the first frame is the client's first request.
 */
import { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";
import { BrineWriter } from "./brine.ts";
import { malformedFrame } from "./errors.ts";

/** Data longer than this many bytes is compressed by a sender (zlib, level 1). */
export const COMPRESSION_THRESHOLD = 3000;
const HEADER_SIZE = 5;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

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

const WRITER = new BrineWriter();

/** Begins a frame whose data is written into the returned writer, at once: the next frame uses it again. */
export function beginFrame(): BrineWriter {
  WRITER.discard();
  WRITER.u32(0);
  WRITER.byte(0);
  return WRITER;
}

/** The frame that was begun, to be written in one piece. */
export function endFrame(): Uint8Array {
  const length = WRITER.size - HEADER_SIZE;
  if (length > COMPRESSION_THRESHOLD) return encodeFrame(WRITER.finish().subarray(HEADER_SIZE));
  WRITER.setU32(0, length);
  WRITER.byte(NEWLINE);
  return WRITER.finish();
}

/** Puts frames together from pieces of any size. */
export class FrameReader {
  /** What {@link FrameReader.take} found lies in here from `start` to `end`. */
  data: Buffer = NOTHING;
  start = 0;
  end = 0;

  readonly #maxSize: number;
  #chunks: Buffer[] = [];
  /** Where in the first chunk the unread bytes begin. */
  #at = 0;
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
    this.#chunks.push(
      chunk instanceof Buffer
        ? chunk
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength),
    );
    this.#size += chunk.length;
  }

  /**
   * The data of the next whole frame, inflated; `undefined` when more bytes are needed.
   *
   * @throws MalformedFrameError for a frame beyond the bound or data that cannot be inflated; the stream is lost then.
   */
  next(): Uint8Array | undefined {
    return this.take() ? this.data.subarray(this.start, this.end) : undefined;
  }

  /** As {@link FrameReader.next}, without a view of its own for the data: false when more bytes are needed. */
  take(): boolean {
    if (this.#size < this.#wanted) return false;
    const buffered = this.#join();
    const at = this.#at;
    const length = buffered.readUInt32BE(at);
    if (length > this.#maxSize) {
      throw malformedFrame(`${length} bytes are announced, ${this.#maxSize} allowed`);
    }
    this.#wanted = HEADER_SIZE + length + 1;
    if (this.#size < this.#wanted) return false;
    this.#size -= this.#wanted;
    this.#at += this.#wanted;
    this.#wanted = HEADER_SIZE;
    if (this.#size === 0) {
      this.#chunks.pop();
      this.#at = 0;
    }
    this.data = buffered;
    this.start = at + HEADER_SIZE;
    this.end = this.start + length;
    if (buffered[at + 4] !== 0) {
      this.data = this.#inflate(buffered.subarray(this.start, this.end));
      this.start = 0;
      this.end = this.data.length;
    }
    return true;
  }

  /** Lets go of what {@link FrameReader.take} found. */
  release(): void {
    this.data = NOTHING;
  }

  // Joined only when a header or a whole frame is there, so that a frame in small pieces costs linear time.
  #join(): Buffer {
    if (this.#chunks.length > 1) {
      this.#chunks[0] = this.#chunks[0]!.subarray(this.#at);
      this.#chunks = [Buffer.concat(this.#chunks)];
      this.#at = 0;
    }
    return this.#chunks[0]!;
  }

  #inflate(data: Buffer): Buffer {
    try {
      return inflateSync(data, { maxOutputLength: this.#maxSize });
    } catch {
      throw malformedFrame("compressed data that cannot be inflated or is too large");
    }
  }
}
