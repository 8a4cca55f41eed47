import type { Clock } from "../runtime/mod.ts";
import type { isListening } from "./port_state.ts";
import { startPolling } from "./timers.ts";

/** Options of {@link watchAttachedServer}. */
export interface AttachedServerOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly isListening: typeof isListening;
  readonly onEnd: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

const POLL_MS = 500;
/** One refused connection may be a restart. */
const REFUSALS = 2;

/**
 * Waits for the end of a server that another process runs. A connection without a request leaves no line in its log.
 *
 * @returns a function that stops waiting
 */
export function watchAttachedServer(options: AttachedServerOptions): () => void {
  const { host, port, clock, isListening, onEnd, onFailure } = options;
  let refusals = 0;
  let hasStopped = false;
  const stopPolling = startPolling({ clock, interval: POLL_MS, onFailure }, async () => {
    const isThere = await isListening(host, port, clock);
    refusals = isThere ? 0 : refusals + 1;
    if (refusals < REFUSALS || hasStopped) return;
    stop();
    await onEnd().catch(onFailure);
  });
  const stop = () => {
    hasStopped = true;
    stopPolling();
  };
  return stop;
}
