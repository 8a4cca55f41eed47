import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Worker } from "node:worker_threads";
import type { ConnectionInfo } from "../connection.ts";
import {
  type ConnectionHost,
  type HostedEnd,
  type HostReports,
  isPlainSocket,
  plainInfo,
  type ThreadSockets,
} from "./mode.ts";
import type { PortMessage } from "./port_stream.ts";
import { relayTo, type SendToPort } from "./relay.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** Options of {@link workerHost}. */
export interface WorkerHostOptions {
  readonly sockets?: ThreadSockets | undefined;
  readonly onReports?: ((reports: HostReports) => void) | undefined;
}

/**
 * Makes a worker thread a host. A plain socket is handed to the worker if `sockets` can do that (Bun and the executable);
 * elsewhere, and for TLS and WebSocket, this thread forwards the bytes.
 */
export function workerHost(worker: Worker, options: WorkerHostOptions = {}): ConnectionHost {
  return new WorkerHost(worker, options);
}

interface HostedConnection {
  readonly connection: Duplex;
  readonly onStream: ((message: PortMessage) => void) | undefined;
  readonly finish: (end: HostedEnd) => void;
  /** The worker owns the copied descriptor. */
  isTaken?: boolean;
}

const CLOSE_MS = 1000;

class WorkerHost implements ConnectionHost {
  readonly #worker: Worker;
  readonly #options: WorkerHostOptions;
  readonly #hosted = new Map<number, HostedConnection>();
  /** Messages for a worker that does not listen yet; undefined once it does. */
  #waiting: [ToWorker, readonly ArrayBuffer[]][] | undefined = [];
  #nextId = 1;
  #isAlive = true;

  constructor(worker: Worker, options: WorkerHostOptions) {
    this.#worker = worker;
    this.#options = options;
    worker.on("message", (message: FromWorker) => this.#receive(message));
    worker.on(
      "error",
      (error: unknown) => this.#died(error instanceof Error ? error.message : String(error)),
    );
    worker.on("exit", (code) => this.#died(`the worker exited with code ${code}`));
  }

  get connections(): number {
    return this.#hosted.size;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  serve(connection: Duplex, info: ConnectionInfo): Promise<HostedEnd> {
    if (!this.#isAlive) {
      connection.destroy();
      return Promise.resolve({ reason: "died", message: "the worker has ended" });
    }
    const id = this.#nextId++;
    const socket = isPlainSocket(connection) ? connection : undefined;
    const descriptor = socket === undefined ? undefined : this.#options.sockets?.copy(socket);
    return new Promise((resolve) => {
      if (socket === undefined || descriptor === undefined) {
        this.#forward(id, connection, info, resolve);
      } else this.#handOver(id, socket, descriptor, info, resolve);
    });
  }

  async close(): Promise<void> {
    this.#died("closed");
    await this.#worker.terminate();
  }

  /** Forwards the bytes of a connection whose socket stays in this thread. */
  #forward(
    id: number,
    connection: Duplex,
    info: ConnectionInfo,
    resolve: (end: HostedEnd) => void,
  ): void {
    const send: SendToPort = (message, transfer = []) =>
      this.#post({ kind: "stream", id, message }, transfer);
    const abort = () => void connection.destroy();
    const finish = (end: HostedEnd) => {
      if (!this.#hosted.delete(id)) return;
      info.signal.removeEventListener("abort", abort);
      if (end.reason === "died") connection.destroy();
      else if (!connection.writableEnded) connection.end();
      closed(connection, () => resolve(end));
    };
    this.#hosted.set(id, { connection, onStream: relayTo(connection, send), finish });
    this.#post({ kind: "open", id, info: plainInfo(info) });
    info.signal.addEventListener("abort", abort, { once: true });
    connection.resume();
  }

  /** Hands a copy of the socket's descriptor to the worker. */
  #handOver(
    id: number,
    socket: Socket,
    descriptor: number,
    info: ConnectionInfo,
    resolve: (end: HostedEnd) => void,
  ): void {
    const abort = () => {
      this.#post({ kind: "abort", id });
      // Reaches the client even while the worker computes.
      socket.end();
    };
    const finish = (end: HostedEnd) => {
      const entry = this.#hosted.get(id);
      if (!this.#hosted.delete(id)) return;
      // The signal is that of the server: a listener that stays would keep the connection.
      info.signal.removeEventListener("abort", abort);
      if (end.reason === "died" && entry?.isTaken !== true) {
        this.#options.sockets?.close(descriptor, socket);
      }
      // The worker's own socket has sent all output already.
      socket.destroy();
      closed(socket, () => resolve(end));
    };
    // This socket stays open and unread beside the copy: it counts the connection, and ends it when the worker dies.
    this.#hosted.set(id, { connection: socket, onStream: undefined, finish });
    this.#post({ kind: "socket", id, info: plainInfo(info), descriptor });
    info.signal.addEventListener("abort", abort, { once: true });
  }

  #receive(message: FromWorker): void {
    if (message.kind === "ready") return this.#sendWaiting();
    if (message.kind === "failed") {
      this.#died(message.message);
      void this.#worker.terminate();
      return;
    }
    if (message.kind === "report") return this.#options.onReports?.(message.reports);
    const entry = this.#hosted.get(message.id);
    if (message.kind === "stream") entry?.onStream?.(message.message);
    else if (message.kind === "over") entry?.finish({ reason: "closed" });
    else if (entry !== undefined) entry.isTaken = true;
  }

  #died(reason: string): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    for (const entry of this.#hosted.values()) entry.finish({ reason: "died", message: reason });
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    if (!this.#isAlive) return;
    if (this.#waiting === undefined) this.#worker.postMessage(message, [...transfer]);
    else this.#waiting.push([message, transfer]);
  }

  #sendWaiting(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const [message, transfer] of waiting) this.#post(message, transfer);
  }
}

/** Calls `done` when the connection is closed; a client that keeps its side open has one second. */
function closed(connection: Duplex, done: () => void): void {
  if (connection.closed) return done();
  const timer = setTimeout(() => connection.destroy(), CLOSE_MS);
  connection.once("close", () => {
    clearTimeout(timer);
    done();
  });
}
