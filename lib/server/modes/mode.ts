import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { defined } from "../../defined.ts";
import type { ConnectionInfo, ServeConnection } from "../connection.ts";

/**
 * Serves accepted connections: in the event loop, in worker threads, in child processes, one after the other …
 *
 * A custom mode is a function from {@link ModeOptions} to this; `pyrpc serve --mode ./mode.ts` uses the default export.
 */
export interface ServingMode {
  /** Serves one accepted connection until it ends. Never rejects: an error ends this connection only. */
  serve(connection: Duplex, info: ConnectionInfo): Promise<void>;
  /**
   * Sockets are handed to another thread or process, so they must be accepted without reading from them.
   *
   * @default {false}
   */
  readonly takesSockets?: boolean;
  /** Resolves when the mode ends the server (`oneshot`: after its connection). */
  readonly finished?: Promise<void>;
  /** Ends workers and children with their connections. */
  close(): Promise<void>;
}

/** Services that the server provides to a mode. */
export interface ModeOptions {
  /** Serves a connection in this thread. */
  readonly serveHere: ServeConnection;
  /** Starts a worker thread that serves connections; `undefined` if this program cannot. */
  readonly startWorker?: (() => ConnectionHost) | undefined;
  /** Starts a child process that serves connections; `undefined` if this program cannot. */
  readonly startChild?: (() => ConnectionHost) | undefined;
  /** Workers can receive sockets, which are accepted without reading from them then. @default {false} */
  readonly workersTakeSockets?: boolean;
  /** Connections (policy `drop`) or workers (policy `queue`) of a pool. @default {20} */
  readonly poolSize?: number;
  /** Policy for connections while the pool is busy. @default {"drop"} */
  readonly poolPolicy?: PoolPolicy;
  /** Milliseconds to wait for a free worker with policy `drop`. @default {250} */
  readonly poolGrace?: number;
  /** Receives dropped connections, workers that ended unexpectedly and failures of the user's mode. */
  readonly onEvent?: (event: ModeEvent) => void;
}

/**
 * `drop`: a connection beyond the pool's size is closed, unless a worker becomes free within the grace period. `queue`: it
 * is accepted, and its calls wait for a worker.
 */
export type PoolPolicy = "drop" | "queue";

/** Events of a mode. */
export type ModeEvent =
  | { readonly kind: "dropped"; readonly remote: string }
  | { readonly kind: "host-ended"; readonly remote: string; readonly reason: string }
  /** A function of the user's mode threw. */
  | { readonly kind: "mode-failed"; readonly file: string; readonly error: unknown };

/** Makes a mode. */
export type ModeFactory = (options: ModeOptions) => ServingMode;

/** A worker thread or child process that serves connections. */
export interface ConnectionHost {
  /** Serves one connection; resolves when it has ended, even if the host died. Never rejects. */
  serve(connection: Duplex, info: ConnectionInfo): Promise<HostedEnd>;
  /** Number of current connections. */
  readonly connections: number;
  /** False once the host has ended. */
  readonly isAlive: boolean;
  /** Ends the host with all its connections. */
  close(): Promise<void>;
}

/** Texts of a worker or child for named outputs of the main process. */
export type HostReports = readonly (readonly [to: string, text: string])[];

/** Copies the descriptors of sockets for other threads, if the engine can. */
export interface ThreadSockets {
  copy(socket: Socket): number | undefined;
  /** Closes a copy that no thread owns. */
  close(descriptor: number, socket: Socket): void;
}

/** The end of a connection that another thread or process served. */
export type HostedEnd = { readonly reason: "closed" } | {
  readonly reason: "died";
  readonly message: string;
};

/** The information about a connection that can be sent to a worker or child: without signals. */
export type PlainConnectionInfo = Pick<
  ConnectionInfo,
  "transport" | "remote" | "local" | "identity" | "framing" | "answersAll"
>;

/** Returns the information that can be sent, without an identity that cannot. */
export function plainInfo(info: ConnectionInfo): PlainConnectionInfo {
  const { transport, remote, local, framing, answersAll } = info;
  const plain = {
    transport,
    remote,
    local,
    ...defined({ framing, answersAll }),
  };
  if (info.identity === undefined) return plain;
  try {
    return { ...plain, identity: structuredClone(info.identity) };
  } catch {
    return plain;
  }
}

/** Reports whether a connection is an unread socket: bytes that were read here would be lost for its new owner. */
export function isPlainSocket(connection: Duplex): connection is Socket {
  return connection instanceof Socket && !("encrypted" in connection) && connection.isPaused() &&
    connection.bytesRead === 0;
}

/** Reports whether the client went away before its connection was served: the event is in the past then. */
export function isOver(connection: Duplex): boolean {
  return connection.destroyed || connection.readableEnded;
}

/** Reports whether the server is stopping, so that workers and children may end too. */
export function isEnding({ signal, stopping }: ConnectionInfo): boolean {
  return signal.aborted || stopping?.aborted === true;
}
