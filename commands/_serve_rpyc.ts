import { isIP } from "node:net";
import { resolve } from "node:path";
import { Writable } from "node:stream";
import { ExitCode, usageError } from "../lib/errors.ts";
import { type Console, keepStdoutForData, lateErrorLines } from "../lib/runtime/mod.ts";
import type {
  Authenticator,
  ConnectionEvent,
  ListenAddress,
  Listener,
  ServeConnection,
} from "../lib/server/mod.ts";
import type { ModeEvent, ServingMode } from "../lib/server/modes/mod.ts";
import {
  buildConnectionService,
  loadService,
  type RpycServiceConfig,
} from "./_connection_service.ts";
import { makeMode } from "./_connection_modes.ts";
import { type Registration, registrationOf, startRegistration } from "./_registration.ts";
import { openRpycLog, reportRefusedOrigins, type RpycLog, SERVE_ORIGINS } from "../lib/cli/mod.ts";
import type { RpycFlags } from "../lib/cli/mod.ts";
import {
  reachableWarning,
  type ServingSettings,
  servingSettings,
  untilSignal,
} from "./_serving.ts";
import type { ServingFlags } from "../lib/cli/mod.ts";
import { consoleReporter } from "../lib/cli/mod.ts";

/** What `pyrpc serve --protocol rpyc` reads of its flags. */
export interface ServeRpycFlags extends RpycFlags, ServingFlags {
  readonly handlers?: string;
  readonly listen?: readonly string[];
  readonly transport?: ListenAddress["transport"];
  readonly lax: boolean;
  readonly framing?: string;
  readonly natsCreds?: string;
}

type StreamDescription = Extract<
  ListenAddress,
  { readonly transport: "tcp" | "unix" | "ws" }
>;

const PORT = 18_812;
const TLS_PORT = 18_821;
/** The defaults of flags that every protocol has. */
const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_ADAPTER = "asgi";
const GRACE = 1000;
/** rpyc's frames have their own bound; a client may put several into one message. */
const MAX_WEB_SOCKET_MESSAGE = 64 * 1024 * 1024;

/** Serves handlers to real rpyc clients, with the rules and the log of `rpyc_classic`. */
export async function serveRpyc(
  console: Console,
  flags: ServeRpycFlags,
  contract: RpycServiceConfig["service"]["contract"],
): Promise<ExitCode> {
  const mode = flags.mode ?? "threaded";
  const registration = registrationOf(flags);
  refuseHalfTls(flags);
  refuseOthersFlags(flags);
  const description = describeService(console, flags, contract);
  const { parseListenUrl } = await import("../lib/server/mod.ts");
  const isStdio = mode === "stdio" || flags.transport === "stdio";
  if (isStdio) refuseStdioFlags(flags, registration);
  const settings = await servingSettings(flags, console, SERVE_ORIGINS);
  if (isStdio) keepStdoutForData();
  const log = await openRpycLog(console, { logfile: flags.logfile, quiet: flags.quiet });
  const logError = (line: string) => log.write("ERROR", line);
  console.onLateError?.(lateErrorLines(description.service.handlers ?? "", logError));
  const loaded = await loadService(description);
  const [alias] = loaded.names.aliases;
  log.name = `${alias}/${flags.port ?? PORT}`;
  const serveHere = await buildConnectionService(description, { loaded });
  if (isStdio) {
    log.name = `${alias}/stdio`;
    return await serveOverStdio(console, serveHere, log);
  }
  const addresses = listenAddresses(flags, parseListenUrl, settings.tls !== undefined);
  const authenticator = ownAuthenticator(loaded.exports);
  const serving = await makeMode({
    mode,
    flags,
    console,
    description,
    serveHere,
    onEvent: (event) => logModeEvent(log, event),
    // Late errors of handlers are all that workers and children report.
    onReports: (reports) => {
      for (const [, text] of reports) text.trimEnd().split("\n").forEach(logError);
    },
  });
  // Who knows that it listens may end it: signals are heeded from before.
  let end = () => {};
  const over = untilSignal(console, new Promise<void>((resolve) => end = resolve));
  const onRefusedOrigin = reportRefusedOrigins((text) => log.write("WARNING", text));
  const listeners: Listener[] = [];
  const registered: (() => Promise<void>)[] = [];
  try {
    for (const address of addresses) {
      listeners.push(
        await listenAt(address, serving, { mode, settings, authenticator, log, onRefusedOrigin }),
      );
    }
    for (const { ended } of listeners) void ended.then(end);
    void serving.finished?.then(end);
    const [first] = listeners;
    log.name = `${alias}/${first?.port ?? "unix"}`;
    announce(console, flags, listeners, addresses, mode, log);
    for (const address of addresses) {
      if (!("host" in address) || isLoopback(address.host)) continue;
      consoleReporter(console).warn(
        reachableWarning(address.host, { ...settings, ...(authenticator && { authenticator }) }),
      );
    }
    if (registration !== undefined) {
      for (const [index, { port }] of listeners.entries()) {
        const address = addresses[index]!;
        if (port === undefined || address.transport !== "tcp") continue;
        const service = { names: loaded.names.aliases, port, host: address.host };
        registered.push(
          await startRegistration(
            registration,
            service,
            (event) => logRegistration(log, event, registration),
          ),
        );
      }
    }
    const code = await over;
    if (code === ExitCode.Interrupted) log.write("WARNING", "keyboard interrupt!");
    return code;
  } finally {
    end();
    const isRunning = listeners.length > 0;
    if (isRunning) log.write("INFO", "server has terminated");
    await Promise.all(registered.map((stop) => stop()));
    await Promise.all(
      listeners.map((listener) => listener.close(mode === "oneshot" ? 0 : GRACE / 4)),
    );
    await serving.close();
    if (isRunning) log.write("INFO", "listener closed");
    await log.close();
  }
}

