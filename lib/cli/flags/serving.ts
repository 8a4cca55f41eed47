import type { TypedFlagParameter } from "@stricli/core";
import type { CliContext } from "../define.ts";
import { parseCorsOrigin } from "./origins.ts";

/** The flags of every command that serves over HTTP. */
export interface ServingFlags {
  readonly host: string;
  readonly port?: number;
  readonly path?: string;
  readonly corsOrigin?: readonly string[];
  readonly allowedHost?: readonly string[];
  readonly adapter: "asgi" | "fastapi" | "flask";
  readonly tlsKey?: string;
  readonly tlsCert?: string;
  readonly tlsCa?: string;
  readonly sslKeyfile?: string;
  readonly sslCertfile?: string;
  readonly sslCafile?: string;
  readonly authTokenEnv?: string;
  readonly authBasicFile?: string;
  readonly maxBody?: number;
  readonly maxBatch?: number;
  readonly maxDepth?: number;
  readonly maxConnections?: number;
  readonly headersTimeout?: number;
  readonly requestTimeout?: number;
  readonly idleTimeout?: number;
  readonly trace: boolean;
  readonly traceFile?: string;
  readonly quiet: boolean;
  readonly json: boolean;
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

/** {@link ServingFlags} as data, to be spread into a command's flags. */
export const SERVING_FLAGS: FlagsOf<ServingFlags> = {
  host: {
    kind: "parsed",
    parse: String,
    brief: "The address to listen on",
    default: "127.0.0.1",
    placeholder: "address",
  },
  port: {
    kind: "parsed",
    parse: parsePort,
    brief: "The port (8000); 0 takes any free one",
    optional: true,
    placeholder: "number",
  },
  path: {
    kind: "parsed",
    parse: parsePath,
    brief: "The path of the calls (/rpc)",
    optional: true,
    placeholder: "path",
  },
  corsOrigin: {
    kind: "parsed",
    parse: parseCorsOrigin,
    brief: "Allow web pages of this origin too, several times; * allows all, none only its own",
    variadic: true,
    optional: true,
    placeholder: "origin",
  },
  allowedHost: {
    kind: "parsed",
    parse: String,
    brief: "Accept this name in the Host header; can be given several times",
    variadic: true,
    optional: true,
    placeholder: "name",
  },
  adapter: {
    kind: "enum",
    values: ["asgi", "fastapi", "flask"],
    brief: "Answer wrong requests as this adapter of pyRPC does",
    default: "asgi",
  },
  tlsKey: file("Serve TLS with this private key (PEM)"),
  tlsCert: file("The certificate (PEM) of --tls-key"),
  tlsCa: file("Demand a client certificate of this authority (PEM)"),
  sslKeyfile: file("The same as --tls-key"),
  sslCertfile: file("The same as --tls-cert"),
  sslCafile: file("The same as --tls-ca"),
  authTokenEnv: {
    kind: "parsed",
    parse: String,
    brief: "Demand the bearer token in this environment variable",
    optional: true,
    placeholder: "NAME",
  },
  authBasicFile: file("Demand a name and password of this file (name:password lines)"),
  maxBody: count("Refuse larger bodies, in bytes (4194304)", 1, 2 ** 30),
  maxBatch: count("Refuse longer batches (100)", 1, 100_000),
  maxDepth: count("Refuse JSON that is nested deeper (100)", 1, 1000),
  maxConnections: count("Connections at one time (1000)", 1, 1_000_000),
  headersTimeout: count("Milliseconds until the headers are there (10000)", 1, 2 ** 31 - 1),
  requestTimeout: count("Milliseconds until the body is there (30000)", 1, 2 ** 31 - 1),
  idleTimeout: count("Milliseconds between two requests (60000)", 1, 2 ** 31 - 1),
  trace: {
    kind: "boolean",
    brief: "Print every message as it came and went",
    default: false,
    withNegated: false,
  },
  traceFile: file("Write every message as a line of JSON to this file"),
  quiet: {
    kind: "boolean",
    brief: "No banner and no line for each request",
    default: false,
    withNegated: false,
  },
  json: {
    kind: "boolean",
    brief: "Print banner and requests as JSON lines on standard output",
    default: false,
    withNegated: false,
  },
};

function file(brief: string) {
  return { kind: "parsed", parse: String, brief, optional: true, placeholder: "file" } as const;
}

function count(brief: string, min: number, max: number) {
  return {
    kind: "parsed",
    parse: (text: string) => parseNumber(text, min, max),
    brief,
    optional: true,
    placeholder: "number",
  } as const;
}

/** A port as the value of a flag. */
export function parsePort(text: string): number {
  return parseNumber(text, 0, 65_535);
}

/** A whole number within bounds as the value of a flag. */
export function parseNumber(text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    throw new SyntaxError(`Expected a whole number from ${min} to ${max}, found "${text}"`);
  }
  return value;
}

function parsePath(text: string): string {
  if (!/^\/[^\s?#]*$/.test(text)) throw new SyntaxError(`A path begins with "/", found "${text}"`);
  return text;
}
