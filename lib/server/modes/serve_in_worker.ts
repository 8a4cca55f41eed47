import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { MessagePort } from "node:worker_threads";
import type { ServeConnection } from "../connection.ts";
import { isOver, type PlainConnectionInfo } from "./mode.ts";
import { PortStream } from "./port_stream.ts";
import { type ReportOne, reportQueue } from "./report_queue.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/**
 * Serves in this worker the connections that the main thread hands over.
 *
 * @param adopt makes a socket of a descriptor that `ThreadSockets` copied
 */
export function serveInWorker(
  port: MessagePort,
  build: (report: ReportOne) => Promise<ServeConnection>,
  adopt: (descriptor: number) => Socket,
): void {
  const streams = new Map<number, PortStream>();
  const aborts = new Map<number, AbortController>();
  const post = (message: FromWorker, transfer: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, [...transfer]);
  // Built at once, not with the first connection, so that a waiting worker is ready.
  const reports = reportQueue((reports) => post({ kind: "report", reports }));
  const serving = build(reports.add);
  serving.catch((error: unknown) =>
    post({ kind: "failed", message: error instanceof Error ? error.message : String(error) })
  );
  const serve = async (id: number, stream: Duplex, plain: PlainConnectionInfo) => {
    stream.on("error", () => {});
    const abort = new AbortController();
    aborts.set(id, abort);
    try {
      const service = await serving;
      if (!isOver(stream)) await service(stream, { ...plain, signal: abort.signal });
    } catch {
      // A failed connection must not affect the others.
    }
    stream.end();
    streams.delete(id);
    aborts.delete(id);
    reports.flush();
  };
  port.on("message", (message: ToWorker) => {
    const { id } = message;
    switch (message.kind) {
      case "stream":
        return streams.get(id)?.receive(message.message);
      case "abort":
        return aborts.get(id)?.abort();
      case "open": {
        const stream = new PortStream((part, transfer) =>
          post({ kind: "stream", id, message: part }, transfer)
        );
        streams.set(id, stream);
        void serve(id, stream, message.info).then(() => post({ kind: "over", id }));
        return;
      }
      case "socket": {
        const socket = adopt(message.descriptor);
        post({ kind: "taken", id });
        void serve(id, socket, message.info).then(() => ended(socket)).then(() =>
          post({ kind: "over", id })
        );
      }
    }
  });
  post({ kind: "ready" });
}

/** Resolves when all output has been sent, and closes the socket; a client that does not read has one second. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const close = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    };
    const timer = setTimeout(close, 1000);
    if (socket.closed || socket.writableFinished) close();
    else {
      socket.once("close", close);
      socket.once("finish", close);
    }
  });
}