async function listenAt(
  address: StreamDescription,
  serving: ServingMode,
  { mode, settings, authenticator, log, onRefusedOrigin }: {
    readonly mode: string;
    readonly settings: ServingSettings;
    readonly authenticator: Authenticator | undefined;
    readonly log: RpycLog;
    readonly onRefusedOrigin: (origin: string) => void;
  },
): Promise<Listener> {
  const { listenStream, listenWebSocketStreams } = await import("../lib/server/mod.ts");
  const maxConnections = settings.limits.maxConnections ?? defaultMaximum(mode);
  const onConnection = (event: ConnectionEvent, remote: string) =>
    logConnection(log, event, remote);
  const serve: ServeConnection = (connection, info) => serving.serve(connection, info);
  if (address.transport === "ws") {
    // Who may connect is asked in the headers, as for every other protocol over WebSocket, or by the handlers' own authenticator.
    const speaks = authenticator?.authenticateConnection !== undefined;
    const asked = speaks ? undefined : authenticator ?? settings.authenticator;
    const { authenticator: _, ...rest } = settings;
    return await listenWebSocketStreams(address, speaks ? admitted(authenticator, serve) : serve, {
      ...rest,
      ...(asked === undefined ? {} : { authenticator: asked }),
      limits: { maxBody: MAX_WEB_SOCKET_MESSAGE, ...settings.limits, maxConnections },
      messages: "bytes",
      onConnection,
      onRefusedOrigin,
    });
  }
  const lined = await authenticatorOf(settings.authenticator, authenticator);
  return await listenStream(streamAddress(address), serve, {
    maxConnections,
    ...(settings.tls === undefined || address.transport === "unix" ? {} : { tls: settings.tls }),
    ...(lined === undefined ? {} : { authenticator: lined }),
    pauseOnConnect: handsOver(serving) && settings.tls === undefined && lined === undefined,
    onConnection,
  });
}

/** Serves those whom the authenticator lets in. */
function admitted(authenticator: Authenticator, serve: ServeConnection): ServeConnection {
  return async (connection, info) => {
    const admission = await authenticator.authenticateConnection?.(connection, info);
    if (admission === undefined) return void connection.destroy();
    await serve(admission.connection, { ...info, identity: admission.identity });
  };
}

function describeService(
  console: Console,
  flags: ServeRpycFlags,
  contract: RpycServiceConfig["service"]["contract"],
): RpycServiceConfig {
  const names = flags.service?.split(",");
  return {
    protocol: "rpyc",
    service: {
      ...(contract === undefined ? {} : { contract }),
      ...(flags.handlers === undefined ? {} : { handlers: resolve(console.cwd, flags.handlers) }),
      lax: flags.lax,
    },
    names: names === undefined ? {} : { aliases: names.map((name) => name.toUpperCase()) },
    allowPublicAttrs: flags.allowPublicAttrs,
    allowPickle: flags.allowPickle,
    limits: flags.maxBody === undefined ? {} : { maxMessageSize: flags.maxBody },
  };
}

