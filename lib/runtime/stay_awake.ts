/**
 * Keeps the event loop awake for a moment after a message. The system takes longer to wake a thread than a small call takes here
 * (0.1 ms and more on a virtual machine), and a client that waits for each answer before it asks again pays that with every call.
 *
 * What it costs is bounded as where a hypervisor polls before it halts: it looks for {@link LOOK_FOR} only while looking has
 * paid lately, and lets go of a processor that others want.
 */
import { availableParallelism } from "node:os";
import { PAID, Payoff, WASTED } from "./payoff.ts";

/** Milliseconds after a message. */
export const LOOK_FOR = 0.3;

/** A turn of the loop that took so long was not short work of ours: somebody else had the processor, or needs it. */
const PREEMPTED = 0.2;
/** A processor that others wanted counts as eight waits that were not short. */
const TAKEN_AWAY = 8 * WASTED;

/** The world of {@link Wakefulness}. */
export interface WakefulnessOptions {
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Runs something in the next turn of the loop, which does not sleep before. */
  readonly nextTurn: (run: () => void) => void;
}

/** Whether a loop stays awake, by what came of it. */
export class Wakefulness {
  readonly #now: () => number;
  readonly #nextTurn: (run: () => void) => void;
  readonly #look = () => this.#looked();
  /** When the last message was done, and the turn after it. */
  #last = -Infinity;
  #turn = 0;
  #isLooking = false;
  readonly #payoff = new Payoff();

  constructor({ now, nextTurn }: WakefulnessOptions) {
    this.#now = now;
    this.#nextTurn = nextTurn;
  }

  /** To be called when a message has been read and, if it could be at once, answered. */
  touched(): void {
    const now = this.#now();
    const waited = now - this.#last;
    const took = now - this.#turn;
    this.#last = this.#turn = now;
    if (this.#isLooking) return this.#payoff.count(took > PREEMPTED ? TAKEN_AWAY : PAID);
    // Awake it would have come sooner.
    this.#payoff.count(waited < 2 * LOOK_FOR ? PAID : WASTED);
    if (!this.#payoff.pays) return;
    this.#isLooking = true;
    this.#nextTurn(this.#look);
  }

  #looked(): void {
    const now = this.#now();
    const took = now - this.#turn;
    this.#turn = now;
    if (took > PREEMPTED) this.#payoff.count(TAKEN_AWAY);
    if (this.#payoff.pays && now - this.#last < LOOK_FOR) return this.#nextTurn(this.#look);
    // What was wasted is counted with the message that ends this wait.
    this.#isLooking = false;
  }
}

/** Tells this thread's loop of a message; `undefined` where there is one processor, which others need meanwhile. */
export function staysAwake(): (() => void) | undefined {
  if (availableParallelism() < 2) return undefined;
  ofThisThread ??= new Wakefulness({
    now: () => performance.now(),
    nextTurn: (run) => void setImmediate(run),
  });
  const wakefulness = ofThisThread;
  return () => wakefulness.touched();
}

let ofThisThread: Wakefulness | undefined;
