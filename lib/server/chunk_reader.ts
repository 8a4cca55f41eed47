import type { Buffer } from "node:buffer";
import type { Readable } from "node:stream";

/**
 * Reads the chunks of a stream one at a time and leaves the stream open: the async iterator of Node's streams destroys it
 * at the end, together with replies that are not sent yet.
 */
export class ChunkReader {
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      stream.pause();
      this.#wake?.();
    });
    const end = () => {
      this.#ended = true;
      this.#wake?.();
    };
    stream.once("end", end);
    stream.once("close", end);
    stream.once("error", end);
    if (stream.destroyed || stream.readableEnded) end();
  }

  /** Returns the next chunk; `undefined` when the stream has ended or failed. */
  async next(): Promise<Buffer | undefined> {
    while (this.#chunks.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#stream.resume();
      });
    }
    this.#wake = undefined;
    return this.#chunks.shift();
  }
}
