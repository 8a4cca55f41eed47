import { defined } from "../defined.ts";
import {
  DEFAULT_HTTP_LIMITS,
  type ListenAddress,
  type Listener,
  listenStream,
  listenWebSocketStreams,
  type OnConnection,
} from "../server/mod.ts";
import type { ServingMode } from "../server/modes/mod.ts";
import { hasColours } from "../terminal/mod.ts";
import {
  type CallLogConfig,
  connectionWarnings,
  type LogOutput,
  type LogTarget,
  modeEventText,
  reportFailures,
} from "./log/mod.ts";
import { buildConnectionService, PROTOCOLS } from "./connection_service.ts";
import { modeNeedsConnections } from "./errors.ts";
import type { ServeOptions, ServeOutput } from "./serve_options.ts";
import type { MessageServiceConfig } from "./service_config.ts";
import { makeMode, type ModeSettings } from "./serving_mode.ts";

/** Listeners whose connections a mode serves. */
export interface ModeListeners {
  /** Resolves when the mode ends the server. */
  readonly finished: Promise<void>;
  listen(address: ListenAddress): Promise<Listener>;
  close(): Promise<void>;
}

const WITH_CONNECTIONS: ReadonlySet<ListenAddress["transport"]> = new Set(["tcp", "unix", "ws"]);

/** @throws ToolError `USAGE` if a mode cannot serve one of the addresses */
export function refuseModeFor(mode: string, addresses: readonly ListenAddress[]): void {
  const other = addresses.find(({ transport }) => !WITH_CONNECTIONS.has(transport));
  if (other !== undefined) throw modeNeedsConnections(mode, other.transport);
}

/** Serves messages over TCP, Unix sockets and WebSocket, with handlers that run in workers or children. */
export async function modeListeners(
  options: ServeOptions & { readonly mode: ModeSettings },
  output: ServeOutput,
): Promise<ModeListeners> {
  const { console } = output;
  const onConnection = connectionWarnings(output.warn, options.handlers);
  const config = serviceConfig(options, output);
  const log: LogOutput = {
    write(to, text) {
      if (to === "call") output.requests.write(text);
      else if (to === "warning") text.trimEnd().split("\n").forEach(output.warn);
      else if (to === "failed") reportFailures(text, onConnection);
      else output.trace.write(to, text);
    },
    now: console.now,
    monotonic: console.monotonic,
  };
  const mode = await makeMode({
    settings: options.mode,
    console,
    config,
    serveHere: await buildConnectionService(config, { output: log }),
    onReports: (reports) => {
      for (const [to, text] of reports) log.write(to as LogTarget, text);
    },
    onEvent: (event) => output.warn(modeEventText(event)),
  });
  return {
    finished: mode.finished ?? new Promise<void>(() => {}),
    close: () => mode.close(),
    listen: (address) => listenWithMode(address, mode, options, { ...output, onConnection }),
  };
}

async function listenWithMode(
  address: ListenAddress,
  mode: ServingMode,
  { protocol, settings }: ServeOptions,
  { onRefusedOrigin, onConnection }: ServeOutput & { readonly onConnection: OnConnection },
): Promise<Listener> {
  if (address.transport === "ws") {
    return await listenWebSocketStreams(
      address,
      (connection, info) => mode.serve(connection, info),
      {
        ...settings,
        onRefusedOrigin,
        onConnection,
        protocol: PROTOCOLS[protocol],
        messages: PROTOCOLS[protocol].binary ? "binary" : "text",
        ...defined({ answersNotifications: PROTOCOLS[protocol].answersNotifications }),
      },
    );
  }
  if (address.transport !== "tcp" && address.transport !== "unix") {
    throw new Error(address.transport);
  }
  const { framing } = address;
  const tls = address.transport === "tcp" ? settings.tls : undefined;
  return await listenStream(
    address.transport === "unix" ? { socketPath: address.path } : address,
    (connection, info) => mode.serve(connection, { ...info, ...defined({ framing }) }),
    {
      ...defined({
        maxConnections: settings.limits.maxConnections,
        handshakeTimeout: settings.limits.headersTimeout,
        tls,
      }),
      onConnection,
      pauseOnConnect: mode.takesSockets === true && tls === undefined,
      halfOpen: true,
    },
  );
}

function serviceConfig(
  { protocol, contract, handlers, lax, settings, framing, maxInFlight, lines }: ServeOptions,
  { console, trace }: ServeOutput,
): MessageServiceConfig {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...settings.limits };
  const stream = lines === "json" ? console.stdout : console.stderr;
  const log: CallLogConfig = {
    hasColours: hasColours(stream, console.env),
    isTraced: trace.trace !== undefined,
    ...defined({ lines, columns: stream.isTerminal ? stream.columns : undefined }),
  };
  return {
    protocol,
    service: { handlers, lax, ...defined({ contract: contract?.document }) },
    limits: settings.messageLimits,
    ...defined({ framing }),
    bounds: {
      maxMessage: limits.maxBody,
      handshakeTimeout: limits.headersTimeout,
      ...defined({ maxInFlight }),
      messageTimeout: limits.requestTimeout,
      idleTimeout: limits.idleTimeout,
    },
    log,
  };
}
