import { resolve } from "node:path";
import { anyOriginWarning, mockOrigins, reportRefusedOrigins } from "../cli/mod.ts";
import { defined } from "../defined.ts";
import { isLoopback } from "../is_loopback.ts";
import type { AllowedOrigins, OriginPolicy } from "../origins.ts";
import type { ProxySummary } from "../proxy/mod.ts";
import type { CallEvent } from "../rpc/mod.ts";
import {
  registeredNames,
  type Registration,
  registrationOf,
  type RegistrationOptions,
  registrationWarning,
  startRegistration,
} from "../rpyc/registry/mod.ts";
import { type Console, lateErrorLines, untilSignal } from "../runtime/mod.ts";
import { connectionWarnings, openTrace, type TraceSink } from "../serve/log/mod.ts";
import {
  loadServingSettings,
  natsConnection,
  type NatsSettings,
  reachableWarning,
  refuseAuthenticator,
  type ServingOptions,
  type ServingSettings,
} from "../serve/settings/mod.ts";
import {
  type AdapterName,
  listen,
  type ListenAddress,
  type Listener,
  listenHttp,
  type NatsConnectionOptions,
  parseListenUrl,
  responseStyleOf,
} from "../server/mod.ts";
import type { Following } from "../watch/mod.ts";
import { MockEndpoints } from "./endpoints.ts";
import { transportNotServed } from "./errors.ts";
import { type FollowEvents, type FollowOptions, followSession } from "./follow_session.ts";
import type { RecordingResult } from "./recorder.ts";
import { MockSession, type SessionOptions } from "./session.ts";

/** Options of {@link serveMock}: those of the session, and of the servers in front of it. */
export interface ServeMockOptions
  extends SessionOptions, FollowOptions, ServingOptions, RegistrationOptions, NatsSettings {
  readonly host: string;
  /** @default {8000} */
  readonly port?: number;
  /** Path of the pyRPC calls. @default {"/rpc"} */
  readonly path?: string;
  readonly adapter: AdapterName;
  readonly trace: boolean;
  readonly traceFile?: string;
  readonly explorer: boolean;
  readonly openrpcDepth?: number;
  /** Subjects of NATS to listen on besides HTTP. */
  readonly listen?: readonly string[];
  /** Command line to run beside the server, which ends with it. */
  readonly exec?: string;
  /** Web pages that may call. @default {mockOrigins(options)} */
  readonly origins?: OriginPolicy;
}

/** Callbacks of {@link serveMock}. */
export interface ServeMockEvents extends FollowEvents {
  /** All listeners are open, HTTP first. */
  listening(urls: readonly string[], session: MockSession, origins: AllowedOrigins): void;
  /** Called for each call. */
  readonly call: ((event: CallEvent) => void) | undefined;
  /** The server ends: print calls that are not printed yet. */
  flush(): void;
  /** Everything that the proxy observed; only with an upstream server. */
  summary(summary: ProxySummary): void;
}

/** The result of {@link serveMock}. */
export interface ServedMock {
  /** That of the command of `exec`; otherwise of the signal. */
  readonly exitCode: number;
  /** The number of different violations by the upstream server. */
  readonly violations: number;
  readonly recording: RecordingResult | undefined;
}

const CLOSE_MS = 2000;

/** Serves a mock, or a proxy before an upstream server, until a signal ends it. @throws ToolError */
export async function serveMock(
  options: ServeMockOptions,
  console: Console,
  events: ServeMockEvents,
): Promise<ServedMock> {
  const registration = registrationOf(options);
  const names = registeredNames(options);
  const settings = await loadServingSettings(
    options,
    console,
    options.origins ?? mockOrigins(options),
  );
  reportLateErrors(options, console, events);
  const subjects = natsSubjects(options.listen);
  refuseAuthenticator(settings, subjects);
  const nats = await natsConnection(options, subjects, console, events);
  const session = await MockSession.open(options, console, events);
  const listeners: Listener[] = [];
  let tracing: TraceSink | undefined;
  let following: Following | undefined;
  try {
    tracing = await openTrace(options, console);
    const endpoints = new MockEndpoints(session, {
      ...options,
      limits: settings.messageLimits,
      trace: tracing.trace,
      observe: events.call,
    }, console);
    // Before the port is open: after its first answer a client may edit a followed file or end the server.
    following = await followSession(session, options, console, {
      ...events,
      reloaded(what) {
        endpoints.update();
        events.reloaded(what);
      },
    });
    await openListeners(listeners, { options, settings, subjects, nats, endpoints, events });
    const ended = Promise.race(listeners.map(({ ended }) => ended));
    const signalled = options.exec === undefined ? untilSignal(console, ended) : undefined;
    reportStart({ options, settings, listeners, session, events });
    const unregister = register(registration, names, listeners, options.host, events);
    const over = signalled ?? execBeside(options, listeners, console, ended);
    const exitCode = await over;
    session.recorder?.save();
    await unregister();
    // Open pages never end their requests, which closing the listener would wait for.
    endpoints.explorer?.close();
    events.flush();
    const { findings } = session;
    if (findings !== undefined) events.summary(findings.summary(endpoints.statistics));
    const recording = session.recorder?.finish();
    return { exitCode, violations: findings?.violationCount ?? 0, recording };
  } finally {
    await Promise.all(listeners.map((listener) => listener.close(CLOSE_MS)));
    // Calls that were answered while the listeners closed.
    session.recorder?.save();
    await following?.close();
    session.upstream?.close();
    events.flush();
    await tracing?.close();
  }
}

