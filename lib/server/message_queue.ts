import type { Received } from "./transport.ts";

/** Messages between a transport that gets them and a server that takes them. */
export class MessageQueue {
  readonly #waiting: Received[] = [];
  #taker: ((received: Received | undefined) => void) | undefined;
  #closed = false;

  /** Puts a message at the end; nothing once closed. */
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

  /** The next message, when there is one; `undefined` when the inbox is closed and empty. */
  take(): Promise<Received | undefined> {
    const next = this.#waiting.shift();
    if (next !== undefined || this.#closed) return Promise.resolve(next);
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  /** Takes nothing more in; what waits can still be taken. */
  close(): void {
    this.#closed = true;
    this.#taker?.(undefined);
    this.#taker = undefined;
  }
}
