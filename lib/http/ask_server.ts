import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileUnreadable, formatBytes, serverError } from "../errors.ts";
import {
  exchange,
  type HttpAnswer,
  type HttpExchange,
  HttpFailure,
  openConnection,
  type TlsOptions,
} from "./exchange.ts";
import { proxyFor } from "./proxy.ts";
import { basicAuthorization, type RpcUrl, shownUrl } from "../rpc_url.ts";

/** How servers are asked; the flags that every command with a SOURCE has. */
export interface HttpOptions {
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
  /** A file in PEM format whose authorities are trusted instead of the public ones. */
  readonly caFile?: string | undefined;
  readonly clientCert?: string | undefined;
  /** Not needed when the certificate's file holds the key as well. */
  readonly clientKey?: string | undefined;
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
  readonly method: "GET" | "POST";
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
const PASSING_FAILURE = {
  GET: new Set([...UNSENT, "closed", "timeout", "idle"]),
  POST: new Set(UNSENT),
};

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
  const tls = await readTlsFiles(options, context.cwd);
  const base = {
    headers: [...requestHeaders(request.target, options), ...request.headers ?? []],
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    idleMs: Math.min(IDLE_MS, options.timeoutMs ?? IDLE_MS),
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
    tls,
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  };
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
      if (left <= 0 || !PASSING_FAILURE[request.method].has(error.kind)) {
        throw failureError(error, request.target, base, context);
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

/** How a server is reached by who speaks HTTP with it himself. */
export interface ServerConnections {
  /** Sent with every request. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the whole URL stands in the request's first line, as proxies for `http:` want it. */
  readonly isAskedByUrl: boolean;
  /** Opens a connection over TLS or through a proxy; absent where plain TCP is all there is to it. @throws ToolError */
  readonly open?: () => Promise<Duplex>;
}

/** Headers, TLS and proxies as {@link askServer} has them, for connections that stay. @throws ToolError */
export async function serverConnections(
  target: RpcUrl,
  options: HttpOptions,
  context: HttpContext,
): Promise<ServerConnections> {
  const { url, where } = target;
  const tls = await readTlsFiles(options, context.cwd);
  const proxy = proxyOf(url, context.env, where);
  const headers = Object.fromEntries(
    requestHeaders(target, options).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const isAskedByUrl = proxy !== undefined && url.protocol === "http:";
  if (isAskedByUrl && proxy.authorization !== undefined) {
    headers["proxy-authorization"] = proxy.authorization;
  }
  if (proxy === undefined && url.protocol === "http:") return { headers, isAskedByUrl };
  const connection = { url, tls, ...(proxy === undefined ? {} : { proxy }) };
  const bounds = {
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    idleMs: IDLE_MS,
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
  };
  const open = async () => {
    try {
      return await openConnection(connection);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      throw failureError(error, target, bounds, context);
    }
  };
  return { headers, isAskedByUrl, open };
}

type Base = Omit<HttpExchange, "method" | "url" | "proxy">;
type Bounds = Pick<Base, "timeoutMs" | "idleMs" | "maxBytes">;

async function followed(
  request: ServerRequest,
  base: Base,
  context: HttpContext,
): Promise<ServerAnswer> {
  let { url } = request.target;
  for (let hops = 0;; hops++) {
    const where = shownUrl(url);
    const proxy = proxyOf(url, context.env, where);
    const answer = await exchange({
      ...base,
      method: request.method,
      url,
      ...(proxy === undefined ? {} : { proxy }),
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

function proxyOf(url: URL, env: HttpContext["env"], where: string): HttpExchange["proxy"] {
  const text = proxyFor(url, env);
  if (text === undefined) return undefined;
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
  return { url: proxy, ...(authorization === undefined ? {} : { authorization }) };
}

async function readTlsFiles(options: HttpOptions, cwd: string): Promise<TlsOptions> {
  const read = async (path: string | undefined, what: string, marker: string) => {
    if (path === undefined) return undefined;
    const file = resolve(cwd, path);
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      throw fileUnreadable(file, what, error);
    }
    if (!text.includes(marker)) {
      throw fileUnreadable(file, what, new Error("it is not in PEM format"));
    }
    return text;
  };
  const ca = await read(options.caFile, "the file of --ca-file", "-----BEGIN CERTIFICATE");
  const cert = await read(
    options.clientCert,
    "the file of --client-cert",
    "-----BEGIN CERTIFICATE",
  );
  const key = await read(
    options.clientKey ?? options.clientCert,
    "the client's private key",
    "PRIVATE KEY-----",
  );
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function failureError(
  failure: HttpFailure,
  { url, where }: RpcUrl,
  base: Bounds,
  { env }: HttpContext,
) {
  if (failure.atProxy) {
    const proxy = proxyFor(url, env) ?? "";
    const shown = URL.canParse(proxy) ? new URL(proxy).origin : "the proxy";
    return serverError({
      code: "PROXY_FAILED",
      message: `Cannot reach the server through the proxy ${shown}: ${failure.message}`,
      where,
      fix: failure.code === "407"
        ? "Put user and password into the proxy's URL: http://user:password@host:port"
        : "Check HTTP_PROXY and HTTPS_PROXY, or name the host in NO_PROXY",
      cause: failure,
    });
  }
  const [code, message, fix] = describeFailure(failure, url, base);
  return serverError({ code, message, where, fix, cause: failure });
}

function describeFailure(
  failure: HttpFailure,
  url: URL,
  base: Bounds,
): readonly [code: string, message: string, fix?: string | readonly string[]] {
  const seconds = (ms: number) => `${ms / 1000} s`;
  switch (failure.kind) {
    case "refused":
      return [
        "SERVER_REFUSED",
        `Connection refused: nothing listens at ${url.host}`,
        "Start the backend, or check host and port",
      ];
    case "dns":
      return ["SERVER_DNS", `No such host: "${url.hostname}"`, "Check the URL and the network"];
    case "unreachable":
      return [
        "SERVER_UNREACHABLE",
        `No route to ${url.host} (${failure.code})`,
        "Check the URL and the network",
      ];
    case "timeout":
      return [
        "SERVER_TIMEOUT",
        `No whole answer within ${seconds(base.timeoutMs)}`,
        "--timeout allows more",
      ];
    case "idle":
      return [
        "SERVER_TIMEOUT",
        `The server stopped in the middle of its answer: no byte for ${seconds(base.idleMs)}`,
        "Look at the server's log",
      ];
    case "closed":
      return [
        "SERVER_CLOSED",
        "The server closed the connection before its answer was whole",
        `Look at the server's log${hintOfTls(url)}`,
      ];
    case "not-http":
      return [
        "SERVER_NOT_HTTP",
        "What listens there does not speak HTTP",
        `Check host and port${hintOfTls(url)}`,
      ];
    case "tls":
      return ["SERVER_TLS", ...describeTls(failure, url)];
    case "too-large":
      return [
        "SOURCE_TOO_LARGE",
        `The answer is larger than ${formatBytes(base.maxBytes)}`,
        "Is this the right URL? --max-size allows more",
      ];
    case "bad-encoding":
      return ["SERVER_ENCODING", `The answer cannot be decoded: ${failure.message}`];
    case "aborted":
      return ["SERVER_ABORTED", "The request was ended"];
    default:
      return ["SERVER_FAILED", `The request failed: ${failure.message}`];
  }
}

// A server that speaks TLS hangs up on plain HTTP, or answers bytes that are none.
function hintOfTls(url: URL): string {
  return url.protocol === "http:" ? `, or try https://${url.host}` : "";
}

function describeTls({ code, message }: HttpFailure, url: URL): readonly [string, string] {
  if (/SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO/.test(code)) {
    return [
      `The server's certificate is not signed by an authority that is trusted (${code})`,
      "Give the authority's certificate with --ca-file FILE",
    ];
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return [`The server's certificate is not valid today (${code})`, "Renew it on the server"];
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") {
    return [
      `The server's certificate is not for "${url.hostname}"`,
      "Use the name that the certificate is made for",
    ];
  }
  if (/WRONG_VERSION_NUMBER|wrong version|InvalidContentType/i.test(`${code} ${message}`)) {
    return ["The server does not speak TLS on that port", `Try http://${url.host}`];
  }
  if (/alert|CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/i.test(`${code} ${message}`)) {
    return [
      `The server refused the TLS connection (${code})`,
      "Does it want a client certificate? Give --client-cert and --client-key",
    ];
  }
  return [`The TLS connection failed: ${message}`, "Check certificate, key and --ca-file"];
}
