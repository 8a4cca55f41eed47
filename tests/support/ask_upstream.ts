import type { Upstream, UpstreamAnswer } from "../../lib/mock/mod.ts";
import type { CallContext, RpcCall } from "../../lib/server/mod.ts";

/** The answer of a real server to one call. */
export function askUpstream(
  upstream: Upstream,
  call: RpcCall,
  context: CallContext = { transport: "http", remote: "" },
): Promise<UpstreamAnswer> {
  return new Promise((resolve) => upstream.ask(call, context, resolve));
}
