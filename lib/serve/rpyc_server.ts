import type { Duplex } from "node:stream";
import { defined } from "../defined.ts";
import type { Console } from "../runtime/mod.ts";
import { lineAuthenticator, messagePerRecord } from "../rpyc/mod.ts";
import {
  type Authenticator,
  type ConnectionEvent,
  type ConnectionInfo,
  type ListenAddress,
  type Listener,
  listenStream,
  listenWebSocketStreams,
  type OnConnection,
  type ServeConnection,
} from "../server/mod.ts";
import type { ModeEvent, ServingMode } from "../server/modes/mod.ts";
import { buildConnectionService, type LoadedService } from "./connection_service.ts";
import { registerListeners, type RunningServer } from "./running_server.ts";
import type { RpycServiceConfig } from "./service_config.ts";
import { failureText, reportFailures } from "./log/mod.ts";
import { makeMode, modeFile, type ModeSettings } from "./serving_mode.ts";
import type { ServingSettings } from "./settings/mod.ts";

/** Addresses that rpyc's protocol can be served at. */
export type StreamListenAddress = Extract<
  ListenAddress,
  { readonly transport: "tcp" | "unix" | "ws" }
>;

/** Options of {@link startRpycServer}. */
export interface RpycServerOptions {
  readonly addresses: readonly StreamListenAddress[];
  readonly mode: ModeSettings;
  readonly config: RpycServiceConfig;
  readonly settings: ServingSettings;
}

/** A {@link RunningServer} of RPyC objects. */
export interface RpycServer extends RunningServer {
  /** The authenticator that the handlers file exports. */
  readonly authenticator: Authenticator | undefined;
}

/** Events of a running RPyC server, for its log. */
export type RpycServerEvent =
  | {
    readonly kind: "connection";
    readonly event: ConnectionEvent;
    readonly remote: string;
    /** Text of a connection that was refused or failed. */
    readonly reason?: string;
  }
  | { readonly kind: "refused-origin"; readonly origin: string }
  | { readonly kind: "error"; readonly line: string }
  | ModeEvent;

const CLOSE_GRACE_MS = 250;
const HANDSHAKE_TIMEOUT = 10_000;
/** rpyc's frames have their own bound; a client may put several into one message. */
const MAX_WEB_SOCKET_MESSAGE = 64 * 1024 * 1024;

