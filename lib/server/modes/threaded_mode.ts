import type { ModeOptions, ServingMode } from "./mode.ts";
import { oneHostEach } from "./one_host_each.ts";

/** Serves each connection in its own worker thread: a handler that computes blocks its own connection only. */
export function threadedMode(options: ModeOptions): ServingMode {
  if (options.startWorker === undefined) throw new TypeError("threaded mode needs startWorker");
  return {
    ...oneHostEach(options.startWorker, options),
    takesSockets: options.workersTakeSockets ?? false,
  };
}
