import { Buffer } from "node:buffer";
import type { Framing } from "./listen_address.ts";

/** What a peer sent is no frame, or too large a one. */
export class FramingError extends Error {}

/** The peer speaks HTTP: a web page can send its lines to any port, where a line of the body would be a call. */
export class HttpRequestError extends Error {}

/** Takes messages out of a stream of bytes. */
export interface FrameReader {
  /** Adds bytes and takes every whole message out. @throws FramingError or HttpRequestError */
  push(chunk: Buffer): readonly Uint8Array[];
  /** Bytes of a message that is not whole yet. */
  readonly pending: number;
  /** What is left when the stream ends: a last line without its end. */
  rest(): Uint8Array | undefined;
}

/** A reader of one kind of framing; `maxMessage` in bytes. */
export function frameReader(framing: Framing, maxMessage: number): FrameReader {
  return framing === "line" ? new LineReader(maxMessage) : new LengthReader(maxMessage);
}

/** A message as it stands in the stream. */
export function frame(framing: Framing, message: string | Uint8Array): Buffer {
  const bytes = typeof message === "string" ? Buffer.from(message) : message;
  if (framing === "line") return Buffer.concat([bytes, NEWLINE]);
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** The end of an HTTP request line, and of no JSON. */
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

  // Empty lines mean nothing: some clients send them to see whether anybody is there.
  #takeLine(): Uint8Array | undefined {
    const line = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
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

  // The first part with at least `length` bytes in it: parts are joined only when a whole message is there.
  #joined(length: number): Buffer {
    const first = this.#parts[0]!;
    if (first.length >= length) return first;
    const all = Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }
}
