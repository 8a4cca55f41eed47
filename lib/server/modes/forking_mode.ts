import type { ModeOptions, ServingMode } from "./mode.ts";
import { oneHostEach } from "./one_host_each.ts";

/**
 * Serves each connection in its own child process: they share nothing, and a crash ends one connection only. Plain TCP
 * and Unix sockets are handed to the child; for TLS and WebSocket this process forwards the bytes.
 */
export function forkingMode(options: ModeOptions): ServingMode {
  if (options.startChild === undefined) throw new TypeError("forking mode needs startChild");
  return { ...oneHostEach(options.startChild, options), takesSockets: true };
}
