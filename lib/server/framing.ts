import { Buffer } from "node:buffer";
import { MsgpackScanner } from "../rpc/msgpack/mod.ts";
import type { Framing } from "./listen_address.ts";

/** The peer sent an invalid frame, or one that is too large. */
export class FramingError extends Error {}

function tooLarge(max: number, size?: number): FramingError {
  const message = size === undefined ? "A message" : `A message of ${size} bytes`;
  return new FramingError(`${message} is larger than ${max} bytes`);
}

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
  switch (framing) {
    case "line":
      return new LineReader(maxMessage);
    case "length":
      return new LengthReader(maxMessage);
    case "none":
      return new MsgpackReader(maxMessage);
  }
}

/** Frames a message. */
export function frame(framing: Framing, message: string | Uint8Array): Buffer {
  const bytes = typeof message === "string" ? Buffer.from(message) : message;
  if (framing === "line") return Buffer.concat([bytes, NEWLINE]);
  if (framing === "none") return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
      throw tooLarge(this.#max);
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
        throw tooLarge(this.#max, length);
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

// Every message is an array. Anything else ends the connection, so that no byte of an HTTP request becomes a call.
class MsgpackReader implements FrameReader {
  readonly #max: number;
  readonly #scanner = new MsgpackScanner();
  #parts: Buffer[] = [];
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get pending(): number {
    return this.#size;
  }

  push(chunk: Buffer): readonly Uint8Array[] {
    const messages: Uint8Array[] = [];
    let from = 0;
    while (from < chunk.length) {
      if (this.#size === 0) checkArray(chunk[from] ?? 0);
      const end = this.#end(chunk, from);
      const part = chunk.subarray(from, end);
      this.#size += part.length;
      const least = end === undefined ? this.#size + this.#scanner.least : this.#size;
      if (least > this.#max) throw tooLarge(this.#max, least);
      this.#parts.push(part);
      if (end === undefined) break;
      messages.push(this.#parts.length === 1 ? part : Buffer.concat(this.#parts));
      this.#parts = [];
      this.#size = 0;
      from = end;
    }
    return messages;
  }

  rest(): Uint8Array | undefined {
    return undefined;
  }

  #end(chunk: Buffer, from: number): number | undefined {
    try {
      return this.#scanner.scan(chunk, from);
    } catch (error) {
      throw new FramingError(error instanceof Error ? error.message : String(error));
    }
  }
}

function checkArray(head: number): void {
  if ((head & 0xf0) === 0x90 || head === 0xdc || head === 0xdd) return;
  throw new FramingError(`Byte ${head.toString(16)} does not start a MessagePack-RPC message`);
}
