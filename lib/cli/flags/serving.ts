import { parseCorsOrigin } from "./origins.ts";
import {
  choice,
  duration,
  file,
  type FlagValues,
  grouped,
  integer,
  LONGEST_TIMEOUT,
  port,
  repeatable,
  text,
  toggle,
  value,
  withDefault,
} from "./builders.ts";

const COMMON = {
  host: withDefault(text("Address to listen on", { placeholder: "address" }), "127.0.0.1"),
  port: port("Port to listen on; 0 selects a free one (default: 8000)", { alias: "p" }),
  path: value("Path of the calls (default: /rpc)", parsePath, { placeholder: "path" }),
  quiet: toggle("Print no banner and no line per request", { alias: "q" }),
  json: toggle("Print banner and requests as JSON lines on stdout"),
};

const SERVING = grouped("Serving", {
  corsOrigin: repeatable(
    value("Also allow web pages of this origin (*: all; none: only its own)", parseCorsOrigin, {
      placeholder: "origin",
    }),
  ),
  allowedHost: repeatable(
    text("Accept this name in the Host header; repeatable", { placeholder: "name" }),
  ),
  adapter: withDefault(
    choice("Answer malformed requests like this adapter of pyRPC", ["asgi", "fastapi", "flask"]),
    "asgi",
  ),
  trace: toggle("Print every message received and sent"),
  traceFile: file("Write every message as a line of JSON to this file"),
});

const SECURITY = grouped("TLS and authentication", {
  tlsKey: file("Serve TLS with this private key (PEM)"),
  tlsCert: file("Certificate (PEM) of --tls-key"),
  tlsCa: file("Require a client certificate of this authority (PEM)"),
  sslKeyfile: file("Same as --tls-key"),
  sslCertfile: file("Same as --tls-cert"),
  sslCafile: file("Same as --tls-ca"),
  authTokenEnv: text("Require the bearer token in this environment variable", {
    placeholder: "NAME",
  }),
  authBasicFile: file("Require a name and password of this file (name:password lines)"),
});

const LIMITS = grouped("Limit", {
  maxBody: integer("Maximum size of a body in bytes (default: 4194304)", {
    min: 1,
    max: 2 ** 30,
    placeholder: "bytes",
  }),
  maxBatch: integer("Maximum length of a batch (default: 100)", { min: 1, max: 100_000 }),
  maxDepth: integer("Maximum nesting of JSON (default: 100)", { min: 1, max: 1000 }),
  maxConnections: integer("Maximum number of connections (default: 1000)", {
    min: 1,
    max: 1_000_000,
  }),
  headersTimeout: timeout(
    "Maximum time to receive the headers, or a stream's first byte (default: 10000)",
  ),
  requestTimeout: timeout("Maximum time to receive the body (default: 30000)"),
  idleTimeout: timeout("Maximum time between two requests (default: 60000)"),
});

/** The flags of every command that serves over HTTP. */
export const SERVING_FLAGS = { ...COMMON, ...SERVING, ...SECURITY, ...LIMITS };

/** The values of {@link SERVING_FLAGS}. */
export type ServingFlags = FlagValues<typeof SERVING_FLAGS>;

function timeout(brief: string) {
  return duration(brief, { unit: "ms", min: 1, max: LONGEST_TIMEOUT });
}

/** Parses an absolute path. */
export function parsePath(text: string): string {
  if (/^\/[^\s?#]*$/.test(text)) return text;
  throw new SyntaxError(`Expected a path that begins with "/", found "${text}"`);
}
