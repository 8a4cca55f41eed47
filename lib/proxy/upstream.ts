import { Buffer } from "node:buffer";
import { defined } from "../defined.ts";
import { ToolError } from "../errors.ts";
import { CONTROL_HEADER } from "../mock/mod.ts";
import type { HttpAnswer, ServerConnection } from "../http/mod.ts";
import {
  type CallContext,
  failed,
  type Outcome,
  type RpcCall,
  type WireValue,
} from "../rpc/mod.ts";
import { formatJsonText, memberTexts, parseJsonText } from "../json/mod.ts";

/** The answer of the upstream server to a call. */
export interface UpstreamAnswer {
  readonly outcome: Outcome;
  /** The reason why the answer is not one of a pyRPC server; absent for results and errors. */
  readonly broken?: string;
}

/** The pyRPC server that a proxy forwards calls to. */
export interface Upstream {
  /** Sends a call once. Never rejects. */
  ask(call: RpcCall, context: CallContext): Promise<UpstreamAnswer>;
  close(): void;
}

// Headers that identify the caller. The others describe the connection or the proxy.
const FORWARDED = new Set([
  "authorization",
  "cookie",
  "accept-language",
  "traceparent",
  "tracestate",
]);
const NOT_FORWARDED = new Set([CONTROL_HEADER, "x-forwarded-host", "x-forwarded-for"]);

/** Makes an {@link Upstream} of a connection. */
export function openUpstream(server: ServerConnection): Upstream {
  return {
    async ask(call, { headers }) {
      let answer: HttpAnswer;
      try {
        answer = await server.send({
          method: "POST",
          body: messageOf(call),
          headers: [
            ...forwarded(headers),
            ["content-type", "application/json"],
            // The way is usually short: compressing an answer would only cost time.
            ["accept-encoding", "identity"],
          ],
        });
      } catch (error) {
        return noAnswer(error);
      }
      return readAnswer(answer);
    },
    close: () => server.close(),
  };
}

// Forwards the bytes that the caller sent, if available: a number such as `2.0` would not survive parsing and formatting.
function messageOf({ method, params, message }: RpcCall): Uint8Array {
  return message ??
    Buffer.from(formatJsonText(params === null ? { id: 1, method } : { id: 1, method, params }));
}

function forwarded(headers: CallContext["headers"] = {}): [name: string, value: string][] {
  const lines: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const isForwarded = FORWARDED.has(name) || (name.startsWith("x-") && !NOT_FORWARDED.has(name));
    if (isForwarded && typeof value === "string") lines.push([name, value]);
  }
  return lines;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readAnswer({ status, body: bytes }: HttpAnswer): UpstreamAnswer {
  let body: string;
  try {
    body = UTF8.decode(bytes);
  } catch {
    return broken(`the upstream server answered ${status} with invalid UTF-8`);
  }
  if (status >= 300 && status < 400) {
    return broken(`the upstream server redirects (${status}): give the URL that it redirects to`);
  }
  let reply: unknown;
  try {
    reply = parseJsonText(body);
  } catch {
    // Python prints these, and no browser parses them.
    const number = /\b(?:NaN|Infinity)\b/.exec(body)?.[0];
    const what = number === undefined ? "invalid JSON" : `${number}, which is not valid JSON`;
    return broken(`the upstream server answered ${status} with ${what}`);
  }
  if (typeof reply !== "object" || reply === null || Array.isArray(reply)) {
    return broken(`the upstream server answered ${status} with JSON that is not an object`);
  }
  const { error, result: value } = reply as { error?: unknown; result?: unknown };
  if (isError(error)) {
    const { code, message, data } = error;
    return {
      outcome: failed({ kind: "procedure", code, message, data: data === undefined ? null : data }),
    };
  }
  if (status !== 200 || (error !== null && error !== undefined) || value === undefined) {
    return broken(`the upstream server answered ${status} without result or error`);
  }
  // The text is passed on, since a number such as `2.0` would not survive parsing and formatting.
  const text = memberTexts(body).get("result");
  return { outcome: { ok: true, value: value as WireValue, ...defined({ text }) } };
}

function noAnswer(error: unknown): UpstreamAnswer {
  const { message } = error as Error;
  const details = error instanceof ToolError ? error.details : [];
  return broken(`the upstream server did not answer: ${[message, ...details].join(". ")}`);
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
