import { chmod, lstat } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { removeQuietly } from "../../remove_quietly.ts";
import type { Authenticator } from "../authenticator.ts";
import type { ConnectionInfo, ServeConnection } from "../connection.ts";
import { cannotListen } from "../../rpc/mod.ts";
import { settledWithin } from "../settled_within.ts";
import type { TlsOptions } from "../tls.ts";
import type { Listener } from "../transport.ts";
import { authorityOf } from "./host_check.ts";

/** Where a stream server listens. */
export type StreamAddress =
  | { readonly host: string; readonly port: number; readonly ipv6Only?: boolean }
  | { readonly socketPath: string };

/** What {@link StreamOptions.onConnection} is told. */
export type ConnectionEvent = "accepted" | "refused" | "dropped" | "closed";

/** Options of {@link listenStream}. */
export interface StreamOptions {
  /** Connections at one time; more are closed at once. @default {1000} */
  readonly maxConnections?: number;
  /** For TCP. */
  readonly tls?: TlsOptions;
  /** Milliseconds that a client may take for the handshake of TLS. @default {10,000} */
  readonly handshakeTimeout?: number;
  /** Asked for each connection, before it is served. */
  readonly authenticator?: Authenticator;
  /** Accept without reading, for a mode that hands sockets to another process. Not with TLS. @default {false} */
  readonly pauseOnConnect?: boolean;
  /** The scheme of the URL that is announced. @default {"tcp", "tls" or "unix"} */
  readonly scheme?: string;
  /** Go on sending after the peer has said that it sends no more. @default {false} */
  readonly halfOpen?: boolean;
  /** Told of connections that are refused or beyond `maxConnections`, and of those that come and go. */
  readonly onConnection?: (event: ConnectionEvent, remote: string) => void;
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
  const open = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const abort = new AbortController();
  const stopping = new AbortController();
  const maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  const remoteOf = (socket: Partial<Socket> | undefined) =>
    "socketPath" in address
      ? address.socketPath
      : authorityOf(socket?.remoteAddress ?? "", socket?.remotePort ?? 0);
  const accept = (socket: Socket) => {
    // Set before anything is awaited: an error without a listener would end the process.
    socket.on("error", () => socket.destroy());
    // Not the sockets: those that children were handed are closed here.
    if (open.size >= maxConnections) {
      options.onConnection?.("dropped", remoteOf(socket));
      return void socket.destroy();
    }
    socket.setNoDelay?.(true);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const running = serveSocket(socket).finally(() => open.delete(running));
    open.add(running);
  };
  const serveSocket = async (socket: Socket) => {
    const remote = remoteOf(socket);
    const info: ConnectionInfo = {
      transport: "socketPath" in address ? "unix" : "tcp",
      remote,
      local: "socketPath" in address
        ? address.socketPath
        : authorityOf(socket.localAddress ?? "", socket.localPort ?? 0),
      signal: abort.signal,
      stopping: stopping.signal,
    };
    let isAccepted = false;
    try {
      // An authenticator may wait for bytes that never come.
      const gone = new Promise<undefined>((done) => socket.once("close", () => done(undefined)));
      const admitted = await Promise.race([admit(socket, info, options.authenticator), gone]);
      if (admitted === undefined) return;
      isAccepted = true;
      options.onConnection?.("accepted", remote);
      await serve(admitted.connection, { ...info, identity: admitted.identity });
    } catch {
      // One connection's failure is no other's.
    } finally {
      socket.destroy();
      options.onConnection?.(isAccepted ? "closed" : "refused", remote);
    }
  };
  const halfOpen = { allowHalfOpen: options.halfOpen ?? false };
  const server: Server = options.tls === undefined
    ? createServer({ ...halfOpen, pauseOnConnect: options.pauseOnConnect ?? false }, accept)
    : createTlsServer({
      ...halfOpen,
      ...options.tls,
      handshakeTimeout: options.handshakeTimeout ?? HANDSHAKE_TIMEOUT,
    }, accept);
  // Who fails the handshake is gone already, who never begins it is not.
  server.on("tlsClientError", (_error: Error, socket?: Socket) => {
    options.onConnection?.("refused", remoteOf(socket));
    socket?.destroy();
  });
  // Those that are within the handshake of TLS count as well.
  if (options.tls !== undefined) server.maxConnections = maxConnections;
  await listening(server, address, options);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : undefined;
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  return {
    server,
    port,
    url: urlOf(address, port, options),
    ended,
    async close(graceMs = 0) {
      server.close();
      stopping.abort();
      if (graceMs > 0) await settledWithin([...open], graceMs);
      abort.abort();
      await settledWithin([...open], 1000);
      // The server has not ended while one of them is open, whoever still holds it.
      for (const socket of sockets) socket.destroy();
      await ended;
    },
  };
}

async function admit(
  socket: Socket,
  info: ConnectionInfo,
  authenticator: Authenticator | undefined,
) {
  const peer = (socket as TLSSocket).getPeerCertificate?.();
  const subject = peer?.subject as unknown as Record<string, string | string[]> | undefined;
  if (authenticator === undefined) return { connection: socket, identity: subject };
  if (authenticator.authenticateConnection !== undefined) {
    return await authenticator.authenticateConnection(socket, info);
  }
  const identity = await authenticator.authenticate({
    authorization: undefined,
    remote: info.remote,
    ...(subject === undefined ? {} : { certificate: { subject } }),
  });
  return identity === undefined ? undefined : { connection: socket, identity };
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
  // Anyone on the machine could call otherwise.
  if ("socketPath" in address) await chmod(address.socketPath, 0o600).catch(() => undefined);
}

// A socket whose server died without removing it refuses connections. So does a file of the user's, which is kept.
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
