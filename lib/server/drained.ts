import type { Duplex } from "node:stream";

const WAITING = new WeakMap<Duplex, Promise<void>>();

/** Waits until a peer that does not read has read, so that its replies are not buffered. All callers share one listener. */
export function drained(connection: Duplex): Promise<void> {
  if (connection.destroyed || connection.writableEnded || !connection.writableNeedDrain) {
    return Promise.resolve();
  }
  let waiting = WAITING.get(connection);
  if (waiting === undefined) {
    waiting = new Promise((resolve) => {
      const done = () => {
        connection.off("drain", done);
        connection.off("close", done);
        WAITING.delete(connection);
        resolve();
      };
      connection.on("drain", done);
      connection.on("close", done);
    });
    WAITING.set(connection, waiting);
  }
  return waiting;
}
