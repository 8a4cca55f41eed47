import type { ModeOptions, ServingMode } from "./mode.ts";

/** Serves every connection in the event loop: thousands of idle ones cost little, but a handler that computes blocks all. */
export function asyncMode({ serveHere }: ModeOptions): ServingMode {
  return { serve: serveHere, close: () => Promise.resolve() };
}
