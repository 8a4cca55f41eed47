/**
 * One HTTP request and its answer over a socket of our own: TLS options, proxies and bounds behave the same under Deno,
 * Bun and Node, which `fetch` does not (each wants these in another way, and two of them cannot bound a dripping body).
 * No policy here: redirects, retries and words for people are in `http_request.ts`.
 */
import { Buffer } from "node:buffer";
import http from "node:http";
import net from "node:net";
import type { Duplex, Readable } from "node:stream";
import tls from "node:tls";
import zlib from "node:zlib";

/** One request, whole. */
export interface HttpExchange {
  readonly method: "GET" | "POST";
  readonly url: URL;
  /** Later entries of one name replace earlier ones. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array;
  /** For everything from the name look-up to the last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** Without a byte of the answer's body for this long the server counts as stuck, in milliseconds. */
  readonly idleMs: number;
  /** Bound of the body, after decompression. */
  readonly maxBytes: number;
  readonly tls?: TlsOptions;
  /** An `http:` or `https:` URL, with user and password where the proxy wants them. */
  readonly proxy?: { readonly url: URL; readonly authorization?: string };
  readonly signal?: AbortSignal;
}

/** Texts in PEM format. */
export interface TlsOptions {
  /** Trusted instead of the authorities that the runtime brings. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** An answer with its whole body. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Why there is no answer. */
export type HttpFailureKind =
  | "dns"
  | "refused"
  | "unreachable"
  | "closed"
  | "tls"
  | "not-http"
  | "timeout"
  | "idle"
  | "too-large"
  | "bad-encoding"
  | "proxy"
  | "aborted"
  | "other";

/** A request without an answer. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  readonly kind: HttpFailureKind;
  /** The system's or OpenSSL's code, such as `ECONNREFUSED`. */
  readonly code: string;
  /** Whether the proxy failed rather than the server. */
  readonly atProxy: boolean;

  constructor(
    kind: HttpFailureKind,
    message: string,
    { code = "", atProxy = false, cause }: { code?: string; atProxy?: boolean; cause?: unknown } =
      {},
  ) {
    super(message, { cause });
    this.kind = kind;
    this.code = code;
    this.atProxy = atProxy;
  }
}

/** Sends one request and reads the whole answer. @throws HttpFailure */
export function exchange(request: HttpExchange): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const opened: Duplex[] = [];
    let settled = false;
    const settle = (then: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(whole);
      request.signal?.removeEventListener("abort", onAbort);
      for (const socket of opened) socket.destroy();
      then();
    };
    const fail = (error: unknown) => settle(() => reject(failureOf(error)));
    const onAbort = () => fail(new HttpFailure("aborted", "The request was ended"));
    const whole = setTimeout(
      () => fail(new HttpFailure("timeout", `No whole answer within ${request.timeoutMs} ms`)),
      request.timeoutMs,
    );
    if (request.signal?.aborted) return onAbort();
    request.signal?.addEventListener("abort", onAbort);

    const track = <S extends Duplex>(socket: S): S => {
      opened.push(socket);
      // Whoever waits has a listener of their own; a late error must not become an uncaught exception.
      socket.on("error", () => {});
      // The caller may be gone while the name is still being looked up.
      if (settled) socket.destroy();
      return socket;
    };
    connect(request, track)
      .then((socket) => send(request, socket))
      .then((answer) => settle(() => resolve(answer)), fail);
  });
}

/** What a connection needs to know of a request. */
export type HttpConnection = Pick<HttpExchange, "url" | "proxy" | "tls">;

/** Opens a connection for requests of one's own; times are the caller's matter. @throws HttpFailure */
export async function openConnection(to: HttpConnection): Promise<Duplex> {
  const opened: Duplex[] = [];
  try {
    return await connect(to, (socket) => {
      opened.push(socket);
      socket.on("error", () => {});
      return socket;
    });
  } catch (error) {
    for (const socket of opened) socket.destroy();
    throw failureOf(error);
  }
}

type Track = <S extends Duplex>(socket: S) => S;

async function connect(request: HttpConnection, track: Track): Promise<Duplex> {
  const { url, proxy } = request;
  if (proxy === undefined) {
    const raw = await dial(url, track);
    return url.protocol === "https:" ? await secure(raw, url, request.tls ?? {}, track) : raw;
  }
  let raw: Duplex;
  try {
    raw = await dial(proxy.url, track);
    if (proxy.url.protocol === "https:") raw = await secure(raw, proxy.url, {}, track);
    if (url.protocol === "http:") return raw;
    await tunnel(raw, url, proxy.authorization);
  } catch (error) {
    const failure = failureOf(error);
    throw new HttpFailure(failure.kind, failure.message, {
      code: failure.code,
      atProxy: true,
      cause: error,
    });
  }
  return await secure(raw, url, request.tls ?? {}, track);
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "https:" ? 443 : 80);
}

function dial(url: URL, track: Track): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = track(net.connect({ host: hostOf(url), port: portOf(url) }));
    socket.setNoDelay(true);
    socket.once("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

function secure(raw: Duplex, url: URL, options: TlsOptions, track: Track): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const host = hostOf(url);
    const socket = track(tls.connect({
      socket: raw,
      // An address is no server name; the certificate is checked against it all the same.
      ...(net.isIP(host) ? { host } : { servername: host }),
      ALPNProtocols: ["http/1.1"],
      ...options,
    }));
    socket.once("error", reject);
    socket.once("close", () => reject(closed()));
    socket.once("secureConnect", () => resolve(socket));
  });
}

