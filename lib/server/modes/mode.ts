import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionInfo, ServeConnection } from "../connection.ts";

/**
 * How accepted connections are served: in the event loop, in a worker thread each, in a child process each, one after the other …
 *
 * A mode of one's own is a function from {@link ModeOptions} to this; `pyrpc serve --mode ./mode.ts` takes one as the default export.
 */
export interface ServingMode {
  /** Serves one accepted connection until it ends. Never rejects: what goes wrong ends this connection only. */
  serve(connection: Duplex, info: ConnectionInfo): Promise<void>;
  /**
   * Whether sockets are handed to another process, so that they have to be accepted without reading from them.
   *
   * @default {false}
   */
  readonly takesSockets?: boolean;
  /** Resolves when the mode wants the server to end (`oneshot`: after its connection). */
  readonly finished?: Promise<void>;
  /** Ends workers and children; connections that they serve end with them. */
  close(): Promise<void>;
}

/** What a mode can build on. */
export interface ModeOptions {
  /** Serves a connection in this very thread. */
  readonly serveHere: ServeConnection;
  /** Starts this program again as a worker thread that serves connections; `undefined` where that cannot be. */
  readonly startWorker?: (() => ConnectionHost) | undefined;
  /** Starts this program again as a child process; `undefined` where that cannot be. */
  readonly startChild?: (() => ConnectionHost) | undefined;
  /** Whether `startWorker`'s hosts can be given sockets, which are accepted without reading from them then. @default {false} */
  readonly workersTakeSockets?: boolean;
  /** Connections (policy `drop`) or workers (policy `queue`) of a pool. @default {20} */
  readonly poolSize?: number;
  /** What happens to a connection that finds the pool busy. @default {"drop"} */
  readonly poolPolicy?: PoolPolicy;
  /** Hears of connections that were dropped and of workers that ended unexpectedly. */
  readonly onEvent?: (event: ModeEvent) => void;
}

/** `drop`: a connection beyond the pool's size is closed at once. `queue`: it is accepted, and its calls wait for a worker. */
export type PoolPolicy = "drop" | "queue";

/** What a mode has to say. */
export type ModeEvent =
  | { readonly kind: "dropped"; readonly remote: string }
  | { readonly kind: "host-ended"; readonly remote: string; readonly reason: string };

/** Makes a mode. */
export type ModeFactory = (options: ModeOptions) => ServingMode;

/** A worker thread or child process that serves connections in our place. */
export interface ConnectionHost {
  /** Serves one connection; resolves when it is over, also when the host died. Never rejects. */
  serve(connection: Duplex, info: ConnectionInfo): Promise<HostedEnd>;
  /** Connections that it serves now. */
  readonly connections: number;
  /** False once it has ended. */
  readonly isAlive: boolean;
  /** Ends it with everything that it serves. */
  close(): Promise<void>;
}

/** Texts that a worker or child has for outputs of the program that started it, which gave them these names. */
export type HostReports = readonly (readonly [to: string, text: string])[];

/** Gives sockets to threads where the runtime can: as numbers of copies that the thread makes its own. */
export interface ThreadSockets {
  copy(socket: Socket): number | undefined;
  /** Closes a copy if no thread has taken it. */
  close(descriptor: number, socket: Socket): void;
}

/** How a connection that another thread or process served came to its end. */
export type HostedEnd = { readonly reason: "closed" } | {
  readonly reason: "died";
  readonly message: string;
};

/** A connection's information as it goes to a worker or child: without signals, which cannot be sent. */
export type PlainConnectionInfo = Pick<
  ConnectionInfo,
  "transport" | "remote" | "local" | "identity" | "framing" | "answersAll"
>;

/** The part of the information that can be sent. An identity that cannot is left behind. */
export function plainInfo(info: ConnectionInfo): PlainConnectionInfo {
  const { transport, remote, local, framing, answersAll } = info;
  const plain = {
    transport,
    remote,
    local,
    ...(framing === undefined ? {} : { framing }),
    ...(answersAll === undefined ? {} : { answersAll }),
  };
  if (info.identity === undefined) return plain;
  try {
    return { ...plain, identity: structuredClone(info.identity) };
  } catch {
    return plain;
  }
}

/** Whether the connection is a socket of the system's that was not read from: what was read would be lost to who gets it. */
export function isPlainSocket(connection: Duplex): connection is Socket {
  return connection instanceof Socket && !("encrypted" in connection) && connection.isPaused() &&
    connection.bytesRead === 0;
}

/** Whether the client has gone before its connection was served: it said so when nobody listened yet, and does not again. */
export function isOver(connection: Duplex): boolean {
  return connection.destroyed || connection.readableEnded;
}

/** Whether the server has begun to end, so that what serves its connections may end as well. */
export function isEnding({ signal, stopping }: ConnectionInfo): boolean {
  return signal.aborted || stopping?.aborted === true;
}
