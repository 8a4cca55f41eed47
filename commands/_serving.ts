import * as rpc from "../lib/rpc/mod.ts";
import { createWriteStream, type WriteStream } from "node:fs";
import { resolve } from "node:path";
import { ExitCode, usageError } from "../lib/errors.ts";
import type { Console, EndSignal } from "../lib/runtime/mod.ts";
import type { AllowedOrigins, OriginPolicy } from "../lib/origins.ts";
import type { Authenticator, HttpLimits, ListenAddress, TlsOptions } from "../lib/server/mod.ts";
import type { Direction, MessageLimits, Trace } from "../lib/rpc/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";
import { allowedOrigins } from "../lib/cli/mod.ts";
import type { ServingFlags } from "../lib/cli/mod.ts";

/** What the flags say about every listener. */
export interface ServingSettings {
  readonly origins: AllowedOrigins;
  readonly limits: Partial<HttpLimits>;
  readonly messageLimits: MessageLimits;
  readonly allowedHosts?: readonly string[];
  readonly tls?: TlsOptions;
  readonly authenticator?: Authenticator;
}

/** Reads what the flags name: keys, certificates, passwords, tokens. @throws ToolError */
export async function servingSettings(
  flags: ServingFlags,
  console: Console,
  policy: OriginPolicy,
): Promise<ServingSettings> {
  const server = await import("../lib/server/mod.ts");
  const { findCorsOrigins } = await import("../lib/project/mod.ts");
  const configuredOrigins = policy === "any" ? [] : await findCorsOrigins(console.cwd);
  const authenticators: Authenticator[] = [];
  if (flags.authTokenEnv !== undefined) {
    authenticators.push(server.tokenAuthenticator(readSecret(flags.authTokenEnv, console)));
  }
  if (flags.authBasicFile !== undefined) {
    const path = resolve(console.cwd, flags.authBasicFile);
    authenticators.push(server.basicAuthenticator(await server.loadPasswords(path)));
  }
  const tls = tlsFiles(flags, console.cwd);
  const limits = {
    maxBody: flags.maxBody,
    maxConnections: flags.maxConnections,
    headersTimeout: flags.headersTimeout,
    requestTimeout: flags.requestTimeout,
    idleTimeout: flags.idleTimeout,
  };
  return {
    origins: allowedOrigins(policy, flags.corsOrigin, configuredOrigins),
    limits: Object.fromEntries(
      Object.entries(limits).filter(([, value]) => value !== undefined),
    ) as Partial<HttpLimits>,
    messageLimits: {
      maxBatch: flags.maxBatch ?? rpc.DEFAULT_MESSAGE_LIMITS.maxBatch,
      maxDepth: flags.maxDepth ?? rpc.DEFAULT_MESSAGE_LIMITS.maxDepth,
    },
    ...(flags.allowedHost === undefined ? {} : { allowedHosts: flags.allowedHost }),
    ...(tls === undefined ? {} : { tls: await server.loadTls(tls) }),
    ...(authenticators.length === 0
      ? {}
      : { authenticator: server.anyAuthenticator(authenticators) }),
  };
}

/** A traced message: for people, and as a line of JSON. */
export interface TracedMessage {
  readonly shown: string;
  readonly line: string;
}

/** Makes a traced message fit for printing. */
export function tracedMessage(
  traceLine: typeof import("../lib/rpc/mod.ts").traceLine,
  direction: Direction,
  context: unknown,
  message: Uint8Array,
  now: number,
): TracedMessage {
  const line = traceLine(direction, context, message, now);
  const mark = line.encoding === undefined ? "" : "hex:";
  return {
    shown: `${direction} ${mark}${plainText(line.message)}\n`,
    line: `${JSON.stringify(line)}\n`,
  };
}

