/**
 * Runs the first job of a tick of the event loop at once, and the others of the same tick together at its end.
 *
 * Sending a message wakes a sleeping peer, which costs more than the rest of a small call. Of all answers that are ready
 * in one tick only the first does so.
 */
export class TurnQueue<Job> {
  readonly #run: (job: Job) => void;
  #isOpen = false;
  #waiting: Job[] = [];
  readonly #end = () => this.#ended();

  /** @param run must not throw */
  constructor(run: (job: Job) => void) {
    this.#run = run;
  }

  /** Runs a job now or at the end of this tick. */
  add(job: Job): void {
    if (this.#isOpen) return void this.#waiting.push(job);
    this.#isOpen = true;
    setImmediate(this.#end);
    this.#run(job);
  }

  #ended(): void {
    this.#isOpen = false;
    if (this.#waiting.length === 0) return;
    const jobs = this.#waiting;
    this.#waiting = [];
    for (const job of jobs) this.#run(job);
  }
}
