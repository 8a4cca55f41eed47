import type { Socket } from "node:net";
import { defined } from "../../defined.ts";
import type { Authenticator } from "../authenticator.ts";
import type { ConnectionInfo, ServeConnection } from "../connection.ts";
import { settledWithin } from "../settled_within.ts";
import { certificateOf } from "../peer_certificate.ts";
import { authorityOf } from "./host_check.ts";

/** Address of a stream server. */
export type StreamAddress =
  | { readonly host: string; readonly port: number; readonly ipv6Only?: boolean }
  | { readonly socketPath: string };

/** Events of the connections of a stream server. */
export type ConnectionEvent = "accepted" | "refused" | "dropped" | "failed" | "closed";

/**
 * Receives the events of connections; `reason` with `refused` and `failed`: text, or what the user's authenticator or mode
 * threw. `remote` is empty if the client left before it was accepted.
 */
export type OnConnection = (event: ConnectionEvent, remote: string, reason?: unknown) => void;

/** Options of {@link StreamConnections}. */
export interface StreamConnectionsOptions {
  readonly address: StreamAddress;
  readonly maxConnections: number;
  readonly authenticator: Authenticator | undefined;
  /** Milliseconds for the authenticator. */
  readonly handshakeTimeout: number;
  readonly onConnection: OnConnection | undefined;
}

const CLOSE_MS = 1000;

/** The connections of a stream server: admits each, serves it and closes it. */
export class StreamConnections {
  readonly #serve: ServeConnection;
  readonly #options: StreamConnectionsOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #sockets = new Set<Socket>();
  readonly #abort = new AbortController();
  readonly #stopping = new AbortController();

  constructor(serve: ServeConnection, options: StreamConnectionsOptions) {
    this.#serve = serve;
    this.#options = options;
  }

  /** Serves a connection, or drops it beyond the maximum. */
  accept(socket: Socket): void {
    // Set before anything is awaited: an error without a listener would end the process.
    socket.on("error", () => socket.destroy());
    // Counts served connections, not sockets: a socket that was handed to a child is closed here.
    if (this.#running.size >= this.#options.maxConnections) {
      this.#options.onConnection?.("dropped", this.#remoteOf(socket));
      return void socket.destroy();
    }
    socket.setNoDelay?.(true);
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    const running = this.#serveSocket(socket).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Closes a connection whose TLS handshake failed or never began. */
  refuse(socket: Socket | undefined, remote: string, reason: string): void {
    this.#options.onConnection?.("refused", remote, reason);
    socket?.destroy();
  }

  /** Waits up to `graceMs` for running calls, then closes every connection. */
  async close(graceMs: number): Promise<void> {
    this.#stopping.abort();
    if (graceMs > 0) await settledWithin([...this.#running], graceMs);
    this.#abort.abort();
    await settledWithin([...this.#running], CLOSE_MS);
    // The server does not end while a socket is open.
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serveSocket(socket: Socket): Promise<void> {
    const { authenticator, handshakeTimeout, onConnection } = this.#options;
    const info = this.#infoOf(socket);
    let isAccepted = false;
    let refusal: unknown;
    const timer = setTimeout(() => {
      refusal = `It did not authenticate within ${handshakeTimeout} ms`;
      socket.destroy();
    }, handshakeTimeout);
    try {
      // An authenticator may wait for bytes that never come.
      const gone = new Promise<undefined>((done) => socket.once("close", () => done(undefined)));
      const admitted = await Promise.race([admit(socket, info, authenticator), gone]);
      clearTimeout(timer);
      if (admitted === undefined) {
        refusal ??= socket.destroyed ? "It left" : "The authenticator refused it";
        return;
      }
      isAccepted = true;
      onConnection?.("accepted", info.remote);
      await this.#serve(admitted.connection, { ...info, identity: admitted.identity });
    } catch (error) {
      // A failed connection must not affect the others.
      if (isAccepted) info.onFailure?.(error);
      else refusal = error;
    } finally {
      clearTimeout(timer);
      socket.destroy();
      if (isAccepted) onConnection?.("closed", info.remote);
      else onConnection?.("refused", info.remote, refusal);
    }
  }

  #infoOf(socket: Socket): ConnectionInfo {
    const { address, onConnection } = this.#options;
    const { localAddress = "", localPort = 0 } = socket;
    const isUnix = "socketPath" in address;
    const remote = this.#remoteOf(socket);
    return {
      transport: isUnix ? "unix" : "tcp",
      remote,
      onFailure: (reason) => onConnection?.("failed", remote, reason),
      local: isUnix ? address.socketPath : authorityOf(localAddress, localPort),
      signal: this.#abort.signal,
      stopping: this.#stopping.signal,
    };
  }

  #remoteOf(socket: Partial<Socket> | undefined): string {
    const { address } = this.#options;
    if ("socketPath" in address) return address.socketPath;
    const { remoteAddress, remotePort = 0 } = socket ?? {};
    return remoteAddress === undefined ? "" : authorityOf(remoteAddress, remotePort);
  }
}

async function admit(
  socket: Socket,
  info: ConnectionInfo,
  authenticator: Authenticator | undefined,
) {
  const certificate = certificateOf(socket);
  if (authenticator === undefined) return { connection: socket, identity: certificate?.subject };
  if (authenticator.authenticateConnection !== undefined) {
    return await authenticator.authenticateConnection(socket, info);
  }
  const identity = await authenticator.authenticate({
    authorization: undefined,
    remote: info.remote,
    ...defined({ certificate }),
  });
  return identity === undefined ? undefined : { connection: socket, identity };
}
