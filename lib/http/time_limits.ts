import { HttpFailure } from "./failure.ts";

/** Limits of one exchange, in milliseconds. */
export interface TimeLimitsOptions {
  /** Time for everything. */
  readonly timeoutMs: number;
  /** Longest time between two bytes of the answer's body. */
  readonly idleMs: number;
}

/** The time limits of one exchange. One timer serves both, since most exchanges end before it fires for the first time. */
export class TimeLimits {
  readonly #options: TimeLimitsOptions;
  readonly #onFailure: (failure: HttpFailure) => void;
  readonly #end: number;
  /** Unknown until the body begins. */
  #idleEnd: number | undefined;
  #timer: ReturnType<typeof setTimeout>;

  /** Starts the time for everything. */
  constructor(options: TimeLimitsOptions, onFailure: (failure: HttpFailure) => void) {
    this.#options = options;
    this.#onFailure = onFailure;
    this.#end = performance.now() + options.timeoutMs;
    this.#timer = this.#wait(Math.min(options.timeoutMs, options.idleMs));
  }

  /** Starts the time to the next byte of the body. */
  restartIdle(): void {
    this.#idleEnd = performance.now() + this.#options.idleMs;
  }

  /** Removes the limits. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#check(), ms);
  }

  #check(): void {
    const { timeoutMs, idleMs } = this.#options;
    const now = performance.now();
    // The body cannot be idle for too long before this, however soon it begins.
    const idleEnd = this.#idleEnd ?? now + idleMs;
    if (now >= this.#end) {
      const message = `No complete answer within ${timeoutMs} ms`;
      return this.#onFailure(new HttpFailure("timeout", message));
    }
    if (now >= idleEnd) {
      return this.#onFailure(new HttpFailure("idle", `No byte for ${idleMs} ms`));
    }
    this.#timer = this.#wait(Math.min(this.#end, idleEnd) - now);
  }
}
