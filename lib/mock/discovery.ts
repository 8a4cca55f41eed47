import { type Contract, toOpenrpc } from "../contract/mod.ts";
import { type Dispatcher, succeeded } from "../rpc/mod.ts";

/** The name by which OpenRPC's tools ask a server for its description. */
const DISCOVER = "rpc.discover";

/**
 * A dispatcher that answers `rpc.discover` with the contract's OpenRPC document, and leaves all else to another.
 *
 * @param depth Levels of types that contain themselves; all, if left out.
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
        ? succeeded(toOpenrpc(contract(), depth === undefined ? {} : { depth }))
        : dispatcher.dispatch(call, context),
  };
}
