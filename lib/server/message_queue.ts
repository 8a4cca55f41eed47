import type { Received } from "./transport.ts";

/** Queues messages between a transport and the server that handles them. */
export class MessageQueue {
  readonly #waiting: Received[] = [];
  #taker: ((received: Received | undefined) => void) | undefined;
  #closed = false;

  /** Adds a message at the end; ignored once closed. */
  push(received: Received): void {
    if (this.#closed) return;
    if (this.#taker === undefined) {
      this.#waiting.push(received);
      return;
    }
    const taker = this.#taker;
    this.#taker = undefined;
    taker(received);
  }

  /** Returns the next message, waiting for one; `undefined` when the queue is closed and empty. */
  take(): Promise<Received | undefined> {
    const next = this.#waiting.shift();
    if (next !== undefined || this.#closed) return Promise.resolve(next);
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  /** Accepts no further messages; queued ones can still be taken. */
  close(): void {
    this.#closed = true;
    this.#taker?.(undefined);
    this.#taker = undefined;
  }
}
