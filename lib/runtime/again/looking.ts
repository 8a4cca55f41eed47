/**
 * Whether a process looks for its next message for a moment before it sleeps: being woken takes longer than a small call. As in
 * `stay_awake.ts` it does so only while that pays and leaves the processors to others; here the system says whether they want them.
 */
import { readFileSync } from "node:fs";
import { PAID, Payoff, WASTED } from "../payoff.ts";
import { LOOK_FOR } from "../stay_awake.ts";

/** Milliseconds after which the system is asked again. */
const ASK_EVERY = 50;
/** Share of the time that this process waited for a processor, from which on others need them more. */
const CONTENDED = 0.1;

/** Decides by what came of the waits before. */
export class Looking {
  readonly #now: () => number;
  readonly #waitedForProcessor: () => number;
  #askedAt = -Infinity;
  #waited = 0;
  #isContended = true;
  readonly #payoff = new Payoff();

  /** @param waitedForProcessor milliseconds so far; not a number where the system does not say, which counts as contended */
  constructor(now: () => number, waitedForProcessor: () => number = waitedInQueue) {
    this.#now = now;
    this.#waitedForProcessor = waitedForProcessor;
  }

  /** Whether to look for {@link LOOK_FOR}. */
  pays(): boolean {
    return this.#payoff.pays && !this.#isContended;
  }

  /** To be told how long each message was waited for. */
  waited(milliseconds: number, isAwake: boolean): void {
    // Awake it would have come sooner.
    this.#payoff.count(milliseconds < (isAwake ? LOOK_FOR : 2 * LOOK_FOR) ? PAID : WASTED);
  }

  /** To be called now and then. */
  ask(): void {
    const now = this.#now();
    const passed = now - this.#askedAt;
    if (passed < ASK_EVERY) return;
    const waited = this.#waitedForProcessor();
    this.#isContended = !(waited - this.#waited < passed * CONTENDED);
    this.#askedAt = now;
    this.#waited = waited;
  }
}

/** By Linux: nanoseconds on a processor, nanoseconds in the queue for one, turns. */
function waitedInQueue(): number {
  try {
    return Number(readFileSync("/proc/self/schedstat", "latin1").split(" ")[1]) / 1e6;
  } catch {
    return NaN;
  }
}