// rpyc's rules, each with the flag that is missing.
function refuseHalfTls(flags: ServingFlags): void {
  const key = flags.sslKeyfile ?? flags.tlsKey;
  const certificate = flags.sslCertfile ?? flags.tlsCert;
  const authority = flags.sslCafile ?? flags.tlsCa;
  if (key === undefined && certificate === undefined && authority === undefined) return;
  const given = key !== undefined
    ? "--ssl-keyfile"
    : certificate !== undefined
    ? "--ssl-certfile"
    : "--ssl-cafile";
  if (key === undefined) throw usageError(`${given} needs --ssl-keyfile: the server's private key`);
  if (certificate === undefined) {
    throw usageError(`${given} needs --ssl-certfile: the server's certificate`);
  }
}

const NOT_FOR_RPYC = [
  ["--adapter", "adapter"],
  ["--framing", "framing"],
  ["--max-batch", "maxBatch"],
  ["--max-depth", "maxDepth"],
  ["--trace", "trace"],
  ["--trace-file", "traceFile"],
  ["--nats-creds", "natsCreds"],
] as const;

/** Only a request of WebSocket has these headers. */
const FOR_WEB_SOCKET = [["--cors-origin", "corsOrigin"], [
  "--allowed-host",
  "allowedHost",
]] as const;

// What would have no effect is refused, not passed over.
function refuseOthersFlags(flags: ServeRpycFlags): void {
  const isGiven = (value: unknown) =>
    value !== undefined && value !== false && value !== DEFAULT_ADAPTER;
  for (const [name, key] of NOT_FOR_RPYC) {
    if (isGiven(flags[key])) throw usageError(`${name} does not go with --protocol rpyc`);
  }
  const hasWebSocket = flags.transport === "ws" ||
    flags.listen?.some((url) => url.startsWith("ws:")) === true;
  for (const [name, key] of hasWebSocket ? [] : FOR_WEB_SOCKET) {
    if (isGiven(flags[key])) {
      throw usageError(`With --protocol rpyc ${name} is only for --transport ws`);
    }
  }
  if (flags.ipv6 && flags.host !== DEFAULT_HOST && isIP(flags.host) === 4) {
    throw usageError(`--ipv6 needs an IPv6 address, not --host ${flags.host}`);
  }
}

function refuseStdioFlags(flags: ServeRpycFlags, registration: Registration | undefined): void {
  if (registration !== undefined) {
    throw usageError("--register needs a port: it is not for --mode stdio");
  }
  if (flags.listen !== undefined) throw usageError("--listen is not for --mode stdio");
  if (flags.port !== undefined) throw usageError("--port is not for --mode stdio");
  if (flags.host !== DEFAULT_HOST) throw usageError("--host is not for --mode stdio");
  if (flags.sslKeyfile !== undefined || flags.tlsKey !== undefined) {
    throw usageError("--ssl-keyfile is not for --mode stdio");
  }
  if (flags.json) throw usageError("--json writes where --mode stdio sends its replies");
}

async function serveOverStdio(
  console: Console,
  serve: Awaited<ReturnType<typeof buildConnectionService>>,
  log: RpycLog,
): Promise<ExitCode> {
  const { serveStdio } = await import("../lib/server/modes/mod.ts");
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      console.stdout.write(chunk);
      done();
    },
  });
  try {
    return await untilSignal(console, serveStdio(console.stdin.stream, output, serve));
  } finally {
    await log.close();
  }
}

function listenAddresses(
  flags: ServeRpycFlags,
  parse: (text: string) => ListenAddress,
  isSecure: boolean,
): readonly StreamDescription[] {
  if (flags.listen !== undefined) {
    return flags.listen.map((url) => {
      const description = parse(url);
      const { transport } = description;
      if (transport === "tcp" || transport === "unix" || transport === "ws") return description;
      throw notForRpyc(`--listen ${url}`);
    });
  }
  const place = {
    host: flags.ipv6 && flags.host === DEFAULT_HOST ? "::1" : flags.host,
    port: flags.port ?? (isSecure ? TLS_PORT : PORT),
  };
  switch (flags.transport) {
    case "unix":
      if (flags.path === undefined) throw usageError("--transport unix needs --path /tmp/rpc.sock");
      return [{ transport: "unix", path: flags.path }];
    case "ws":
      return [{ transport: "ws", ...place, path: flags.path ?? "/ws" }];
    case undefined:
    case "tcp":
      return [{ transport: "tcp", ...place }];
  }
  throw notForRpyc(`--transport ${flags.transport}`);
}

