/** Time and timers, passed as an argument so that tests control them. */
export interface Clock {
  /** Milliseconds of a clock that never jumps, for durations. */
  monotonic(): number;
  /**
   * Calls `callback` once, `milliseconds` from now.
   *
   * @returns a function that cancels the call
   */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The clock of this process. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
