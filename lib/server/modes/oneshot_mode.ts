import type { ModeOptions, ServingMode } from "./mode.ts";

/** Serves one connection, then ends the server; others are refused. */
export function oneshotMode({ serveHere, onEvent }: ModeOptions): ServingMode {
  let isTaken = false;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => finish = resolve);
  return {
    finished,
    async serve(connection, info) {
      if (isTaken) {
        connection.destroy();
        onEvent?.({ kind: "dropped", remote: info.remote });
        return;
      }
      isTaken = true;
      await serveHere(connection, info).finally(finish);
    },
    close: () => Promise.resolve(),
  };
}