async function execBeside(
  { exec = "" }: ServeMockOptions,
  [http]: readonly Listener[],
  console: Console,
  ended: Promise<unknown>,
): Promise<number> {
  const { execCommand, serverUrl } = await import("./exec_command.ts");
  return await execCommand(exec, serverUrl(http?.url ?? ""), console, ended);
}

function reportLateErrors(
  { handlers }: ServeMockOptions,
  console: Console,
  { warn }: ServeMockEvents,
): void {
  if (handlers !== undefined) {
    console.onLateError?.(lateErrorLines(resolve(console.cwd, handlers), warn));
  }
}

function natsSubjects(urls: readonly string[] = []): readonly ListenAddress[] {
  const addresses = urls.map(parseListenUrl);
  const other = addresses.find(({ transport }) => transport !== "nats");
  if (other !== undefined) throw transportNotServed(other.transport);
  return addresses;
}

/** Opens HTTP and then NATS. Adds each listener to `listeners`, so that the caller can close them if one fails. */
async function openListeners(
  listeners: Listener[],
  { options, settings, subjects, nats, endpoints, events }: {
    readonly options: ServeMockOptions;
    readonly settings: ServingSettings;
    readonly subjects: readonly ListenAddress[];
    readonly nats: NatsConnectionOptions | undefined;
    readonly endpoints: MockEndpoints;
    readonly events: ServeMockEvents;
  },
): Promise<void> {
  const { limits } = settings;
  const { document, service } = endpoints;
  for (const subject of subjects) {
    listeners.push(await listen(subject, service, { limits, document, ...defined({ nats }) }));
  }
  const http = await listenHttp({
    host: options.host,
    port: options.port ?? (options.exec === undefined ? 8000 : 0),
    responseStyle: responseStyleOf(options.adapter),
    routes: endpoints.routes,
    pages: endpoints.pages,
    ...settings,
    onRefusedOrigin: reportRefusedOrigins(events.warn),
    onConnection: connectionWarnings(events.warn, options.handlers ?? ""),
  });
  listeners.unshift(http);
}

/** Names what callers reach besides generated values. */
function reachOf({ proxy, handlers }: ServeMockOptions): string | undefined {
  return proxy !== undefined
    ? "the upstream server"
    : handlers !== undefined
    ? "your functions"
    : undefined;
}

function reportStart({ options, settings, listeners, session, events }: {
  readonly options: ServeMockOptions;
  readonly settings: ServingSettings;
  readonly listeners: readonly Listener[];
  readonly session: MockSession;
  readonly events: ServeMockEvents;
}): void {
  events.listening(listeners.map(({ url }) => url), session, settings.origins);
  for (const warning of session.served.warnings) events.warn(warning);
  for (const name of session.unknownRuleNames()) {
    events.warn(`--latency or --error names "${name}", which is not a procedure of the contract`);
  }
  const reach = reachOf(options);
  if (reach !== undefined) anyOriginWarning(settings.origins, reach).forEach(events.warn);
  const { host } = options;
  if (!isLoopback(host)) events.warn(reachableWarning(host, settings));
  settings.warnings.forEach(events.warn);
  if (options.register) registrationWarning({ host }).forEach(events.warn);
}

/** Registers the port of HTTP. Returns a function that unregisters it. */
function register(
  registration: Registration | undefined,
  names: readonly string[],
  [http]: readonly Listener[],
  host: string,
  { note }: ServeMockEvents,
): () => Promise<void> {
  const port = http?.port;
  if (registration === undefined || port === undefined) return () => Promise.resolve();
  return startRegistration(
    registration,
    { names, port, host },
    (event) => note(`Registry: ${event}`),
  );
}
