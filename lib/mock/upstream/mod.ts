import { Buffer } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import type { OpenPlainSocket } from "../../runtime/mod.ts";
import {
  type CallContext,
  failed,
  formatJsonText,
  type Outcome,
  parseJsonText,
  type RpcCall,
  succeeded,
  type WireValue,
} from "../../server/mod.ts";
import { bodyText, type RawAnswer } from "./answer_reader.ts";
import { ConnectionPool } from "./connection_pool.ts";

/** How a real server is asked. Times in milliseconds. */
export interface UpstreamOptions {
  /** Where calls are posted. */
  readonly url: URL;
  /** Sent with every call, besides those of the caller. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** From the request to the last byte of the answer. @default {30000} */
  readonly timeoutMs?: number;
  /** Bytes of an answer. @default {64 MiB} */
  readonly maxBytes?: number;
  /** What a proxy for `http:` wants to know instead of the path: the whole URL. @default {false} */
  readonly isAskedByUrl?: boolean;
  /** Opens a connection where plain TCP is not it. Needed for `https:`. */
  readonly open?: () => Promise<Duplex>;
  /** Opens plain TCP. @default `node:net` */
  readonly openTcp?: OpenPlainSocket;
}

/** What became of a call at the real server. */
export interface UpstreamAnswer {
  readonly outcome: Outcome;
  /** Why the answer is none that a pyRPC server gives; absent for results and errors. */
  readonly broken?: string;
}

/** A real pyRPC server behind us. */
export interface Upstream {
  /** Sends a call, once. Never rejects. */
  ask(call: RpcCall, context: CallContext): Promise<UpstreamAnswer>;
  close(): void;
}

// A real server knows who calls by these; the others are about the connection, or about us.
const FORWARDED = new Set([
  "authorization",
  "cookie",
  "accept-language",
  "traceparent",
  "tracestate",
]);
const NOT_FORWARDED = new Set(["x-pyrpc-mock", "x-forwarded-host", "x-forwarded-for"]);

/** Opens (no connection yet) a real server. Connections are kept between calls. */
export function openUpstream(options: UpstreamOptions): Upstream {
  const { url, headers = {} } = options;
  const pool = new ConnectionPool({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port) || (url.protocol === "https:" ? 443 : 80),
    timeoutMs: options.timeoutMs ?? 30_000,
    maxBytes: options.maxBytes ?? 64 * 2 ** 20,
    ...(options.open === undefined ? {} : { open: options.open }),
    ...(options.openTcp === undefined ? {} : { openTcp: options.openTcp }),
  });
  const target = `${options.isAskedByUrl === true ? url.origin : ""}${url.pathname}${url.search}`;
  const own = { host: url.host, ...headers, "content-type": "application/json" };
  const start = `POST ${target} HTTP/1.1\r\n${
    Object.entries(own).map(([name, value]) => `${name}: ${value}\r\n`).join("")
  }`;
  return {
    ask(call, context) {
      const message = messageOf(call);
      const head = `${start}${forwarded(context.headers, own)}content-length: ${message.length}`;
      return new Promise((resolve) => {
        pool.ask(
          `${head}\r\n\r\n${message}`,
          (answer) => resolve(answer instanceof Error ? noAnswer(answer) : readAnswer(answer)),
        );
      });
    },
    close: () => pool.close(),
  };
}

/**
 * The very bytes that the caller sent, where there are some: numbers such as `2.0` would not survive being read and written.
 * A character for each.
 */
function messageOf({ method, params, message }: RpcCall): string {
  const bytes = message === undefined
    ? Buffer.from(formatJsonText({ id: 1, method, ...(params === null ? {} : { params }) }))
    : Buffer.isBuffer(message)
    ? message
    : Buffer.from(message.buffer, message.byteOffset, message.length);
  return bytes.toString("latin1");
}

function forwarded(
  headers: CallContext["headers"],
  own: Readonly<Record<string, string>>,
): string {
  let lines = "";
  const all = (headers ?? {}) as IncomingHttpHeaders;
  for (const name in all) {
    const isWanted = FORWARDED.has(name) || (name.startsWith("x-") && !NOT_FORWARDED.has(name));
    if (!isWanted || Object.hasOwn(own, name)) continue;
    const value = all[name];
    if (typeof value === "string") lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

function readAnswer(raw: RawAnswer): UpstreamAnswer {
  const { status } = raw;
  let body: string;
  try {
    body = bodyText(raw);
  } catch (error) {
    return noAnswer(error as Error);
  }
  const result = status === 200 ? resultTextOf(body) : undefined;
  if (result !== undefined) {
    try {
      const value = parseJsonText(result) as WireValue;
      return { outcome: { ok: true, value, text: result } };
    } catch {
      // Not the envelope that it looks like.
    }
  }
  if (status >= 300 && status < 400) {
    return broken(`the real server redirects (${status}): give the URL that it redirects to`);
  }
  let reply: unknown;
  try {
    reply = parseJsonText(body);
  } catch {
    // Python writes these, and no client in a browser reads them.
    const number = /\b(?:NaN|Infinity)\b/.exec(body)?.[0];
    const what = number === undefined ? "what is no JSON" : `${number}, which is no JSON`;
    return broken(`the real server answered ${status} with ${what}`);
  }
  if (typeof reply !== "object" || reply === null || Array.isArray(reply)) {
    return broken(`the real server answered ${status} with no object`);
  }
  const { error, result: value } = reply as { error?: unknown; result?: unknown };
  if (isError(error)) {
    const { code, message, data } = error;
    return {
      outcome: failed({ kind: "procedure", code, message, data: data === undefined ? null : data }),
    };
  }
  if (status !== 200 || (error !== null && error !== undefined) || value === undefined) {
    return broken(`the real server answered ${status} without result or error`);
  }
  return { outcome: succeeded(value as WireValue) };
}

// The envelopes of FastAPI, of the bare ASGI app and of Flask: before the result, and behind it.
const ENVELOPES: readonly (readonly [before: RegExp, behind: string])[] = [
  [/\{"id":(?:-?\d{1,20}|"[^"\\]*"|null),"result":/y, ',"error":null}'],
  [/\{"id": (?:-?\d{1,20}|"[^"\\]*"|null), "result": /y, ', "error": null}'],
  [/\{"error":null,"id":(?:-?\d{1,20}|"[^"\\]*"|null),"result":/y, "}\n"],
];

/** The text of the result in a reply, if the envelope is one of {@link ENVELOPES}. */
function resultTextOf(body: string): string | undefined {
  for (const [before, behind] of ENVELOPES) {
    before.lastIndex = 0;
    if (body.endsWith(behind) && before.test(body)) {
      return body.slice(before.lastIndex, -behind.length);
    }
  }
  return undefined;
}

function noAnswer(error: Error): UpstreamAnswer {
  return broken(`the real server gave no answer: ${error.message}`);
}

function isError(
  value: unknown,
): value is { readonly code: number; readonly message: string; readonly data?: WireValue } {
  if (typeof value !== "object" || value === null) return false;
  const { code, message } = value as { code?: unknown; message?: unknown };
  return Number.isInteger(code) && typeof message === "string";
}

function broken(problem: string): UpstreamAnswer {
  return {
    outcome: failed({ kind: "internal", code: -32603, message: `Proxy: ${problem}` }),
    broken: problem,
  };
}
