import { Buffer } from "node:buffer";
import type { Framing } from "./listen_address.ts";

/** The peer sent an invalid frame, or one that is too large. */
export class FramingError extends Error {}

/** The peer sent an HTTP request: a web page can send one to any port, and a line of its body would be a call. */
export class HttpRequestError extends Error {}

/** Splits a stream of bytes into messages. */
export interface FrameReader {
  /** Adds bytes and returns every complete message. @throws FramingError or HttpRequestError */
  push(chunk: Buffer): readonly Uint8Array[];
  /** Bytes of an incomplete message. */
  readonly pending: number;
  /** Returns the rest at the end of the stream: a last line without its line break. */
  rest(): Uint8Array | undefined;
}

/** Makes a reader; `maxMessage` in bytes. */
export function frameReader(framing: Framing, maxMessage: number): FrameReader {
  return framing === "line" ? new LineReader(maxMessage) : new LengthReader(maxMessage);
}

/** Frames a message. */
export function frame(framing: Framing, message: string | Uint8Array): Buffer {
  const bytes = typeof message === "string" ? Buffer.from(message) : message;
  if (framing === "line") return Buffer.concat([bytes, NEWLINE]);
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** The end of an HTTP request line, which JSON never has. */
const HTTP_VERSION = / HTTP\/\d\.\d$/;
const NEWLINE = Buffer.from("\n");
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

class LineReader implements FrameReader {
  readonly #max: number;
  #parts: Buffer[] = [];
  #size = 0;
  #isFirst = true;

  constructor(max: number) {
    this.#max = max;
  }

  get pending(): number {
    return this.#size;
  }

  push(chunk: Buffer): readonly Uint8Array[] {
    const messages: Uint8Array[] = [];
    let from = 0;
    for (
      let end = chunk.indexOf(LINE_FEED);
      end !== -1;
      end = chunk.indexOf(LINE_FEED, from)
    ) {
      this.#keep(chunk.subarray(from, end));
      from = end + 1;
      const line = this.#takeLine();
      if (line !== undefined) messages.push(line);
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    return messages;
  }

  rest(): Uint8Array | undefined {
    return this.#takeLine();
  }

  #keep(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > this.#max) {
      throw new FramingError(`A message is larger than ${this.#max} bytes`);
    }
    if (part.length > 0) this.#parts.push(part);
  }

  // Empty lines are ignored: some clients send them to test the connection.
  #takeLine(): Uint8Array | undefined {
    const [first] = this.#parts;
    const line = first !== undefined && this.#parts.length === 1
      ? first
      : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
    if (end === 0) return undefined;
    const message = line.subarray(0, end);
    if (this.#isFirst && HTTP_VERSION.test(message.subarray(-9).toString("latin1"))) {
      throw new HttpRequestError("The first line is an HTTP request line");
    }
    this.#isFirst = false;
    return message;
  }
}

class LengthReader implements FrameReader {
  readonly #max: number;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get pending(): number {
    return this.#size;
  }

  push(chunk: Buffer): readonly Uint8Array[] {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    const messages: Uint8Array[] = [];
    for (;;) {
      if (this.#size < 4) return messages;
      const head = this.#joined(4);
      const length = head.readUInt32BE(0);
      if (length > this.#max) {
        throw new FramingError(`A message of ${length} bytes is larger than ${this.#max}`);
      }
      if (this.#size < 4 + length) return messages;
      const all = this.#joined(4 + length);
      messages.push(all.subarray(4, 4 + length));
      const left = all.subarray(4 + length);
      this.#parts = left.length === 0 ? [] : [left, ...this.#parts.slice(1)];
      this.#size -= 4 + length;
    }
  }

  rest(): Uint8Array | undefined {
    return undefined;
  }

  // Returns a first part of at least `length` bytes; parts are joined only when they are needed.
  #joined(length: number): Buffer {
    const [first] = this.#parts;
    if (first !== undefined && first.length >= length) return first;
    const all = Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }
}