/** Serves handlers to rpyc clients at every address. @throws ToolError if the mode or an address cannot be used */
export async function startRpycServer(
  { addresses, mode: modeSettings, config, settings }: RpycServerOptions,
  loaded: LoadedService,
  console: Pick<Console, "cwd" | "program">,
  onEvent: (event: RpycServerEvent) => void,
): Promise<RpycServer> {
  const onConnection: OnConnection = (event, remote, reason) => {
    const file = modeFile(modeSettings.mode, console.cwd) ?? config.service.handlers ?? "";
    onEvent({
      kind: "connection",
      event,
      remote,
      ...defined({ reason: reason === undefined ? undefined : failureText(reason, file) }),
    });
  };
  const mode = await makeMode({
    settings: modeSettings,
    console,
    config,
    serveHere: await buildConnectionService(config, { loaded }),
    onEvent,
    onReports: (reports) => {
      for (const [to, text] of reports) {
        if (to === "failed") reportFailures(text, onConnection);
        else for (const line of text.trimEnd().split("\n")) onEvent({ kind: "error", line });
      }
    },
  });
  const listeners: Listener[] = [];
  const registered: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(registered.map((stop) => stop()));
    const grace = modeSettings.mode === "oneshot" ? 0 : CLOSE_GRACE_MS;
    await Promise.all(listeners.map((listener) => listener.close(grace)));
    await mode.close();
  };
  const authenticator = exportedAuthenticator(loaded.exports);
  const maxConnections = settings.limits.maxConnections ?? defaultMaximum(modeSettings.mode);
  try {
    for (const address of addresses) {
      const listening = {
        address,
        mode,
        settings,
        authenticator,
        maxConnections,
        onConnection,
        onEvent,
      };
      listeners.push(
        await (address.transport === "ws"
          ? listenAtWebSocket({ ...listening, address })
          : listenAtStream({ ...listening, address })),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  const ended = [...listeners.map(({ ended }) => ended), mode.finished];
  return {
    listeners,
    ended: Promise.race(ended.filter((end) => end !== undefined)),
    authenticator,
    register(registration, names, onRegistration) {
      const tcp = addresses.map((address, index) => [address, listeners[index]] as const)
        .filter(([{ transport }]) => transport === "tcp");
      registered.push(...registerListeners(
        tcp.map(([address]) => address),
        tcp.flatMap(([, listener]) => listener ?? []),
        registration,
        names,
        onRegistration,
      ));
    },
    close,
  };
}

interface Listening<Address> {
  readonly address: Address;
  readonly mode: ServingMode;
  readonly settings: ServingSettings;
  /** The one that the handlers file exports. */
  readonly authenticator: Authenticator | undefined;
  readonly maxConnections: number;
  readonly onConnection: OnConnection;
  readonly onEvent: (event: RpycServerEvent) => void;
}

async function listenAtWebSocket(
  { address, mode, settings, authenticator, maxConnections, onConnection, onEvent }: Listening<
    Extract<StreamListenAddress, { readonly transport: "ws" }>
  >,
): Promise<Listener> {
  const serve: ServeConnection = (connection, info) => mode.serve(connection, info);
  // Credentials travel in the headers, as for every other protocol over WebSocket, or over the connection itself.
  const usesConnection = authenticator?.authenticateConnection !== undefined;
  const byHeaders = usesConnection ? undefined : authenticator ?? settings.authenticator;
  const { authenticator: _, ...rest } = settings;
  return await listenWebSocketStreams(
    address,
    usesConnection
      ? admitted(authenticator, serve, settings.limits.headersTimeout ?? HANDSHAKE_TIMEOUT)
      : serve,
    {
      ...rest,
      ...defined({ authenticator: byHeaders }),
      limits: { maxBody: MAX_WEB_SOCKET_MESSAGE, ...settings.limits, maxConnections },
      messages: "bytes",
      onConnection,
      onRefusedOrigin: (origin) => onEvent({ kind: "refused-origin", origin }),
    },
  );
}

async function listenAtStream(
  { address, mode, settings, authenticator, maxConnections, onConnection }: Listening<
    Exclude<StreamListenAddress, { readonly transport: "ws" }>
  >,
): Promise<Listener> {
  // The flags' authenticator asks for one line before rpyc's first byte.
  const { headersTimeout: handshakeTimeout } = settings.limits;
  const own = authenticator ??
    (settings.authenticator === undefined
      ? undefined
      : lineAuthenticator(settings.authenticator, handshakeTimeout));
  const tls = address.transport === "unix" ? undefined : settings.tls;
  return await listenStream(
    address.transport === "unix"
      ? { socketPath: address.path }
      : { host: address.host, port: address.port },
    (connection, info) =>
      mode.serve(tls === undefined ? connection : messagePerRecord(connection), info),
    {
      maxConnections,
      ...defined({
        handshakeTimeout,
        tls,
        authenticator: own,
      }),
      pauseOnConnect: mode.takesSockets === true && tls === undefined && own === undefined,
      onConnection,
    },
  );
}

/** Serves the connections that an authenticator admits. */
function admitted(
  authenticator: Authenticator,
  serve: ServeConnection,
  timeoutMs: number,
): ServeConnection {
  return async (connection: Duplex, info: ConnectionInfo) => {
    // The authenticator may wait for bytes that never come.
    const timer = setTimeout(() => connection.destroy(), timeoutMs);
    const gone = new Promise<undefined>((done) => connection.once("close", () => done(undefined)));
    const admission = await Promise.race([
      authenticator.authenticateConnection?.(connection, info),
      gone,
    ]).finally(() => clearTimeout(timer));
    if (admission === undefined) {
      info.onFailure?.(connection.destroyed ? "It left" : "The authenticator refused it");
      return void connection.destroy();
    }
    await serve(admission.connection, { ...info, identity: admission.identity });
  };
}

/** Returns the default of `--max-connections`: a worker or child takes tens of megabytes, a connection a few kilobytes. */
function defaultMaximum(mode: string): number {
  return mode === "threaded" || mode === "forking" ? 200 : mode === "async" ? 10_000 : 1000;
}

/** The authenticator that the handlers file exports; it may implement one of the two ways only. */
function exportedAuthenticator(
  exports: Readonly<Record<string, unknown>> | undefined,
): Authenticator | undefined {
  const own = exports?.["authenticator"];
  if (
    typeof own === "object" && own !== null &&
    ("authenticate" in own || "authenticateConnection" in own)
  ) {
    return { challenge: "", authenticate: () => undefined, ...own as Partial<Authenticator> };
  }
  return undefined;
}
