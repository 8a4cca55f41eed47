import { setTimeout as delay } from "node:timers/promises";
import { defined } from "../defined.ts";
import { type FirstWords, firstWords } from "./answer_error.ts";
import { basicAuthorization, type RpcUrl, shownUrl } from "../rpc_url.ts";
import { Connections } from "./connections.ts";
import { proxyUnsupported, redirectRefused } from "./errors.ts";
import { exchange, exchangeOn, type HttpAnswer, type HttpExchange } from "./exchange.ts";
import { HttpFailure } from "./failure.ts";
import { failureError } from "./failure_error.ts";
import { proxyFor } from "./proxy.ts";
import { readTlsFiles, type TlsFiles } from "./tls_files.ts";

/** Options of requests; every command that has a SOURCE offers them as flags. */
export interface HttpOptions extends TlsFiles {
  /** Headers of every request to the given origin, and to no other. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** A bearer token. */
  readonly token?: string | undefined;
  /** Time for one attempt, from the first packet to the last byte, in milliseconds. @default {30000} */
  readonly timeoutMs?: number;
  /** Retries after a temporary failure. @default {0} */
  readonly retries?: number;
  /** Pause before the first retry in milliseconds; doubled each time. @default {250} */
  readonly backoffMs?: number;
  /** Size limit of a document, in bytes. @default {67108864} */
  readonly maxBytes?: number;
}

