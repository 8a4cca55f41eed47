import type { Clock } from "../runtime/mod.ts";

/** States of a {@link Scheduler}. */
export type SchedulerState =
  /** No run is due. */
  | "idle"
  /** Sources have changed; the run starts once they are quiet. */
  | "settling"
  /** A run is under way and no source has changed since it began. */
  | "running"
  /** A run is under way and another one follows, at once or after the changes have settled. */
  | "running-again";

/** Options of {@link Scheduler}. */
export interface SchedulerOptions {
  readonly clock: Clock;
  /** Milliseconds without a change before a run starts. Read at each change. */
  readonly debounce: () => number;
  /** One run. A rejection ends the series of runs and reaches the caller that started it. */
  readonly run: () => Promise<void>;
  /** Called while the debounce still waits, when an editor's save is likely to be complete. */
  readonly onQuiet: () => void;
  /** Called when the run under way is outdated: the next one is due. */
  readonly onDue: () => void;
  /** Receives the rejection of a run that a change has started. */
  readonly onFailure: (error: unknown) => void;
}

/** Changes that never stop do not put a run off for longer than this. */
const LONGEST_WAIT = 2000;
/** An editor's save is several changes of a file within a few milliseconds. */
const QUIET = 40;

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "settling"; readonly burst: Burst }
  | { readonly kind: "running" }
  /** `burst` is undefined once the next run is due. */
  | { readonly kind: "running-again"; readonly burst: Burst | undefined };

/** Changes that follow each other within the debounce. */
interface Burst {
  readonly since: number;
  cancel(): void;
}

/**
 * Decides when to run after changes: once they have settled, one run at a time, and again for changes during a run.
 *
 * ```
 * idle --change--> settling --quiet--> running --end--> idle
 *                                      running --change--> running-again --end--> settling or running
 * ```
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  #state: State = { kind: "idle" };
  #runs: Promise<void> = Promise.resolve();
  #hasStopped = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get state(): SchedulerState {
    return this.#state.kind;
  }

  /** Resolves when no run is under way; rejects as the run does. */
  get runs(): Promise<void> {
    return this.#runs;
  }

  /** A source has changed. */
  change(): void {
    const state = this.#state;
    if (this.#hasStopped) return;
    if (state.kind === "idle" || state.kind === "settling") {
      const before = state.kind === "settling" ? state.burst : undefined;
      this.#state = { kind: "settling", burst: this.#extend(before) };
    } else if (state.kind === "running") {
      this.#state = { kind: "running-again", burst: this.#extend(undefined) };
    } else if (state.burst !== undefined) {
      this.#state = { kind: "running-again", burst: this.#extend(state.burst) };
    }
  }

  /** Runs now, or directly after the run under way. Resolves when no further run is due. */
  runNow(): Promise<void> {
    if (this.#hasStopped) return this.#runs;
    if (this.#state.kind === "settling" || this.#state.kind === "running-again") {
      this.#state.burst?.cancel();
    }
    if (this.#state.kind === "running" || this.#state.kind === "running-again") {
      this.#state = { kind: "running-again", burst: undefined };
      this.#options.onDue();
    } else {
      this.#state = { kind: "running" };
      this.#runs = this.#runUntilIdle();
    }
    return this.#runs;
  }

  /** Starts no further run. */
  stop(): void {
    this.#hasStopped = true;
    if ("burst" in this.#state) this.#state.burst?.cancel();
  }

  #extend(before: Burst | undefined): Burst {
    const { clock, debounce } = this.#options;
    before?.cancel();
    const now = clock.monotonic();
    const since = before?.since ?? now;
    const wait = debounce();
    const left = since + Math.max(LONGEST_WAIT, wait) - now;
    const timers = [
      clock.after(Math.max(0, Math.min(wait, left)), () => this.#settled()),
      ...(wait > 2 * QUIET ? [clock.after(QUIET, () => this.#quiet())] : []),
    ];
    return { since, cancel: () => timers.forEach((cancel) => cancel()) };
  }

  #quiet(): void {
    if (this.#state.kind === "settling") this.#options.onQuiet();
  }

  #settled(): void {
    const isFirst = this.#state.kind === "settling";
    const runs = this.runNow();
    // A run under way reports to the caller that started it.
    if (isFirst) runs.catch(this.#options.onFailure);
  }

  async #runUntilIdle(): Promise<void> {
    try {
      await this.#options.run();
      while (this.#isDue() && !this.#hasStopped) {
        this.#state = { kind: "running" };
        await this.#options.run();
      }
    } finally {
      const burst = this.#state.kind === "running-again" ? this.#state.burst : undefined;
      this.#state = burst === undefined ? { kind: "idle" } : { kind: "settling", burst };
    }
  }

  #isDue(): boolean {
    return this.#state.kind === "running-again" && this.#state.burst === undefined;
  }
}
