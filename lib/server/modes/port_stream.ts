/** A byte stream over messages, for connections whose socket stays in the thread that accepted it. */
import { Duplex } from "node:stream";

/** Messages of one connection, in both directions. */
export type PortMessage =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  /** Acknowledges so many bytes: the other side may send more. */
  | { readonly kind: "taken"; readonly size: number }
  | { readonly kind: "end" }
  | { readonly kind: "destroy" };

/** Unacknowledged bytes after which the sender waits. */
export const WINDOW: number = 1024 * 1024;
/** Bytes after which the receiver acknowledges: not after each message, which would double their number. */
export const REPORT: number = WINDOW / 4;

/** One end of the stream. */
export class PortStream extends Duplex {
  readonly #post: (message: PortMessage, transfer: readonly ArrayBuffer[]) => void;
  #inFlight = 0;
  #taken = 0;
  #waiting: (() => void) | undefined;

  constructor(post: (message: PortMessage, transfer: readonly ArrayBuffer[]) => void) {
    super({ allowHalfOpen: true });
    this.#post = post;
  }

  /** Receives a message of the port. */
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
    // A copy: a view would transfer its whole buffer.
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

/** Forwards the bytes of two streams to each other until one ends. Resolves when both are closed. */
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
      // Pending output is sent first.
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