function notForRpyc(what: string) {
  return usageError(
    `${what} does not go with --protocol rpyc`,
    "rpyc's clients speak over TCP, TLS, a Unix socket (--transport unix), WebSocket (--transport ws) or standard streams (--mode stdio)",
  );
}

function streamAddress(description: Exclude<StreamDescription, { readonly transport: "ws" }>) {
  return description.transport === "unix"
    ? { socketPath: description.path }
    : { host: description.host, port: description.port };
}

// Each worker or child takes tens of megabytes, a connection in the event loop a few kilobytes.
function defaultMaximum(mode: string): number {
  return mode === "threaded" || mode === "forking" ? 200 : mode === "async" ? 10_000 : 1000;
}

function handsOver(serving: ServingMode): boolean {
  return serving.takesSockets === true;
}

/** The handlers' own authenticator. */
function ownAuthenticator(
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

/** The handlers' own authenticator, else that of the flags, over one line before rpyc's first byte. */
async function authenticatorOf(
  given: Authenticator | undefined,
  own: Authenticator | undefined,
): Promise<Authenticator | undefined> {
  if (own !== undefined || given === undefined) return own;
  const { lineAuthenticator } = await import("../lib/rpyc/mod.ts");
  return lineAuthenticator(given);
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1" || host === "localhost";
}

function announce(
  console: Console,
  flags: ServeRpycFlags,
  listeners: readonly Listener[],
  addresses: readonly StreamDescription[],
  mode: string,
  log: RpycLog,
): void {
  for (const [index, { url, port }] of listeners.entries()) {
    const address = addresses[index]!;
    const shown = "host" in address ? `[${address.host}]:${port}` : `[${address.path}]`;
    log.write("INFO", `server started on ${shown}`);
    if (flags.json) {
      console.stdout.write(
        `${JSON.stringify({ event: "listening", url, protocol: "rpyc", mode })}\n`,
      );
    } else if (mode === "oneshot" && address.transport === "tcp") {
      // What the real one-shot server prints for the program that started it.
      console.stdout.write(`rpyc-oneshot\n${address.host}\t${port}\n`);
    }
  }
}

function logConnection(
  log: RpycLog,
  event: ConnectionEvent,
  remote: string,
): void {
  const client = bracketed(remote);
  switch (event) {
    case "accepted":
      return log.write("INFO", `welcome ${client}`);
    case "refused":
      return log.write("INFO", `${client} failed to authenticate... rejecting connection`);
    case "dropped":
      return log.write("WARNING", `${client} dropped: --max-connections are open`);
    case "closed":
      return log.write("INFO", `goodbye ${client}`);
  }
}

/** `127.0.0.1:4000` as rpyc's log has it: `[127.0.0.1]:4000`. */
function bracketed(remote: string): string {
  const colon = remote.lastIndexOf(":");
  if (remote.startsWith("[") || colon < 0) return remote.startsWith("[") ? remote : `[${remote}]`;
  return `[${remote.slice(0, colon)}]${remote.slice(colon)}`;
}

function logModeEvent(log: RpycLog, event: ModeEvent): void {
  const client = bracketed(event.remote);
  if (event.kind === "dropped") log.write("WARNING", `${client} dropped: the server is busy`);
  else log.write("ERROR", `client connection terminated abruptly ${client}: ${event.reason}`);
}

function logRegistration(
  log: RpycLog,
  event: "registered" | "failed" | "unregistered",
  { host, port }: Registration,
): void {
  switch (event) {
    case "registered":
      return log.write("INFO", `registry ${host}:${port} acknowledged`);
    case "failed":
      return log.write("WARNING", "no registry acknowledged");
    case "unregistered":
      return log.write("INFO", `unregistering from ${host}:${port}`);
  }
}