/** Refuses tokens and passwords for transports that have no place for them. @throws ToolError */
export function refuseAuthenticator(
  { authenticator }: Pick<ServingSettings, "authenticator">,
  descriptions: readonly ListenAddress[],
): void {
  const without = descriptions.filter(({ transport }) =>
    transport !== "http" && transport !== "ws"
  );
  if (authenticator === undefined || without.length === 0) return;
  throw usageError(
    "Tokens and passwords travel in HTTP headers",
    without.some(({ transport }) => transport === "nats")
      ? "Over nats, the NATS server says who may call a subject"
      : "Over tcp, TLS with --tls-ca asks for client certificates; a unix socket is the user's own",
  );
}

/** Somewhere that traced messages go. */
export interface TraceSink {
  readonly trace: Trace | undefined;
  /** Writes what was made fit elsewhere: both halves of a {@link TracedMessage}. */
  write(half: keyof TracedMessage, text: string): void;
  close(): Promise<void>;
}

/** What `--trace` and `--trace-file` ask for. @throws ToolError where the file cannot be opened */
export async function openTrace(
  flags: Pick<ServingFlags, "trace" | "traceFile">,
  console: Console,
): Promise<TraceSink> {
  if (!flags.trace && flags.traceFile === undefined) {
    return { trace: undefined, write: () => undefined, close: () => Promise.resolve() };
  }
  const { traceLine } = await import("../lib/rpc/mod.ts");
  const file = flags.traceFile === undefined
    ? undefined
    : await openFile(resolve(console.cwd, flags.traceFile));
  const write: TraceSink["write"] = (half, text) => {
    if (half === "line") file?.write(text);
    else if (flags.trace) console.stderr.write(text);
  };
  return {
    write,
    trace(direction, context, message) {
      const traced = tracedMessage(traceLine, direction, context, message, console.now());
      write("shown", traced.shown);
      write("line", traced.line);
    },
    close: () => new Promise((done) => file === undefined ? done() : file.end(() => done())),
  };
}

/**
 * Waits for Ctrl+C, SIGTERM or until `ended`; the exit code says which it was. Signals are heeded from the call on, not
 * from when it is awaited.
 */
export function untilSignal(console: Console, ended: Promise<unknown>): Promise<ExitCode> {
  let stopListening: () => void = () => undefined;
  const signal = new Promise<EndSignal>((resolve) => {
    stopListening = console.onSignal(resolve);
  });
  const over = Promise.race([signal, ended.then(() => undefined)]).then((first) => {
    if (first === undefined) return ExitCode.Ok;
    return first === "SIGINT" ? ExitCode.Interrupted : ExitCode.Terminated;
  }).finally(stopListening);
  // A listener may fail while the last things start, before this is awaited: it is told then.
  over.catch(() => undefined);
  return over;
}

/** A warning for addresses that others can reach. */
export function reachableWarning(
  host: string,
  settings: Pick<ServingSettings, "authenticator">,
): string {
  const who = settings.authenticator === undefined ? "anyone who reaches it" : "whoever may log in";
  return `Listening on ${host}: ${who} can call it, not only this machine`;
}

function tlsFiles(flags: ServingFlags, cwd: string) {
  const key = flags.tlsKey ?? flags.sslKeyfile;
  const cert = flags.tlsCert ?? flags.sslCertfile;
  const ca = flags.tlsCa ?? flags.sslCafile;
  if (key === undefined && cert === undefined && ca === undefined) return undefined;
  if (key === undefined || cert === undefined) {
    throw usageError("TLS needs both --tls-key and --tls-cert");
  }
  return {
    key: resolve(cwd, key),
    cert: resolve(cwd, cert),
    ca: ca === undefined ? undefined : resolve(cwd, ca),
  };
}

function readSecret(name: string, console: Console): string {
  const secret = console.env[name]?.trim();
  if (secret === undefined || secret === "") {
    throw usageError(
      `The environment variable "${name}" is not set`,
      "--auth-token-env takes the name of the variable that holds the token, not the token",
    );
  }
  return secret;
}

function openFile(path: string): Promise<WriteStream> {
  return new Promise((done, fail) => {
    const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
    stream.once("open", () => done(stream));
    stream.once("error", (error) => fail(usageError(`Cannot write ${path}: ${error.message}`)));
  });
}
