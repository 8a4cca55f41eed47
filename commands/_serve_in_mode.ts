import { resolve } from "node:path";
import type { Console } from "../lib/runtime/mod.ts";
import type { Contract } from "../lib/contract/mod.ts";
import {
  DEFAULT_HTTP_LIMITS,
  type Framing,
  type ListenAddress,
  type Listener,
  listenStream,
  listenWebSocketStreams,
  type ProtocolName,
} from "../lib/server/mod.ts";
import { hasColours } from "../lib/terminal/mod.ts";
import { makeMode } from "./_connection_modes.ts";
import {
  buildConnectionService,
  type MessageServiceConfig,
  PROTOCOLS,
} from "./_connection_service.ts";
import type { RequestLines } from "../lib/cli/mod.ts";
import type { RpycFlags } from "../lib/cli/mod.ts";
import type { ServingSettings, TraceSink } from "./_serving.ts";
import type { ServingFlags } from "../lib/cli/mod.ts";
import type { WatchOutlet, WatchOutput } from "./_watching.ts";

/** What {@link serveInMode} needs. */
export interface ServeInModeOptions {
  readonly flags: ServingFlags & RpycFlags & {
    readonly handlers?: string;
    readonly framing?: Framing;
    readonly lax: boolean;
  };
  readonly mode: string;
  readonly protocol: ProtocolName;
  readonly contract: Contract | undefined;
  readonly settings: ServingSettings;
  readonly console: Console;
  readonly lines: RequestLines;
  readonly tracing: TraceSink;
  readonly warn: (text: string) => void;
  readonly onRefusedOrigin: (origin: string) => void;
}

/** Listeners whose connections a mode serves. */
export interface ModeServer {
  /** Resolves when the mode wants the server to end. */
  readonly finished: Promise<void>;
  listen(at: ListenAddress): Promise<Listener>;
  close(): Promise<void>;
}

/** Messages over TCP, Unix sockets and WebSocket, their connections served by a mode: handlers run in workers or children. */
export async function serveInMode(options: ServeInModeOptions): Promise<ModeServer> {
  const { flags, mode, settings, console, lines, tracing, warn } = options;
  const description = describe(options);
  const outlet: WatchOutlet = {
    write(to, text) {
      if (to === "call") lines.write(text);
      else if (to === "warning") text.trimEnd().split("\n").forEach(warn);
      else tracing.write(to, text);
    },
    now: console.now,
    monotonic: console.monotonic,
  };
  const serving = await makeMode({
    mode,
    flags,
    console,
    description,
    serveHere: await buildConnectionService(description, { outlet }),
    onReports: (reports) => {
      for (const [to, text] of reports) outlet.write(to as WatchOutput, text);
    },
    onEvent: (event) =>
      warn(
        event.kind === "dropped"
          ? `${event.remote} dropped: the server is busy`
          : `${event.remote} ended abruptly: ${event.reason}`,
      ),
  });
  return {
    finished: serving.finished ?? new Promise<void>(() => {}),
    close: () => serving.close(),
    listen(at) {
      if (at.transport === "ws") {
        const messages = description.protocol === "msgpackrpc" ? "binary" : "text";
        return listenWebSocketStreams(at, (connection, info) => serving.serve(connection, info), {
          ...settings,
          onRefusedOrigin: options.onRefusedOrigin,
          protocol: PROTOCOLS[description.protocol],
          messages,
        });
      }
      if (at.transport !== "tcp" && at.transport !== "unix") throw new Error(at.transport);
      const { framing } = at;
      const isSecure = settings.tls !== undefined && at.transport === "tcp";
      return listenStream(
        at.transport === "unix" ? { socketPath: at.path } : at,
        (connection, info) =>
          serving.serve(connection, framing === undefined ? info : { ...info, framing }),
        {
          ...(settings.limits.maxConnections === undefined
            ? {}
            : { maxConnections: settings.limits.maxConnections }),
          ...(isSecure ? { tls: settings.tls! } : {}),
          pauseOnConnect: serving.takesSockets === true && !isSecure,
          halfOpen: true,
        },
      );
    },
  };
}

function describe(
  { flags, protocol, contract, settings, console }: ServeInModeOptions,
): MessageServiceConfig {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...settings.limits };
  const stream = flags.json ? console.stdout : console.stderr;
  return {
    protocol,
    service: {
      ...(contract === undefined ? {} : { contract: contract.document }),
      handlers: resolve(console.cwd, flags.handlers!),
      lax: flags.lax,
    },
    limits: settings.messageLimits,
    ...(flags.framing === undefined ? {} : { framing: flags.framing }),
    bounds: {
      maxMessage: limits.maxBody,
      messageTimeout: limits.requestTimeout,
      idleTimeout: limits.idleTimeout,
    },
    watch: {
      ...(flags.json ? { lines: "json" } : flags.quiet ? {} : { lines: "text" }),
      hasColours: hasColours(stream, console.env),
      ...(stream.isTerminal ? { columns: stream.columns } : {}),
      isTraced: flags.trace || flags.traceFile !== undefined,
    },
  };
}
