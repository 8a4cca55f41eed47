import { setTimeout as delay } from "node:timers/promises";
import { serverError } from "../errors.ts";
import { basicAuthorization, type RpcUrl, shownUrl } from "../rpc_url.ts";
import { Connections } from "./connections.ts";
import { exchange, type HttpAnswer, type HttpExchange } from "./exchange.ts";
import { HttpFailure } from "./failure.ts";
import { failureError } from "./failure_error.ts";
import { proxyFor } from "./proxy.ts";
import { readTlsFiles, type TlsFiles } from "./tls_files.ts";

/** How servers are asked; the flags that every command with a SOURCE has. */
export interface HttpOptions extends TlsFiles {
  /** Sent with every request to the given origin, and to no other. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** A bearer token. */
  readonly token?: string | undefined;
  /** For one try from the first packet to the last byte, in milliseconds. @default {30000} */
  readonly timeoutMs?: number;
  /** Further tries after a failure that may pass. @default {0} */
  readonly retries?: number;
  /** Pause before the first further try in milliseconds; doubled each time. @default {250} */
  readonly backoffMs?: number;
  /** Bound of a document, in bytes. @default {67108864} */
  readonly maxBytes?: number;
}

/** What a request needs of the outside world. */
export interface HttpContext {
  readonly cwd: string;
  /** Read for proxies. */
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

/** A server's answer, and where it came from after redirects. */
export interface ServerAnswer extends HttpAnswer {
  readonly where: string;
}

export const DEFAULT_TIMEOUT_MS = 30_000;
export const DEFAULT_MAX_BYTES = 64 * 2 ** 20;
const IDLE_MS = 10_000;
const MAX_REDIRECTS = 5;
const MAX_PAUSE_MS = 30_000;
const PASSING_STATUS = new Set([408, 425, 429, 502, 503, 504]);
const UNSENT = ["dns", "refused", "unreachable"];
// A call that may have reached the procedure is never sent twice.
const PASSING_FAILURE = new Set([...UNSENT, "closed", "timeout", "idle"]);
const PASSING_FAILURE_OF_CALL = new Set(UNSENT);

/**
 * Asks a server: TLS and proxies as told, redirects within the same origin only (a header or token never reaches
 * another one), tries again with growing pauses where that may help. Any status is an answer; see {@link secretsOf}
 * before printing a part of one.
 *
 * @throws ToolError with exit code 5 when there is no answer.
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
      if (left <= 0 || request.method === "POST" || !PASSING_STATUS.has(answer.status)) {
        return answer;
      }
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      const passing = request.method === "POST" ? PASSING_FAILURE_OF_CALL : PASSING_FAILURE;
      if (left <= 0 || !passing.has(error.kind)) {
        throw failureError(error, { ...base, ...request }, context.env);
      }
    }
    const asked = Number(answer?.headers["retry-after"]) * 1000;
    const { signal } = context;
    // Ended early, the next try says so.
    await delay(Math.min(Math.max(pause, asked || 0), MAX_PAUSE_MS), undefined, { signal })
      .catch(() => undefined);
    pause *= 2;
  }
}

/** A server that is asked many times, over connections that are kept. */
export interface ServerConnection {
  /** Sends one request, once; follows no redirect. @throws ToolError with exit code 5 when there is no answer. */
  send(request: Omit<ServerRequest, "target">): Promise<ServerAnswer>;
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
  // Calls that are under way when the command is interrupted are still answered.
  const base = await baseOf(target, options, { cwd, env });
  const to = { ...base, url, ...proxyOf(url, env, where) };
  const connections = new Connections(to, { keepAlive: true, timeoutMs: base.timeoutMs });
  return {
    async send(request) {
      // The options' own headers win over those of a call.
      const headers = [...request.headers ?? [], ...base.headers];
      try {
        return { ...await exchange({ ...to, ...request, headers }, connections), where };
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        throw failureError(error, { ...base, ...request, target }, env);
      }
    },
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
    ...(signal === undefined ? {} : { signal }),
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
      ...(request.body === undefined ? {} : { body: request.body }),
      ...proxyOf(url, context.env, where),
    });
    const location = answer.headers["location"];
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) {
      return { ...answer, where };
    }
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
    const refuse = (message: string, fix: string) =>
      serverError({
        code: "SERVER_REDIRECT",
        message: `${message} (status ${answer.status})`,
        where,
        fix,
      });
    if (next === undefined || !/^https?:$/.test(next.protocol)) {
      throw refuse("The server redirects to an address that cannot be read", "Check the URL");
    }
    if (next.origin !== url.origin) {
      throw refuse(
        `The server redirects to another origin: ${JSON.stringify(shownUrl(next))}`,
        "Headers and tokens are not sent there; give that URL if it is the one that you mean",
      );
    }
    // 301 to 303 turn a POST into a GET, and a call would silently become something else.
    if (request.method === "POST" && answer.status < 307) {
      throw refuse(
        `The server redirects a call to ${JSON.stringify(shownUrl(next))}`,
        "Give that URL",
      );
    }
    if (hops >= MAX_REDIRECTS) throw refuse("The server redirects without end", "Check the URL");
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

/** Values that must not be printed even when a server echoes them. */
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
    throw serverError({
      code: "PROXY_UNSUPPORTED",
      message: `The proxy in the environment is not one that is spoken${
        proxy === undefined ? "" : `: "${proxy.protocol}"`
      }`,
      where,
      fix: "Set HTTP_PROXY or HTTPS_PROXY to an http:// URL, or name the host in NO_PROXY",
    });
  }
  const authorization = basicAuthorization(proxy);
  return { proxy: { url: proxy, ...(authorization === undefined ? {} : { authorization }) } };
}
