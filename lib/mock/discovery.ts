import { type Contract, toOpenrpc } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { type Dispatcher, succeeded } from "../rpc/mod.ts";

/** The method by which OpenRPC's tools request a description of the server. */
const DISCOVER = "rpc.discover";

/**
 * Makes a dispatcher that answers `rpc.discover` with the contract's OpenRPC document and forwards all other calls.
 *
 * @param depth Levels of recursive types in the document (default: all).
 */
export function withDiscovery(
  dispatcher: Dispatcher,
  contract: () => Contract,
  depth?: number,
): Dispatcher {
  return {
    has: (method) => method === DISCOVER || dispatcher.has(method),
    dispatch: (call, context) =>
      call.method === DISCOVER
        ? succeeded(toOpenrpc(contract(), defined({ depth })))
        : dispatcher.dispatch(call, context),
  };
}
