import type { Contract } from "../contract/mod.ts";
import { createMockDispatcher } from "../mock/mod.ts";
import { type Dispatcher, dispatcherOf, type Handler } from "../rpc/mod.ts";

/** Options of {@link servedDispatcher}. */
export interface ServedDispatcherOptions {
  readonly contract: Contract | undefined;
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Coerce arguments as Pydantic does. */
  readonly lax: boolean;
  readonly warn: (text: string) => void;
}

/** Makes the dispatcher of `pyrpc serve`, in the event loop as in workers and children. */
export function servedDispatcher(
  { contract, handlers, lax, warn }: ServedDispatcherOptions,
): Dispatcher {
  if (contract === undefined) return dispatcherOf(handlers);
  return createMockDispatcher({
    contract,
    handlers,
    values: false,
    lax,
    // Only generated values, latencies and fault rules use it, which `serve` does not have.
    random: () => 0,
    warn,
    onViolation: ({ procedure, data }) =>
      warn(`${procedure.name} returned a value that its schema rejects: ${JSON.stringify(data)}`),
  });
}
