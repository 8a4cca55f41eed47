import type { ModeOptions, ServingMode } from "./mode.ts";

/** One connection at a time; the others wait, accepted, until it is over. */
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
