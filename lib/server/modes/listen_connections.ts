import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import type { Authenticator, Credentials } from "../authenticator.ts";
import type { ConnectionInfo } from "../connection.ts";
import { cannotListen } from "../errors.ts";
import type { TlsOptions } from "../tls.ts";
import type { Listener } from "../transport.ts";
import type { ServingMode } from "./mode.ts";

/** What happens to connections, in the order in which a server's log has it. */
export type ConnectionEvent =
  | { readonly kind: "accepted" | "welcome" | "goodbye"; readonly remote: string }
  | {
    readonly kind: "refused";
    readonly remote: string;
    readonly reason: "authentication" | "too-many";
  };

/** Options of {@link listenConnections}. */
export interface ListenConnectionsOptions {
  readonly address:
    | { readonly host: string; readonly port: number; readonly ipv6Only?: boolean }
    | { readonly path: string };
  readonly mode: ServingMode;
  readonly tls?: TlsOptions | undefined;
  readonly authenticator?: Authenticator | undefined;
  /** Connections served at once; further ones are closed. @default {1000} */
  readonly maxConnections?: number;
  /** Milliseconds for TLS and authenticator. @default {10,000} */
  readonly handshakeTimeout?: number;
  readonly onEvent?: (event: ConnectionEvent) => void;
}

const MAX_CONNECTIONS = 1000;
const HANDSHAKE_TIMEOUT = 10_000;
const GRACE = 2000;

/**
 * Listens and hands every connection to a mode, after TLS and authenticator, which each connection goes through by itself: a silent
 * client holds nobody up.
 *
 * @throws ToolError `SERVER_ADDRESS_TAKEN`, `SERVER_CANNOT_LISTEN`.
 */