const MAX_TUNNEL_ANSWER = 64 * 1024;

// Asks a proxy for a connection to the server (CONNECT), after which the bytes are ours.
function tunnel(socket: Duplex, url: URL, authorization: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const finish = (then: () => void) => {
      socket.off("data", onData);
      socket.off("end", onEnd);
      then();
    };
    const onEnd = () => finish(() => reject(closed()));
    const onData = (chunk: Uint8Array) => {
      answer += Buffer.from(chunk).toString("latin1");
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
      if (answer.length > MAX_TUNNEL_ANSWER || (status === undefined && answer.length > 12)) {
        return finish(() => reject(new HttpFailure("not-http", "The proxy does not speak HTTP")));
      }
      if (!answer.includes("\r\n\r\n")) return;
      finish(() => {
        if (status?.startsWith("2")) return resolve();
        reject(
          new HttpFailure("proxy", `The proxy answered ${answer.split("\r\n")[0]?.slice(9, 80)}`, {
            code: status ?? "",
          }),
        );
      });
    };
    socket.on("data", onData);
    socket.on("end", onEnd);
    const target = `${url.hostname}:${portOf(url)}`;
    const credentials = authorization === undefined
      ? ""
      : `Proxy-Authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentials}\r\n`);
  });
}

function send(request: HttpExchange, socket: Duplex): Promise<HttpAnswer> {
  const { url, proxy, body } = request;
  const throughProxy = proxy !== undefined && url.protocol === "http:";
  const headers: Record<string, string> = {
    host: url.host,
    accept: "application/json",
    "accept-encoding": "gzip",
    connection: "close",
  };
  if (throughProxy && proxy.authorization !== undefined) {
    headers["proxy-authorization"] = proxy.authorization;
  }
  if (body !== undefined) headers["content-length"] = String(body.byteLength);
  for (const [name, value] of request.headers) headers[name.toLowerCase()] = value;

  return new Promise((resolve, reject) => {
    const outgoing = http.request({
      method: request.method,
      // Percent-encoding is the URL's own; a proxy wants the whole address.
      path: throughProxy
        ? `${url.origin}${url.pathname}${url.search}`
        : `${url.pathname}${url.search}`,
      headers,
      createConnection: () => socket,
    });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      readBody(incoming, request).then(
        (bytes) =>
          resolve({
            status: incoming.statusCode ?? 0,
            statusText: incoming.statusMessage ?? "",
            headers: flatHeaders(incoming.headers),
            body: bytes,
          }),
        reject,
      );
    });
    outgoing.end(body);
  });
}

function readBody(incoming: http.IncomingMessage, request: HttpExchange): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => new HttpFailure("too-large", "The answer is too large");
    if (Number(incoming.headers["content-length"]) > request.maxBytes) return reject(tooLarge());
    let idle: ReturnType<typeof setTimeout> | undefined;
    const finish = (then: () => void) => {
      clearTimeout(idle);
      then();
    };
    const touch = () => {
      clearTimeout(idle);
      idle = setTimeout(
        () => reject(new HttpFailure("idle", `No byte for ${request.idleMs} ms`)),
        request.idleMs,
      );
    };
    touch();
    incoming.on("data", touch);
    incoming.once("error", (error) => finish(() => reject(error)));
    incoming.once("aborted", () => finish(() => reject(closed())));

    let stream: Readable = incoming;
    const encoding = incoming.headers["content-encoding"]?.trim().toLowerCase();
    if (encoding === "gzip" || encoding === "x-gzip" || encoding === "deflate") {
      stream = incoming.pipe(zlib.createUnzip());
      stream.once(
        "error",
        (error) =>
          finish(() => reject(new HttpFailure("bad-encoding", error.message, { cause: error }))),
      );
    } else if (encoding !== undefined && encoding !== "" && encoding !== "identity") {
      return finish(() =>
        reject(new HttpFailure("bad-encoding", `The answer is encoded as "${encoding}"`))
      );
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    stream.on("data", (chunk: Uint8Array) => {
      size += chunk.byteLength;
      if (size <= request.maxBytes) return void chunks.push(chunk);
      chunks.length = 0;
      stream.pause();
      finish(() => reject(tooLarge()));
    });
    stream.once("end", () => finish(() => resolve(Buffer.concat(chunks))));
  });
}

function flatHeaders(headers: http.IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map((
      [name, value],
    ) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}

function closed(): HttpFailure {
  return new HttpFailure("closed", "The connection was closed before the answer was whole");
}

const KINDS: Readonly<Record<string, HttpFailureKind>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  EAI_NONAME: "dns",
  ECONNRESET: "closed",
  EPIPE: "closed",
  ECONNABORTED: "closed",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  EHOSTDOWN: "unreachable",
  ETIMEDOUT: "timeout",
};

function failureOf(error: unknown): HttpFailure {
  if (error instanceof HttpFailure) return error;
  const { code: rawCode, message } = error as { code?: unknown; message?: unknown };
  const code = typeof rawCode === "string" ? rawCode : "";
  const text = typeof message === "string" ? message : String(error);
  const kind = KINDS[code] ??
    (code.startsWith("HPE_") ? "not-http" : isTls(code, text) ? "tls" : "other");
  return new HttpFailure(kind, text, { code, cause: error });
}

function isTls(code: string, message: string): boolean {
  return /^(ERR_SSL|ERR_TLS|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)/
    .test(code) || /\b(certificate|SSL|TLS|handshake)\b/i.test(message);
}
