import type { Clock } from "../runtime/mod.ts";

/** Resolves after a number of milliseconds, which may be negative if a deadline has passed: Node warns of such timers. */
export function delay(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => clock.after(Math.max(0, milliseconds), resolve));
}

/** Options of {@link startPolling}. */
export interface PollingOptions {
  readonly clock: Clock;
  /** Milliseconds from the end of one check until the next one. */
  readonly interval: number;
  /** Receives an error of a check, after which polling stops. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Runs a check again and again, never twice at once.
 *
 * @returns a function that stops it
 */
export function startPolling(
  { clock, interval, onFailure }: PollingOptions,
  check: () => Promise<void>,
): () => void {
  let hasStopped = false;
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(interval, () => {
      check().then(() => {
        if (!hasStopped) next();
      }, (error: unknown) => {
        if (!hasStopped) onFailure(error);
      });
    });
  };
  next();
  return () => {
    hasStopped = true;
    cancel();
  };
}

const FIRST_REPORT_MS = 2000;

/**
 * Reports how many seconds have passed, first after two and then in growing intervals.
 *
 * @returns a function that stops it
 */
export function reportProgress(clock: Clock, onSeconds: (seconds: number) => void): () => void {
  const start = clock.monotonic();
  let cancel = () => {};
  const wait = (milliseconds: number) => {
    cancel = clock.after(milliseconds, () => {
      const passed = clock.monotonic() - start;
      onSeconds(Math.round(passed / 1000));
      wait(Math.min(passed * 1.5, 10_000));
    });
  };
  wait(FIRST_REPORT_MS);
  return () => cancel();
}
