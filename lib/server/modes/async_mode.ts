import type { ModeOptions, ServingMode } from "./mode.ts";

/** Every connection in the event loop: thousands of idle ones cost little, a handler that computes holds all of them up. */
export function asyncMode({ serveHere }: ModeOptions): ServingMode {
  return { serve: serveHere, close: () => Promise.resolve() };
}
