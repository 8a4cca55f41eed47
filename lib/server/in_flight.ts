/** Default number of calls of one connection that run at a time. */
export const DEFAULT_IN_FLIGHT = 100;

/** Counts the calls of a connection that have not been answered, up to a maximum. */
export class InFlight {
  readonly #max: number;
  readonly #onIdle: () => void;
  #size = 0;
  #waiting: (() => void)[] = [];

  /** @param onIdle called whenever the last running call has been answered */
  constructor(max: number, onIdle: () => void = () => {}) {
    this.#max = max;
    this.#onIdle = onIdle;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.#max;
  }

  /** Adds a call until its promise settles. */
  add(running: Promise<unknown>): void {
    this.#size++;
    const end = () => {
      this.#size--;
      if (this.#size === 0) this.#onIdle();
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    };
    running.then(end, end);
  }

  /** Waits until another call may start. */
  async room(): Promise<void> {
    while (this.isFull) await this.#change();
  }

  /** Waits until no call runs. */
  async idle(): Promise<void> {
    while (this.#size > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
