import type { ModuleRun, PythonBackend, Question } from "../python/mod.ts";
import type { Clock } from "../runtime/mod.ts";

/** The Python side, as far as a loop uses it. */
export type Backend = Pick<
  PythonBackend,
  "hello" | "ask" | "errorOf" | "installCommand" | "unlisten" | "end"
>;

/** Options of {@link Asker}. */
export interface AskerOptions {
  readonly clock: Clock;
  /** The state of the sources that are known. */
  readonly stamp: () => Promise<string>;
}

/** A question that was asked while the debounce still waits. */
interface EarlyQuestion {
  readonly question: Question;
  readonly stamp: string;
  readonly run: Promise<ModuleRun>;
  readonly abort: AbortController;
}

/** The question under way. */
interface Pending {
  readonly since: number;
  readonly abort: AbortController;
  cancelTimer: (() => void) | undefined;
}

/** An outdated question is cancelled when Python has worked on it for this long. */
const PATIENCE = 3000;

/** Asks Python about a module, one question at a time, and cancels questions whose answer is outdated. */
export class Asker {
  readonly #options: AskerOptions;
  #backend: Backend | undefined;
  #early: EarlyQuestion | undefined;
  #pending: Pending | undefined;
  /** Early questions that are being cancelled. */
  #cancelling = 0;
  /** Number of calls of {@link cancel}. */
  #cancellations = 0;
  #hasEnded = false;

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /** The Python side that answers. */
  get backend(): Backend {
    if (this.#backend === undefined) throw new Error("the asker has no backend");
    return this.#backend;
  }

  /** Asks another Python from now on; the old one and all its processes end. */
  async connect(backend: Backend): Promise<void> {
    this.discardEarly();
    const before = this.#backend;
    this.#backend = backend;
    await before?.end();
    if (this.#hasEnded) await backend.end();
  }

  /** Asks, or uses the early answer if no source was written since. Undefined: the question was cancelled. */
  async ask(question: Question): Promise<ModuleRun | undefined> {
    const early = this.#early;
    const cancellations = this.#cancellations;
    if (early !== undefined) {
      const run = await early.run.catch(() => undefined);
      const isCurrent = run !== undefined && isSame(early.question, question) &&
        early.stamp === await this.#options.stamp();
      if (early === this.#early) {
        if (isCurrent) {
          this.#early = undefined;
          return run;
        }
        this.discardEarly();
      }
    }
    const isCancelled = this.#hasEnded || cancellations !== this.#cancellations;
    return isCancelled ? undefined : await this.#ask(question);
  }

  /**
   * Asks while the debounce still waits: if no further change comes, the answer is there when it ends.
   *
   * @param isWanted returns false once the debounce has ended
   */
  async askEarly(question: Question, isWanted: () => boolean): Promise<void> {
    if (this.#cancelling > 0 || this.#pending !== undefined) return;
    const stamp = await this.#options.stamp();
    if (!isWanted() || this.#hasEnded) return;
    this.discardEarly();
    const abort = new AbortController();
    const run = this.backend.ask({ ...question, signal: abort.signal });
    run.catch(() => {});
    this.#early = { question, stamp, run, abort };
  }

  /** Cancels the early question at once: its import may never end. */
  discardEarly(): void {
    const early = this.#early;
    if (early === undefined) return;
    this.#early = undefined;
    this.#cancelling++;
    early.abort.abort();
    early.run.then((run) => run.stop(0), () => {}).finally(() => this.#cancelling--);
  }

  /** Cancels the question under way, after some patience: an import that hangs would delay the next question by a minute. */
  cancelSoon(): void {
    const pending = this.#pending;
    if (pending === undefined || pending.cancelTimer !== undefined) return;
    const { clock } = this.#options;
    const age = clock.monotonic() - pending.since;
    pending.cancelTimer = clock.after(Math.max(0, PATIENCE - age), () => pending.abort.abort());
  }

  /** Cancels every question at once. */
  cancel(): void {
    this.#cancellations++;
    this.discardEarly();
    this.#pending?.abort.abort();
  }

  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#pending?.cancelTimer?.();
    await this.#backend?.end();
  }

  async #ask(question: Question): Promise<ModuleRun | undefined> {
    const abort = new AbortController();
    const pending: Pending = {
      since: this.#options.clock.monotonic(),
      abort,
      cancelTimer: undefined,
    };
    this.#pending = pending;
    try {
      return await this.backend.ask({ ...question, signal: abort.signal });
    } catch (error) {
      if (abort.signal.aborted && error === abort.signal.reason) return undefined;
      throw error;
    } finally {
      pending.cancelTimer?.();
      if (this.#pending === pending) this.#pending = undefined;
    }
  }
}

function isSame(a: Question, b: Question): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
