/** A byte stream over messages, for connections whose socket cannot leave the thread it was accepted in. */
import { Duplex } from "node:stream";

/** What goes through the port for one connection, both ways. */
export type PortMessage =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  /** So many bytes were taken: the other side may send more. */
  | { readonly kind: "taken"; readonly size: number }
  | { readonly kind: "end" }
  | { readonly kind: "destroy" };

/** Bytes that may be on their way before the sender waits. */
export const WINDOW: number = 1024 * 1024;
/** Bytes after which the sender is told that they were taken: not after each message, which would double their number. */
export const REPORT: number = WINDOW / 4;

/** One end of such a stream. */
export class PortStream extends Duplex {
  readonly #post: (message: PortMessage, transfer: readonly ArrayBuffer[]) => void;
  #inFlight = 0;
  #taken = 0;
  #waiting: (() => void) | undefined;

  constructor(post: (message: PortMessage, transfer: readonly ArrayBuffer[]) => void) {
    super({ allowHalfOpen: true });
    this.#post = post;
  }

  /** Hands in what came through the port. */
  receive(message: PortMessage): void {
    switch (message.kind) {
      case "data":
        this.#taken += message.bytes.length;
        if (this.push(message.bytes)) this.#acknowledge();
        return;
      case "taken": {
        this.#inFlight -= message.size;
        if (this.#inFlight > WINDOW) return;
        const waiting = this.#waiting;
        this.#waiting = undefined;
        waiting?.();
        return;
      }
      case "end":
        this.push(null);
        return;
      case "destroy":
        this.destroy();
    }
  }

  override _read(): void {
    this.#acknowledge();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    // A copy of its own: a view would take the whole buffer behind it along.
    const bytes = new Uint8Array(chunk);
    this.#inFlight += bytes.length;
    this.#post({ kind: "data", bytes }, bytes.length < 65_536 ? [] : [bytes.buffer]);
    if (this.#inFlight <= WINDOW) done();
    else this.#waiting = done;
  }

  override _final(done: () => void): void {
    this.#post({ kind: "end" }, []);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#post({ kind: "destroy" }, []);
    done(error);
  }

  #acknowledge(): void {
    if (this.#taken < REPORT) return;
    const size = this.#taken;
    this.#taken = 0;
    this.#post({ kind: "taken", size }, []);
  }
}

/** Joins two streams so that each gets what the other reads, until one is over. Resolves when both are closed. */
export function joinStreams(left: Duplex, right: Duplex): Promise<void> {
  const closed = (stream: Duplex) =>
    new Promise<void>((resolve) => {
      if (stream.closed) resolve();
      else stream.once("close", resolve);
    });
  const pump = (from: Duplex, to: Duplex) => {
    from.on("data", (chunk: Uint8Array) => {
      if (!to.destroyed && !to.writableEnded && !to.write(chunk)) from.pause();
    });
    to.on("drain", () => from.resume());
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => {
      // What is still to be written leaves first.
      if (!to.writableEnded) to.end();
    });
  };
  pump(left, right);
  pump(right, left);
  const both = Promise.all([closed(left), closed(right)]).then(() => {});
  left.resume();
  right.resume();
  return both;
}
