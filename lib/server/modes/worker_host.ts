import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { MessagePort, Worker } from "node:worker_threads";
import type { ServeConnection } from "../connection.ts";
import {
  type ConnectionHost,
  type HostedEnd,
  type HostReports,
  isOver,
  isPlainSocket,
  type PlainConnectionInfo,
  plainInfo,
  type ThreadSockets,
} from "./mode.ts";
import { reporter, type ReportOne } from "./reporter.ts";
import { type PortMessage, PortStream, REPORT, WINDOW } from "./port_stream.ts";

type ToWorker =
  | { readonly kind: "open"; readonly id: number; readonly info: PlainConnectionInfo }
  /** The socket itself: the number of a copy that is the worker's from now on. */
  | {
    readonly kind: "socket";
    readonly id: number;
    readonly info: PlainConnectionInfo;
    readonly descriptor: number;
  }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "stream"; readonly id: number; readonly message: PortMessage };

type FromWorker =
  | { readonly kind: "taken"; readonly id: number }
  | { readonly kind: "report"; readonly reports: HostReports }
  | { readonly kind: "stream"; readonly id: number; readonly message: PortMessage }
  | { readonly kind: "over"; readonly id: number }
  | { readonly kind: "failed"; readonly message: string };

interface Hosted {
  readonly connection: Duplex;
  readonly onStream: ((message: PortMessage) => void) | undefined;
  readonly finish: (end: HostedEnd) => void;
  isTaken?: boolean;
}

/**
 * A worker thread as a host. A plain socket becomes the worker's where `sockets` can do that (Bun and the executable); elsewhere, and
 * for TLS and WebSocket, this thread passes the bytes.
 */
export function workerHost(
  worker: Worker,
  { sockets, onReports }: {
    readonly sockets?: ThreadSockets | undefined;
    readonly onReports?: ((reports: HostReports) => void) | undefined;
  } = {},
): ConnectionHost {
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
    if (message.kind === "report") return onReports?.(message.reports);
    const entry = hosted.get(message.id);
    if (message.kind === "stream") entry?.onStream?.(message.message);
    else if (message.kind === "taken") {
      if (entry !== undefined) entry.isTaken = true;
    } else entry?.finish({ reason: "closed" });
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
      const descriptor = isPlainSocket(connection) ? sockets?.copy(connection) : undefined;
      return new Promise((resolve) => {
        const finish = (end: HostedEnd) => {
          const entry = hosted.get(id);
          if (!hosted.delete(id)) return;
          if (descriptor !== undefined && end.reason === "died" && entry?.isTaken !== true) {
            sockets?.close(descriptor, connection as Socket);
          }
          // What the worker wrote into a socket of its own has left already.
          if (end.reason === "died" || descriptor !== undefined) connection.destroy();
          else if (!connection.writableEnded) connection.end();
          if (connection.closed) resolve(end);
          else connection.once("close", () => resolve(end));
          // A client that never closes its side cannot keep the socket of a connection that is over.
          const timer = setTimeout(() => connection.destroy(), 1000);
          connection.once("close", () => clearTimeout(timer));
        };
        if (descriptor === undefined) {
          const send = (message: PortMessage, transfer: readonly ArrayBuffer[] = []) =>
            post({ kind: "stream", id, message }, transfer);
          hosted.set(id, { connection, onStream: relayTo(connection, send), finish });
          post({ kind: "open", id, info: plainInfo(info) });
          info.signal.addEventListener("abort", () => connection.destroy(), { once: true });
          connection.resume();
          return;
        }
        // Kept open beside the copy, and never read: that counts it, and ends it when the worker is gone.
        hosted.set(id, { connection, onStream: undefined, finish });
        post({ kind: "socket", id, info: plainInfo(info), descriptor });
        info.signal.addEventListener("abort", () => {
          post({ kind: "abort", id });
          // The client hears of it even from a worker that computes.
          connection.end();
        }, { once: true });
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

/**
 * The other side: serves in this worker what its parent hands in. Never returns while the parent lives.
 *
 * @param adopt makes a socket of a copy that {@link ThreadSockets} gave
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
  // Started at once, not with the first connection: a worker that waits is ready then.
  const reports = reporter((reports) => post({ kind: "report", reports }));
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
      // One connection's failure is no other's.
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
}

/** Resolves when what was written has left, and closes the socket then; a client that does not read has a second. */
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
