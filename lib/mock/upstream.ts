import { Buffer } from "node:buffer";
import { Agent, type IncomingHttpHeaders, request as requestHttp } from "node:http";
import { Agent as TlsAgent, request as requestHttps } from "node:https";
import {
  type CallContext,
  failed,
  formatJsonText,
  type Outcome,
  parseJsonText,
  type RpcCall,
  succeeded,
  type WireValue,
} from "../server/mod.ts";

/** How a real server is asked. Times in milliseconds. */
export interface UpstreamOptions {
  /** Where calls are posted. */
  readonly url: URL;
  /** Sent with every call, besides those of the caller. */
  readonly headers?: Readonly<Record<string, string>>;
  /** From the request to the last byte of the answer. @default {30000} */
  readonly timeoutMs?: number;
  /** Bytes of an answer. @default {64 MiB} */
  readonly maxBytes?: number;
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** What became of a call at the real server. */
export interface UpstreamAnswer {
  readonly outcome: Outcome;
  /** Why the answer is none that a pyRPC server gives; absent for results and errors. */
  readonly broken?: string;
}

/** A real pyRPC server behind us. */
export interface Upstream {
  call(call: RpcCall, context: CallContext): Promise<UpstreamAnswer>;
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
  const { url, timeoutMs = 30_000, maxBytes = 64 * 2 ** 20 } = options;
  const isTls = url.protocol === "https:";
  const agent = isTls
    ? new TlsAgent({ keepAlive: true, maxSockets: 256, ...options.tls })
    : new Agent({ keepAlive: true, maxSockets: 256 });
  const request = isTls ? requestHttps : requestHttp;

  const ask = (body: Buffer, headers: Readonly<Record<string, string>>, signal?: AbortSignal) =>
    new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
      const asking = request(url, {
        method: "POST",
        agent,
        headers: { ...headers, "content-type": "application/json", "content-length": body.length },
        ...(signal === undefined ? {} : { signal }),
      });
      const timer = setTimeout(
        () => asking.destroy(new Error(`No answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(error);
      };
      asking.on("error", fail);
      asking.on("response", (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxBytes) {
            asking.destroy(new Error(`The answer is larger than ${maxBytes} bytes`));
          } else chunks.push(chunk);
        });
        response.on("error", fail);
        response.on("close", () => {
          if (!response.complete) fail(new Error("The connection ended within the answer"));
        });
        response.on("end", () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
        });
      });
      asking.end(body);
    });

  return {
    async call(call, context) {
      const { method, params } = call;
      const message = { id: 1, method, ...(params === null ? {} : { params }) };
      const headers = { ...forwardedHeaders(context.headers), ...options.headers };
      try {
        const { status, body } = await ask(Buffer.from(formatJsonText(message)), headers);
        return readAnswer(status, body);
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        return broken(`the real server gave no answer: ${problem}`);
      }
    },
    close: () => agent.destroy(),
  };
}

function forwardedHeaders(headers: CallContext["headers"]): Record<string, string> {
  const forwarded: Record<string, string> = {};
  for (const [name, value] of Object.entries((headers ?? {}) as IncomingHttpHeaders)) {
    const isWanted = FORWARDED.has(name) || (name.startsWith("x-") && !NOT_FORWARDED.has(name));
    if (isWanted && typeof value === "string") forwarded[name] = value;
  }
  return forwarded;
}

function readAnswer(status: number, body: Buffer): UpstreamAnswer {
  let reply: unknown;
  try {
    reply = parseJsonText(body.toString("utf8"));
  } catch {
    return broken(`the real server answered ${status} with what is no JSON`);
  }
  if (typeof reply !== "object" || reply === null || Array.isArray(reply)) {
    return broken(`the real server answered ${status} with no object`);
  }
  const { error, result } = reply as { error?: unknown; result?: unknown };
  if (isError(error)) {
    const { code, message, data } = error;
    return {
      outcome: failed({ kind: "procedure", code, message, data: data === undefined ? null : data }),
    };
  }
  if (status !== 200 || (error !== null && error !== undefined) || result === undefined) {
    return broken(`the real server answered ${status} without result or error`);
  }
  return { outcome: succeeded(result as WireValue) };
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