export async function listenConnections(options: ListenConnectionsOptions): Promise<Listener> {
  const { address, mode, onEvent } = options;
  const stopping = new AbortController();
  const stopped = new AbortController();
  const sockets = new Set<Socket>();
  const served = new Set<Promise<void>>();
  const handsOver = mode.takesSockets === true && options.tls === undefined &&
    options.authenticator === undefined;
  const server = options.tls === undefined
    ? createServer({ pauseOnConnect: handsOver, noDelay: true, keepAlive: true })
    : createTlsServer({
      ...clientCertificate(options.tls),
      handshakeTimeout: options.handshakeTimeout ?? HANDSHAKE_TIMEOUT,
      noDelay: true,
      keepAlive: true,
    });

  const serve = async (socket: Socket) => {
    const remote = remoteOf(socket);
    // A reset that nobody is waiting for yet must not end the process.
    socket.on("error", () => {});
    // Also asked for above, which not every runtime heeds; two short replies in a row would wait for each other.
    socket.setNoDelay(true);
    onEvent?.({ kind: "accepted", remote });
    if (sockets.size >= (options.maxConnections ?? MAX_CONNECTIONS)) {
      socket.destroy();
      onEvent?.({ kind: "refused", remote, reason: "too-many" });
      return;
    }
    sockets.add(socket);
    try {
      const info: ConnectionInfo = {
        transport: "path" in address ? "unix" : "tcp",
        remote,
        local: localOf(socket, address),
        signal: stopped.signal,
        stopping: stopping.signal,
      };
      const admitted = handsOver
        ? { connection: socket, identity: undefined }
        : await admit(socket, info, options);
      if (admitted === undefined) {
        socket.destroy();
        onEvent?.({ kind: "refused", remote, reason: "authentication" });
        return;
      }
      onEvent?.({ kind: "welcome", remote });
      await mode.serve(
        admitted.connection,
        admitted.identity === undefined ? info : { ...info, identity: admitted.identity },
      );
      onEvent?.({ kind: "goodbye", remote });
    } finally {
      sockets.delete(socket);
      if (!handsOver) socket.destroySoon();
    }
  };
  // Sockets in the middle of their handshake, which no mode knows yet.
  const shaking = new Set<Socket>();
  if (options.tls !== undefined) {
    server.on("connection", (socket: Socket) => {
      if (sockets.size + shaking.size >= (options.maxConnections ?? MAX_CONNECTIONS)) {
        socket.destroy();
        return;
      }
      shaking.add(socket);
      socket.once("close", () => shaking.delete(socket));
    });
    server.on("tlsClientError", (_error: Error, socket: TLSSocket) => {
      onEvent?.({ kind: "refused", remote: remoteOf(socket), reason: "authentication" });
      socket.destroy();
    });
  }
  server.on(options.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    const done: Promise<void> = serve(socket).catch(() => void socket.destroy())
      .finally(() => served.delete(done));
    served.add(done);
  });

  const url = await listen(server, address);
  let end = () => {};
  const ended = new Promise<void>((resolve) => end = resolve);
  server.on("close", end);
  return {
    url,
    port: "path" in address ? undefined : (server.address() as AddressInfo).port,
    ended,
    async close(graceMs = GRACE) {
      stopping.abort();
      server.close();
      const timer = setTimeout(() => {
        stopped.abort();
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await Promise.race([
        Promise.all(served),
        new Promise((resolve) => stopped.signal.addEventListener("abort", resolve, { once: true })),
      ]);
      clearTimeout(timer);
      stopped.abort();
      for (const socket of sockets) socket.destroy();
      await mode.close();
      await ended;
    },
  };
}

async function listen(
  server: Server,
  address: ListenConnectionsOptions["address"],
): Promise<string> {
  const url = "path" in address
    ? `unix://${address.path}`
    : `tcp://${bracketed(address.host)}:${address.port}`;
  server.listen(
    "path" in address
      ? { path: address.path }
      : { host: address.host, port: address.port, ipv6Only: address.ipv6Only ?? false },
  );
  try {
    await once(server, "listening");
  } catch (error) {
    throw cannotListen(url, error as NodeJS.ErrnoException);
  }
  if ("path" in address) return url;
  return `tcp://${bracketed(address.host)}:${(server.address() as AddressInfo).port}`;
}

interface Admitted {
  readonly connection: Duplex;
  readonly identity: unknown;
}

async function admit(
  socket: Socket,
  info: ConnectionInfo,
  { tls, authenticator, handshakeTimeout = HANDSHAKE_TIMEOUT }: ListenConnectionsOptions,
): Promise<Admitted | undefined> {
  const certificate = tls?.ca === undefined ? undefined : certificateOf(socket);
  if (authenticator === undefined) return { connection: socket, identity: certificate };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), handshakeTimeout);
  });
  const early = new Promise<undefined>((resolve) => socket.once("close", () => resolve(undefined)));
  try {
    return await Promise.race([
      authenticate(socket, info, authenticator, certificate),
      late,
      early,
    ]);
  } catch {
    // Refused by the authenticator: nothing is said, as with a real server.
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

type Certificate = NonNullable<Credentials["certificate"]>;

async function authenticate(
  connection: Duplex,
  info: ConnectionInfo,
  authenticator: Authenticator,
  certificate: Certificate | undefined,
): Promise<Admitted | undefined> {
  if (authenticator.authenticateConnection !== undefined) {
    return await authenticator.authenticateConnection(connection, info);
  }
  const credentials = { authorization: undefined, remote: info.remote };
  const identity = await authenticator.authenticate(
    certificate === undefined ? credentials : { ...credentials, certificate },
  );
  return identity === undefined ? undefined : { connection, identity };
}

function certificateOf(socket: Socket): Certificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  return {
    subject: { ...socket.getPeerCertificate().subject } as Record<string, string | string[]>,
  };
}

function clientCertificate(tls: TlsOptions): TlsOptions {
  return tls.ca === undefined ? tls : { ...tls, requestCert: true, rejectUnauthorized: true };
}

function remoteOf(socket: Socket): string {
  if (socket.remoteAddress === undefined) return "";
  return `${bracketed(socket.remoteAddress)}:${socket.remotePort}`;
}

function localOf(socket: Socket, address: ListenConnectionsOptions["address"]): string {
  return "path" in address
    ? address.path
    : `${bracketed(socket.localAddress ?? address.host)}:${socket.localPort}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
