import type { ModeOptions, ServingMode } from "./mode.ts";

/** Serves one connection at a time; the others are accepted and wait. */
export function syncMode({ serveHere }: ModeOptions): ServingMode {
  let last: Promise<void> = Promise.resolve();
  return {
    serve(connection, info) {
      const served = last.then(() =>
        connection.destroyed ? undefined : serveHere(connection, info)
      );
      last = served.catch(() => {});
      return last;
    },
    close: () => Promise.resolve(),
  };
}
