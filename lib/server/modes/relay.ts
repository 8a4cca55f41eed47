import type { Duplex } from "node:stream";
import { type PortMessage, REPORT, WINDOW } from "./port_stream.ts";

/** Sends a message to the other end of the port. */
export type SendToPort = (message: PortMessage, transfer?: readonly ArrayBuffer[]) => void;

/**
 * Forwards a socket's bytes as messages, and returns the function that receives messages for the socket. A stream in
 * between would cost a tick of the event loop for each.
 */
export function relayTo(connection: Duplex, send: SendToPort): (message: PortMessage) => void {
  let inFlight = 0;
  let taken = 0;
  connection.on("data", (chunk: Uint8Array) => {
    const bytes = new Uint8Array(chunk);
    inFlight += bytes.length;
    send({ kind: "data", bytes }, bytes.length < 65_536 ? [] : [bytes.buffer]);
    if (inFlight > WINDOW) connection.pause();
  });
  connection.on("end", () => send({ kind: "end" }));
  connection.on("error", () => send({ kind: "destroy" }));
  connection.on("close", () => send({ kind: "destroy" }));
  return (message) => {
    switch (message.kind) {
      case "data": {
        if (connection.destroyed || connection.writableEnded) return;
        const size = message.bytes.length;
        // Acknowledged after it was written: a client that does not read slows the worker's output.
        connection.write(message.bytes, () => {
          taken += size;
          if (taken < REPORT) return;
          send({ kind: "taken", size: taken });
          taken = 0;
        });
        return;
      }
      case "taken":
        inFlight -= message.size;
        if (inFlight <= WINDOW && connection.isPaused()) connection.resume();
        return;
      case "end":
        connection.end();
        return;
      case "destroy":
        if (connection.writableEnded) return;
        connection.end();
    }
  };
}
