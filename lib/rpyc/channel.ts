/**
 * rpyc's framing (`rpyc/core/channel.py` of rpyc 6): `u32 length | u8 compressed | data | 0a`, big-endian; the length counts the
 * data as sent. The server sends no greeting: the first frame is the client's first request.
 */
import { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";
import { BrineWriter } from "./brine.ts";
import { foreignProtocol, frameTooLarge, malformedFrame } from "./errors.ts";

/** Data longer than this many bytes is compressed by a sender (zlib, level 1). */
export const COMPRESSION_THRESHOLD = 3000;
const HEADER_SIZE = 5;
const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);

/** Options of {@link encodeFrame}. */
export interface EncodeFrameOptions {
  /** Compresses data beyond {@link COMPRESSION_THRESHOLD}. @default {true} */
  readonly compress?: boolean;
}

/** Returns `data` as one frame. */
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

/** Begins a frame. Its data must be written synchronously, because all frames share one writer. */
export function beginFrame(): BrineWriter {
  WRITER.discard();
  WRITER.u32(0);
  WRITER.byte(0);
  return WRITER;
}

/** Returns the frame that {@link beginFrame} began. */
export function endFrame(): Uint8Array {
  const length = WRITER.size - HEADER_SIZE;
  if (length > COMPRESSION_THRESHOLD) return encodeFrame(WRITER.finish().subarray(HEADER_SIZE));
  WRITER.setU32(0, length);
  WRITER.byte(NEWLINE);
  return WRITER.finish();
}

/** Returns the size in bytes of the frame that begins at an offset; `undefined` if the bytes do not tell yet. */
export function frameSize(bytes: Buffer, at: number): number | undefined {
  return bytes.length - at < 4 ? undefined : HEADER_SIZE + bytes.readUInt32BE(at) + 1;
}

/** Assembles frames from chunks of any size. */
export class FrameReader {
  /** Contains the data of the frame that {@link FrameReader.take} found, from `start` to `end`. */
  data: Buffer = EMPTY;
  start = 0;
  end = 0;

  readonly #maxSize: number;
  #chunks: Buffer[] = [];
  /** Offset of the first unread byte in the first chunk. */
  #at = 0;
  #size = 0;
  #wanted = HEADER_SIZE;
  #isFirst = true;

  /** @param maxSize largest frame in bytes, as sent and inflated */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** Number of bytes that do not form a complete frame yet. */
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
   * Returns the data of the next frame, inflated; `undefined` if more bytes are needed.
   *
   * @throws MalformedFrameError for a frame that is too large or cannot be inflated; no further frame can be read
   */
  next(): Uint8Array | undefined {
    return this.take() ? this.data.subarray(this.start, this.end) : undefined;
  }

  /** The same as {@link FrameReader.next} without allocating a view of the data; returns false if more bytes are needed. */
  take(): boolean {
    if (this.#size < this.#wanted) return false;
    const buffered = this.#join();
    const at = this.#at;
    const length = buffered.readUInt32BE(at);
    if (length > this.#maxSize) {
      const foreign = this.#isFirst ? foreignName(buffered, at) : undefined;
      if (foreign !== undefined) throw foreignProtocol(foreign);
      throw frameTooLarge(this.#maxSize, length);
    }
    this.#wanted = HEADER_SIZE + length + 1;
    if (this.#size < this.#wanted) return false;
    this.#size -= this.#wanted;
    this.#at += this.#wanted;
    this.#wanted = HEADER_SIZE;
    this.#isFirst = false;
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

  /** Releases the data that {@link FrameReader.take} found. */
  release(): void {
    this.data = EMPTY;
  }

  // Called only when a header or a frame is complete, so that a frame in many chunks takes linear time.
  #join(): Buffer {
    const first = this.#chunks[0] ?? EMPTY;
    if (this.#chunks.length <= 1) return first;
    const joined = Buffer.concat([first.subarray(this.#at), ...this.#chunks.slice(1)]);
    this.#chunks = [joined];
    this.#at = 0;
    return joined;
  }

  #inflate(data: Buffer): Buffer {
    try {
      return inflateSync(data, { maxOutputLength: this.#maxSize });
    } catch (error) {
      const isTooLarge = error instanceof RangeError ||
        (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE";
      throw isTooLarge
        ? frameTooLarge(this.#maxSize)
        : malformedFrame("its compressed data cannot be inflated");
    }
  }
}

/** Recognizes the first bytes of HTTP and TLS; read as a length they exceed every usual limit. */
function foreignName(bytes: Buffer, at: number): string | undefined {
  if (/^(?:GET |POST|PUT |HEAD|OPTI|DELE|PATC|CONN)/.test(bytes.toString("latin1", at, at + 4))) {
    return "HTTP";
  }
  return bytes[at] === 0x16 && bytes[at + 1] === 0x03 ? "TLS" : undefined;
}
