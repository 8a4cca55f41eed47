import { Buffer } from "node:buffer";
import http from "node:http";
import type { Readable, Transform } from "node:stream";
import zlib from "node:zlib";
import type { HttpConnection } from "./connect.ts";
import { Connections } from "./connections.ts";
import { closed, failureOf, HttpFailure } from "./failure.ts";

/** A complete request. */
export interface HttpExchange extends HttpConnection {
  readonly method: "GET" | "POST" | "OPTIONS";
  /** Later entries of one name replace earlier ones. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array;
  /** Time for everything from the name look-up to the last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** Longest time between two bytes of the answer's body, in milliseconds. */
  readonly idleMs: number;
  /** Size limit of the body, after decompression. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** A complete answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The `Set-Cookie` headers. */
  readonly setCookies?: readonly string[];
  /** The bytes as the server wrote them, decompressed. */
  readonly body: Uint8Array;
}

/**
 * Sends one request, once, and reads the complete answer. Redirects and retries are in `ask_server.ts`.
 *
 * @param kept Connections to the same server that stay open; otherwise one is opened and closed.
 * @throws HttpFailure
 */
export async function exchange(request: HttpExchange, kept?: Connections): Promise<HttpAnswer> {
  if (kept !== undefined) {
    await kept.acquire();
    try {
      return await send(request, kept);
    } finally {
      kept.release();
    }
  }
  const connections = new Connections(request);
  try {
    return await send(request, connections);
  } finally {
    connections.close();
  }
}

function send(request: HttpExchange, connections: Connections): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { signal, timeoutMs } = request;
    if (signal?.aborted === true) return reject(aborted());
    const outgoing = http.request({
      method: request.method,
      path: pathOf(request),
      headers: headersOf(request, connections),
      agent: connections,
    });
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown) => {
      finish();
      outgoing.destroy();
      reject(connections.isClosed ? aborted() : failureOf(error));
    };
    const onAbort = () => fail(aborted());
    const timer = setTimeout(
      () => fail(new HttpFailure("timeout", `No complete answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal?.addEventListener("abort", onAbort);
    outgoing.on("error", fail);
    outgoing.once("response", (incoming) => {
      readBody(incoming, request).then((body) => {
        finish();
        resolve({
          status: incoming.statusCode ?? 0,
          statusText: incoming.statusMessage ?? "",
          headers: flatHeaders(incoming.headers),
          setCookies: incoming.headers["set-cookie"] ?? [],
          body,
        });
      }, fail);
    });
    outgoing.end(request.body);
  });
}

function aborted(): HttpFailure {
  return new HttpFailure("aborted", "The request was aborted");
}

// A proxy for `http:` expects the absolute URL.
function pathOf({ url, proxy }: HttpExchange): string {
  const origin = proxy !== undefined && url.protocol === "http:" ? url.origin : "";
  return `${origin}${url.pathname}${url.search}`;
}

function headersOf(request: HttpExchange, { keepsAlive }: Connections): Record<string, string> {
  const { url, proxy, body } = request;
  const headers: Record<string, string> = {
    host: url.host,
    accept: "application/json",
    "accept-encoding": "gzip",
    connection: keepsAlive ? "keep-alive" : "close",
  };
  if (proxy?.authorization !== undefined && url.protocol === "http:") {
    headers["proxy-authorization"] = proxy.authorization;
  }
  if (body !== undefined) headers["content-length"] = String(body.byteLength);
  for (const [name, value] of request.headers) headers[name.toLowerCase()] = value;
  return headers;
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
    const decoder = decoderOf(encoding);
    if (decoder !== undefined) {
      stream = incoming.pipe(decoder);
      stream.once(
        "error",
        (error) =>
          finish(() =>
            reject(
              new HttpFailure("bad-encoding", `it is not valid ${encoding} (${error.message})`, {
                cause: error,
              }),
            )
          ),
      );
    } else if (encoding !== undefined && encoding !== "" && encoding !== "identity") {
      return finish(() =>
        reject(new HttpFailure("bad-encoding", `its Content-Encoding is "${encoding}"`))
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

function decoderOf(encoding: string | undefined): Transform | undefined {
  switch (encoding) {
    case "gzip":
    case "x-gzip":
    case "deflate":
      return zlib.createUnzip();
    case "br":
      return zlib.createBrotliDecompress();
    default:
      return undefined;
  }
}

function flatHeaders(headers: http.IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map((
      [name, value],
    ) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}
