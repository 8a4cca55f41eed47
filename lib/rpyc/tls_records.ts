import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { frameSize } from "./channel.ts";

/**
 * Writes each message of a TLS connection in records of its own, as rpyc's servers do.
 *
 * rpyc's clients wait for the socket with `select()` (`SocketStream.poll` in `rpyc/core/stream.py` of rpyc 6): of two messages in one
 * record they read the first, and the second only when more bytes arrive. But engines join what is written while another
 * write is pending, and bytes of workers and children arrive in pieces of any size.
 */
export function messagePerRecord(connection: Duplex): Duplex {
  return new MessagePerRecord(connection);
}

const EMPTY = Buffer.alloc(0);

class MessagePerRecord extends Duplex {
  readonly #connection: Duplex;
  /** The first bytes of a message whose size is not known yet. */
  #head: Buffer = EMPTY;
  /** Bytes of the current message that were not written yet. */
  #left = 0;

  constructor(connection: Duplex) {
    super({ allowHalfOpen: connection.allowHalfOpen });
    this.#connection = connection;
    // No other listener exists while the connection waits for a worker or child.
    this.on("error", () => {});
    connection.on("data", (chunk: Uint8Array) => {
      if (!this.push(chunk)) connection.pause();
    });
    connection.on("end", () => this.push(null));
    connection.on("error", (error) => this.destroy(error));
    connection.on("close", () => {
      // Bytes that arrived before the end can still be read.
      if (!connection.readableEnded) this.destroy();
    });
  }

  override _read(): void {
    this.#connection.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.#writeEach(this.#split(chunk), done);
  }

  override _final(done: () => void): void {
    if (this.#connection.destroyed) return done();
    if (this.#head.length > 0) this.#connection.write(this.#head);
    this.#connection.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#connection.destroy();
    done(error);
  }

  /** Splits bytes at the ends of messages. */
  #split(chunk: Buffer): Buffer[] {
    const bytes = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    this.#head = EMPTY;
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      if (this.#left === 0) {
        const size = frameSize(bytes, at);
        if (size === undefined) {
          this.#head = bytes.subarray(at);
          break;
        }
        this.#left = size;
      }
      const part = bytes.subarray(at, at + this.#left);
      parts.push(part);
      at += part.length;
      this.#left -= part.length;
    }
    return parts;
  }

  #writeEach(parts: readonly Buffer[], done: (error?: Error | null) => void, index = 0): void {
    const part = parts[index];
    if (part === undefined) return done();
    this.#connection.write(part, (error) => {
      if (error === undefined || error === null) this.#writeEach(parts, done, index + 1);
      else done(error);
    });
  }
}
