import type { Duplex } from "node:stream";
import type { MessagePort, Worker } from "node:worker_threads";
import type { ConnectionInfo, ServeConnection } from "../connection.ts";
import type { ConnectionHost, HostedEnd, PlainConnectionInfo } from "./mode.ts";
import { plainInfo } from "./mode.ts";
import { type PortMessage, PortStream, REPORT, WINDOW } from "./port_stream.ts";

type ToWorker =
  | { readonly kind: "open"; readonly id: number; readonly info: PlainConnectionInfo }
  | { readonly kind: "stream"; readonly id: number; readonly message: PortMessage };

type FromWorker =
  | { readonly kind: "stream"; readonly id: number; readonly message: PortMessage }
  | { readonly kind: "over"; readonly id: number }
  | { readonly kind: "failed"; readonly message: string };

interface Hosted {
  readonly connection: Duplex;
  readonly onStream: (message: PortMessage) => void;
  readonly finish: (end: HostedEnd) => void;
}

/** A worker thread as a host: no runtime can give a socket to a thread, so this thread passes the bytes. */
export function workerHost(worker: Worker): ConnectionHost {
  const hosted = new Map<number, Hosted>();
  let nextId = 1;
  let isAlive = true;
  const post = (message: ToWorker, transfer: readonly ArrayBuffer[] = []) => {
    if (isAlive) worker.postMessage(message, [...transfer]);
  };
  const died = (reason: string) => {
    if (!isAlive) return;
    isAlive = false;
    for (const entry of hosted.values()) entry.finish({ reason: "died", message: reason });
  };
  worker.on("message", (message: FromWorker) => {
    if (message.kind === "failed") {
      died(message.message);
      void worker.terminate();
      return;
    }
    const entry = hosted.get(message.id);
    if (message.kind === "stream") entry?.onStream(message.message);
    else entry?.finish({ reason: "closed" });
  });
  worker.on(
    "error",
    (error: unknown) => died(error instanceof Error ? error.message : String(error)),
  );
  worker.on("exit", (code) => died(`the worker ended with code ${code}`));

  return {
    get connections() {
      return hosted.size;
    },
    get isAlive() {
      return isAlive;
    },
    serve(connection, info) {
      if (!isAlive) {
        connection.destroy();
        return Promise.resolve({ reason: "died", message: "the worker has ended" });
      }
      const id = nextId++;
      return new Promise((resolve) => {
        const send = (message: PortMessage, transfer: readonly ArrayBuffer[] = []) =>
          post({ kind: "stream", id, message }, transfer);
        const relay = relayTo(connection, send);
        const finish = (end: HostedEnd) => {
          if (!hosted.delete(id)) return;
          if (end.reason === "died") connection.destroy();
          else if (!connection.writableEnded) connection.end();
          if (connection.closed) resolve(end);
          else connection.once("close", () => resolve(end));
          // A client that never closes its side cannot keep the socket of a connection that is over.
          const timer = setTimeout(() => connection.destroy(), 1000);
          connection.once("close", () => clearTimeout(timer));
        };
        hosted.set(id, { connection, onStream: relay, finish });
        post({ kind: "open", id, info: plainInfo(info) });
        info.signal.addEventListener("abort", () => connection.destroy(), { once: true });
        connection.resume();
      });
    },
    async close() {
      died("closed");
      await worker.terminate();
    },
  };
}

/** Passes a socket's bytes on as messages, straight: a stream in between would cost a turn of the loop for each. */
function relayTo(
  connection: Duplex,
  send: (message: PortMessage, transfer?: readonly ArrayBuffer[]) => void,
): (message: PortMessage) => void {
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
        // Acknowledged when it has left: a client that does not read holds the worker's output back.
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

/** The other side: serves in this worker what its parent hands in. Never returns while the parent lives. */
export function serveInWorker(port: MessagePort, build: () => Promise<ServeConnection>): void {
  const streams = new Map<number, PortStream>();
  const post = (message: FromWorker, transfer: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, [...transfer]);
  // Started at once, not with the first connection: a worker that waits is ready then.
  const serving = build();
  serving.catch((error: unknown) =>
    post({ kind: "failed", message: error instanceof Error ? error.message : String(error) })
  );
  port.on("message", (message: ToWorker) => {
    const { id } = message;
    if (message.kind === "stream") {
      streams.get(id)?.receive(message.message);
      return;
    }
    const stream = new PortStream((part, transfer) =>
      post({ kind: "stream", id, message: part }, transfer)
    );
    stream.on("error", () => {});
    streams.set(id, stream);
    const abort = new AbortController();
    const info: ConnectionInfo = { ...message.info, signal: abort.signal };
    serving.then((serve) => serve(stream, info)).catch(() => {}).finally(() => {
      stream.end();
      streams.delete(id);
      post({ kind: "over", id });
    });
  });
}
