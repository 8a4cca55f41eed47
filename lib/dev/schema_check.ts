import type { EndpointFault, ModuleAnswer } from "../python/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import type { askRpc, HttpState } from "./ask_http.ts";
import type { SchemaEvent } from "./dev_event.ts";
import type { ServerLog } from "./server_log.ts";
import { delay } from "./timers.ts";

/** Options of {@link SchemaCheck}. */
export interface SchemaCheckOptions {
  readonly clock: Clock;
  readonly log: Pick<ServerLog, "hold" | "release">;
  readonly ask: typeof askRpc;
  readonly onEvent: (event: SchemaEvent) => void;
}

const LIMIT_MS = 5000;
/** A server may print about a request a moment after it has answered. */
const LATE_OUTPUT_MS = 50;

/** Sends `GET /rpc` to the running server after a change: one procedure can break it for all clients. */
export class SchemaCheck {
  readonly #options: SchemaCheckOptions;
  #isBroken = false;
  #hasEnded = false;

  constructor(options: SchemaCheckOptions) {
    this.#options = options;
  }

  /**
   * Reports a failure each time, and recovery once.
   *
   * @param fault the reason of a failure, as far as the source shows it
   */
  async check(
    host: string,
    port: number,
    answer: ModuleAnswer,
    fault?: EndpointFault,
  ): Promise<void> {
    const { clock, log, ask, onEvent } = this.#options;
    log.hold();
    const state = await ask(host, port, LIMIT_MS);
    await delay(clock, LATE_OUTPUT_MS);
    log.release(state.kind === "answer" && state.status >= 500);
    if (this.#hasEnded) return;
    if (state.kind === "answer" && state.status === 200) {
      if (this.#isBroken) onEvent({ kind: "schema_recovered" });
      this.#isBroken = false;
      return;
    }
    this.#isBroken = true;
    const isGuarded = state.kind === "answer" && (state.status === 401 || state.status === 403);
    onEvent({
      kind: "schema_broken",
      reason: reasonOf(state),
      isGuarded,
      fault,
      suspects: isGuarded ? [] : suspectsIn(answer),
    });
  }

  /** Forgets a failure: another server runs from now on. */
  reset(): void {
    this.#isBroken = false;
  }

  end(): void {
    this.#hasEnded = true;
  }
}

function reasonOf(state: HttpState): string {
  switch (state.kind) {
    case "answer":
      return `answers ${state.status}`;
    case "refused":
      return "cannot be reached";
    case "silent":
      return `fails: ${state.reason}`;
  }
}

function suspectsIn({ problems, adapted }: ModuleAnswer): { name: string; reason: string }[] {
  return [
    ...problems.map(({ name, part, reason }) => ({
      name,
      reason: part === null || part === "return" ? reason : `parameter ${part}: ${reason}`,
    })),
    ...adapted.map((name) => ({ name, reason: "a default that is not valid JSON" })),
  ];
}
