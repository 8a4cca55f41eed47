import type { Clock } from "../runtime/mod.ts";
import type { askRpc } from "./ask_http.ts";
import type { isListening } from "./port_state.ts";
import { type Described, difference } from "./served_contract.ts";
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

/** Options of {@link checkAttachedContract}. */
export interface AttachedContractOptions {
  readonly clock: Clock;
  readonly ask: typeof askRpc;
  /** The server still has another contract; `response` describes it. */
  readonly onStale: (response: string) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Each request is a line in the server's log. */
const CHECK_MS = 3000;
/** A server that reloads itself imports the backend first. */
const CHECKS = 4;
const ANSWER_MS = 5000;

/**
 * Reports a server that does not answer with a changed contract within some seconds: the other process does not reload, or
 * runs the code of another folder.
 *
 * @returns a function that stops waiting
 */
export function checkAttachedContract(
  described: Described,
  { clock, ask, onStale, onFailure }: AttachedContractOptions,
): () => void {
  const { host, port } = described.project;
  let checks = 0;
  let hasStopped = false;
  const stopPolling = startPolling({ clock, interval: CHECK_MS, onFailure }, async () => {
    const state = await ask(host, port, ANSWER_MS);
    if (hasStopped) return;
    checks++;
    const response = difference(state, described);
    if (response !== undefined && state.kind === "answer" && checks < CHECKS) return;
    stop();
    if (response !== undefined && state.kind === "answer") onStale(response);
  });
  const stop = () => {
    hasStopped = true;
    stopPolling();
  };
  return stop;
}
