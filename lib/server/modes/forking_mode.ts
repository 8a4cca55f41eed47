import type { ModeOptions, ServingMode } from "./mode.ts";
import { oneHostEach } from "./one_host_each.ts";

/**
 * A child process for each connection: nothing is shared, and a child that crashes or is killed ends its client only. Plain TCP and
 * Unix sockets are handed to the child itself; for TLS and WebSocket this process passes the bytes.
 */
export function forkingMode(options: ModeOptions): ServingMode {
  if (options.startChild === undefined) throw new TypeError("forking mode needs startChild");
  return { ...oneHostEach(options.startChild, options), takesSockets: true };
}
