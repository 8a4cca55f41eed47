import { Buffer } from "node:buffer";
import http from "node:http";
import type { Readable, Transform } from "node:stream";
import zlib from "node:zlib";
import type { HttpConnection } from "./connect.ts";
import { Connections } from "./connections.ts";
import { closed, failureOf, HttpFailure } from "./failure.ts";
import { TimeLimits } from "./time_limits.ts";

/** A complete request to a server that is already chosen. */
export interface HttpRequest {
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

/** A complete request and its server. */
export interface HttpExchange extends HttpConnection, HttpRequest {}

/** A complete answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case. */
  readonly headers: http.IncomingHttpHeaders;
  /** The bytes as the server wrote them, decompressed. */
  readonly body: Uint8Array;
}

/**
 * Sends one request, once, on a connection of its own, and reads the complete answer. Redirects and retries are in
 * `ask_server.ts`.
 *
 * @throws HttpFailure
 */
export async function exchange(request: HttpExchange): Promise<HttpAnswer> {
  const connections = new Connections(request);
  try {
    return await exchangeOn(connections, request);
  } finally {
    connections.close();
  }
}

/** The same as {@link exchange} on connections that may be used again. */
export async function exchangeOn(
  connections: Connections,
  request: HttpRequest,
): Promise<HttpAnswer> {
  await connections.acquire();
  try {
    return await send(request, connections);
  } finally {
    connections.release();
  }
}

function send(request: HttpRequest, connections: Connections): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    if (signal?.aborted === true) return reject(aborted());
    const outgoing = http.request({
      method: request.method,
      path: connections.path,
      headers: headersOf(request, connections.headers),
      agent: connections,
    });
    const finish = () => {
      limits.end();
      signal?.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown) => {
      finish();
      outgoing.destroy();
      reject(connections.isClosed ? aborted() : failureOf(error));
    };
    const onAbort = () => fail(aborted());
    const limits = new TimeLimits(request, fail);
    signal?.addEventListener("abort", onAbort);
    outgoing.on("error", fail);
    outgoing.once("response", (incoming) => {
      const { statusCode: status = 0, statusMessage: statusText = "", headers } = incoming;
      const done = (body: Uint8Array) => {
        finish();
        resolve({ status, statusText, headers, body });
      };
      readBody(incoming, request.maxBytes, { onByte: () => limits.restartIdle(), done, fail });
    });
    outgoing.end(request.body);
  });
}

function aborted(): HttpFailure {
  return new HttpFailure("aborted", "The request was aborted");
}

function headersOf(
  { headers, body }: HttpRequest,
  ofAll: Connections["headers"],
): Record<string, string> {
  const all: Record<string, string> = { ...ofAll };
  if (body !== undefined) all["content-length"] = String(body.byteLength);
  for (const [name, value] of headers) all[name.toLowerCase()] = value;
  return all;
}

interface BodyEvents {
  readonly onByte: () => void;
  readonly done: (body: Uint8Array) => void;
  readonly fail: (error: unknown) => void;
}

function readBody(
  incoming: http.IncomingMessage,
  maxBytes: number,
  { onByte, done, fail }: BodyEvents,
): void {
  const tooLarge = () => new HttpFailure("too-large", "The answer is too large");
  if (Number(incoming.headers["content-length"]) > maxBytes) return fail(tooLarge());
  const encoding = incoming.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  const decoder = decoderOf(encoding);
  if (decoder === undefined && encoding !== "" && encoding !== "identity") {
    return fail(new HttpFailure("bad-encoding", `its Content-Encoding is "${encoding}"`));
  }
  onByte();
  incoming.on("data", onByte);
  incoming.once("error", fail);
  incoming.once("aborted", () => fail(closed()));
  const stream: Readable = decoder === undefined ? incoming : incoming.pipe(decoder);
  decoder?.once("error", (cause) => {
    const message = `it is not valid ${encoding} (${cause.message})`;
    fail(new HttpFailure("bad-encoding", message, { cause }));
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  stream.on("data", (chunk: Uint8Array) => {
    size += chunk.byteLength;
    if (size <= maxBytes) return void chunks.push(chunk);
    chunks.length = 0;
    stream.pause();
    fail(tooLarge());
  });
  stream.once("end", () => done(Buffer.concat(chunks)));
}

function decoderOf(encoding: string): Transform | undefined {
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
