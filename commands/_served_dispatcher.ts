import type { Contract } from "../lib/contract/mod.ts";
import { type Dispatcher, dispatcherOf, type Handler } from "../lib/rpc/mod.ts";

/** What `pyrpc serve` answers with, in the event loop as in workers and children. */
export async function servedDispatcher(
  { contract, handlers, lax, warn }: {
    readonly contract: Contract | undefined;
    readonly handlers: ReadonlyMap<string, Handler>;
    readonly lax: boolean;
    readonly warn: (text: string) => void;
  },
): Promise<Dispatcher> {
  if (contract === undefined) return dispatcherOf(handlers);
  const { createMockDispatcher } = await import("../lib/mock/mod.ts");
  return createMockDispatcher({
    contract,
    handlers,
    values: false,
    lax,
    random: Math.random,
    warn,
    onViolation: ({ procedure, data }) =>
      warn(`${procedure.name} gave what its schema forbids: ${JSON.stringify(data)}`),
  });
}
