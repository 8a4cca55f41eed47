import type { LoadContext } from "../../lib/source/mod.ts";

/** A context for loading that is empty except for the given members. */
export function contextOf(given: Partial<LoadContext> = {}): LoadContext {
  return {
    cwd: "/",
    env: {},
    stdin: { readAll: () => Promise.resolve(new Uint8Array()) },
    ...given,
  };
}