/** The environment of a request. */
export interface HttpContext {
  readonly cwd: string;
  /** Environment variables, which can name a proxy. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** A request to a pyRPC server. */
export interface ServerRequest {
  readonly method: HttpExchange["method"];
  readonly target: RpcUrl;
  readonly body?: Uint8Array;
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** A server's answer and its URL after redirects. */
export interface ServerAnswer extends HttpAnswer {
  readonly where: string;
}

export const DEFAULT_TIMEOUT_MS = 30_000;
export const DEFAULT_MAX_BYTES = 64 * 2 ** 20;
const IDLE_MS = 10_000;
const MAX_REDIRECTS = 5;
const MAX_PAUSE_MS = 30_000;
const TEMPORARY_STATUS = new Set([408, 425, 429, 502, 503, 504]);
const UNSENT = ["dns", "refused", "unreachable"];
// A call is never sent again if the procedure may have received it.
const TEMPORARY_FAILURE = new Set([...UNSENT, "closed", "timeout", "idle"]);
const TEMPORARY_FAILURE_OF_CALL = new Set(UNSENT);

/**
 * Sends a request with the configured TLS files and proxies. Follows redirects within the same origin only, so that a
 * header or token never reaches another one, and retries temporary failures with growing pauses. Returns answers of any
 * status; see {@link secretsOf} before printing a part of one.
 *
 * @throws ToolError exit code 5 if the server does not answer
 */
export async function askServer(
  request: ServerRequest,
  options: HttpOptions,
  context: HttpContext,
): Promise<ServerAnswer> {
  const base = await baseOf(request.target, options, context);
  let pause = options.backoffMs ?? 250;
  for (let left = options.retries ?? 0;; left--) {
    let answer: ServerAnswer | undefined;
    try {
      answer = await followed(request, base, context);
      if (left <= 0 || request.method === "POST" || !TEMPORARY_STATUS.has(answer.status)) {
        return answer;
      }
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      const temporary = request.method === "POST" ? TEMPORARY_FAILURE_OF_CALL : TEMPORARY_FAILURE;
      if (left <= 0 || !temporary.has(error.kind)) {
        throw failureError(error, { ...base, ...request }, context.env);
      }
    }
    const asked = Number(answer?.headers["retry-after"]) * 1000;
    const { signal } = context;
    // An aborted pause is reported by the next attempt.
    await delay(Math.min(Math.max(pause, asked || 0), MAX_PAUSE_MS), undefined, { signal })
      .catch(() => undefined);
    pause *= 2;
  }
}

/** Requests to one server over connections that are kept. */
export interface ServerConnection {
  /** Sends one request, once; follows no redirect. @throws ToolError exit code 5 if the server does not answer */
  send(request: Omit<ServerRequest, "target">): Promise<HttpAnswer>;
  /** Returns the beginning of an answer's body, without secrets of the request. */
  firstWords(answer: Pick<HttpAnswer, "headers" | "body">): FirstWords;
  /** Ends all requests. */
  close(): void;
}

/** Prepares connections to a server with the options of {@link askServer}. Opens none yet. @throws ToolError */
export async function connectServer(
  target: RpcUrl,
  options: HttpOptions,
  context: HttpContext,
): Promise<ServerConnection> {
  const { url, where } = target;
  const { cwd, env } = context;
  // No signal: calls that are running when the command is interrupted still finish.
  const base = await baseOf(target, options, { cwd, env });
  const to = { ...base, url, ...proxyOf(url, env, where) };
  const connections = new Connections(to, { keepAlive: true, timeoutMs: base.timeoutMs });
  return {
    async send(request) {
      // Later headers win: those of the options.
      const headers = [...request.headers ?? [], ...base.headers];
      try {
        return await exchangeOn(connections, { ...base, ...request, headers });
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        throw failureError(error, { ...base, ...request, target }, env);
      }
    },
    firstWords: (answer) => firstWords(answer, secretsOf(target, options)),
    close: () => connections.close(),
  };
}

type Base = Omit<HttpExchange, "method" | "url" | "proxy">;

async function baseOf(
  target: RpcUrl,
  options: HttpOptions,
  { cwd, signal }: HttpContext,
): Promise<Base> {
  return {
    headers: requestHeaders(target, options),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    idleMs: Math.min(IDLE_MS, options.timeoutMs ?? IDLE_MS),
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
    tls: await readTlsFiles(options, cwd),
    ...defined({ signal }),
  };
}

async function followed(
  request: ServerRequest,
  base: Base,
  context: HttpContext,
): Promise<ServerAnswer> {
  let { url } = request.target;
  for (let hops = 0;; hops++) {
    const where = shownUrl(url);
    const answer = await exchange({
      ...base,
      headers: [...base.headers, ...request.headers ?? []],
      method: request.method,
      url,
      ...defined({ body: request.body }),
      ...proxyOf(url, context.env, where),
    });
    const location = answer.headers["location"];
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) {
      return { ...answer, where };
    }
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
    const refuse = (reason: string, fix: string) =>
      redirectRefused({ reason, status: answer.status, where, fix });
    if (next === undefined || !/^https?:$/.test(next.protocol)) {
      throw refuse("The server redirects to an address that cannot be read", "Check the URL");
    }
    if (next.origin !== url.origin) {
      throw refuse(
        `The server redirects to another origin: ${JSON.stringify(shownUrl(next))}`,
        "Headers and tokens are not sent to another origin; if you trust it, use that URL",
      );
    }
    // 301 to 303 turn a POST into a GET: the call would be lost.
    if (request.method === "POST" && answer.status < 307) {
      throw refuse(
        `The server redirects a call to ${JSON.stringify(shownUrl(next))}`,
        "Use that URL",
      );
    }
    if (hops >= MAX_REDIRECTS) throw refuse("The server redirects in a loop", "Check the URL");
    next.username = "";
    next.password = "";
    url = next;
  }
}

function requestHeaders(target: RpcUrl, options: HttpOptions): [string, string][] {
  const headers: [string, string][] = [];
  if (target.authorization !== undefined) headers.push(["authorization", target.authorization]);
  if (options.token !== undefined) headers.push(["authorization", `Bearer ${options.token}`]);
  for (const [name, value] of options.headers ?? []) headers.push([name, value]);
  return headers;
}

/** Values that must not be printed, even if a server echoes them. */
export function secretsOf(target: RpcUrl, options: HttpOptions): string[] {
  return [
    ...(options.token === undefined ? [] : [options.token]),
    ...(target.authorization === undefined ? [] : [target.authorization]),
    ...(options.headers ?? []).flatMap(([, value]) => [value, ...value.split(/\s+/)]),
  ].filter((value) => value.length >= 5);
}

function proxyOf(
  url: URL,
  env: HttpContext["env"],
  where: string,
): Pick<HttpExchange, "proxy"> {
  const text = proxyFor(url, env);
  if (text === undefined) return {};
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || !/^https?:$/.test(proxy.protocol)) {
    throw proxyUnsupported(proxy?.protocol, where);
  }
  return { proxy: { url: proxy, ...defined({ authorization: basicAuthorization(proxy) }) } };
}
