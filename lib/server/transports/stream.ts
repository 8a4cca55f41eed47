import { chmod, lstat } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { removeQuietly } from "../../remove_quietly.ts";
import type { Authenticator } from "../authenticator.ts";
import type { ServeConnection } from "../connection.ts";
import { cannotListen } from "../errors.ts";
import type { TlsOptions } from "../tls.ts";
import { watchHandshakes } from "../tls_failure.ts";
import type { Listener } from "../transport.ts";
import { authorityOf } from "./host_check.ts";
import { type OnConnection, type StreamAddress, StreamConnections } from "./stream_connections.ts";

/** Options of {@link listenStream}. */
export interface StreamOptions {
  /** Connections at one time; more are closed at once. @default {1000} */
  readonly maxConnections?: number;
  /** Serves TLS instead of plain TCP. */
  readonly tls?: TlsOptions;
  /** Milliseconds for the TLS handshake, and for the authenticator. @default {10,000} */
  readonly handshakeTimeout?: number;
  /** Admits each connection before it is served. */
  readonly authenticator?: Authenticator;
  /** Accept without reading, for a mode that hands sockets to another process. Not with TLS. @default {false} */
  readonly pauseOnConnect?: boolean;
  /** Scheme of the listener's URL. @default {"tcp", "tls" or "unix"} */
  readonly scheme?: string;
  /** Keep sending after the peer has closed its side. @default {false} */
  readonly halfOpen?: boolean;
  /** Receives an event for each connection that is accepted, refused, dropped (beyond `maxConnections`), failed or closed. */
  readonly onConnection?: OnConnection;
}

const MAX_CONNECTIONS = 1000;
const HANDSHAKE_TIMEOUT = 10_000;

/** A listening stream server. */
export interface StreamListener extends Listener {
  readonly server: Server;
}

/**
 * Listens for TCP, TLS or Unix socket connections and serves each.
 *
 * @throws ToolError `SERVER_ADDRESS_TAKEN` or `SERVER_CANNOT_LISTEN`.
 */
export async function listenStream(
  address: StreamAddress,
  serve: ServeConnection,
  options: StreamOptions = {},
): Promise<StreamListener> {
  const maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  const { handshakeTimeout = HANDSHAKE_TIMEOUT } = options;
  const connections = new StreamConnections(serve, {
    address,
    maxConnections,
    handshakeTimeout,
    authenticator: options.authenticator,
    onConnection: options.onConnection,
  });
  const accept = (socket: Socket) => connections.accept(socket);
  const { tls, pauseOnConnect = false, halfOpen: allowHalfOpen = false } = options;
  const server: Server = tls === undefined
    ? createServer({ allowHalfOpen, pauseOnConnect }, accept)
    : createTlsServer({ allowHalfOpen, ...tls, handshakeTimeout }, accept);
  // The engine closes a socket whose handshake failed, but not one that never began it.
  if (tls !== undefined) {
    watchHandshakes(
      server,
      (remote, reason, socket) => connections.refuse(socket, remote, reason),
    );
  }
  // Connections that are still in the TLS handshake count too.
  if (tls !== undefined) server.maxConnections = maxConnections;
  await listening(server, address, options);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : undefined;
  let end = () => {};
  const ended = new Promise<void>((resolve) => end = resolve);
  server.once("close", end);
  return {
    server,
    port,
    url: urlOf(address, port, options),
    ended,
    async close(graceMs = 0) {
      server.close();
      await connections.close(graceMs);
      // Node and Deno emit no "close" if children to which sockets were handed have ended before.
      if (!pauseOnConnect) await ended;
      end();
    },
  };
}

async function listening(
  server: Server,
  address: StreamAddress,
  options: StreamOptions,
): Promise<void> {
  const url = urlOf(address, undefined, options);
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const target = "socketPath" in address
        ? { path: address.socketPath }
        : { host: address.host, port: address.port, ipv6Only: address.ipv6Only ?? false };
      server.listen(target, () => {
        server.off("error", reject);
        resolve();
      });
    });
  try {
    await listen();
  } catch (error) {
    const isStale = "socketPath" in address &&
      (error as NodeJS.ErrnoException).code === "EADDRINUSE" &&
      await isAbandoned(address.socketPath);
    if (!isStale) throw cannotListen(url, error as NodeJS.ErrnoException);
    removeQuietly(address.socketPath);
    await listen().catch((error: NodeJS.ErrnoException) => {
      throw cannotListen(url, error);
    });
  }
  // Without this, every user of the machine could call.
  if ("socketPath" in address) await chmod(address.socketPath, 0o600).catch(() => undefined);
}

// A socket whose server died without removing it refuses connections. So does the user's file, which is kept.
async function isAbandoned(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  if (status?.isSocket() !== true) return false;
  return await new Promise((resolve) => {
    const probe = connect({ path });
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}

function urlOf(
  address: StreamAddress,
  port: number | undefined,
  { scheme, tls }: StreamOptions,
): string {
  if ("socketPath" in address) return `${scheme ?? "unix"}:${address.socketPath}`;
  return `${scheme ?? (tls === undefined ? "tcp" : "tls")}://${
    authorityOf(address.host, port ?? address.port)
  }`;
}
