import type { IncomingHttpHeaders } from "node:http";
import type { Incoming } from "../../rpc/mod.ts";

/** An HTTP response with its whole body. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** @default {"application/json"} */
  readonly contentType?: string;
}

/** The responses of an HTTP server besides those to calls, which differ between the imitated servers. */
export interface HttpResponseStyle {
  /** Serves calls at every path (tinyrpc ignores the path). */
  readonly anyPath: boolean;
  /** Sent with `Access-Control-Allow-Origin`. Absent: pages of other origins cannot read responses. */
  readonly cors?: Readonly<Record<string, string>>;
  /** Answers OPTIONS on a route. */
  options(requestedHeaders: string | undefined, isPreflight: boolean): HttpAnswer;
  unknownPath(method: string, path: string, host?: string): HttpAnswer;
  /** Answers a method that a route does not support. */
  unknownMethod(method: string, path: string): HttpAnswer;
  /** Answers a message that is refused before it is parsed as a call; `undefined` for all others. */
  refuse(
    message: Uint8Array,
    incoming: Incoming,
    headers: IncomingHttpHeaders,
  ): HttpAnswer | undefined;
}

/** CORS headers of the bare ASGI app, besides the origin. */
export const UPSTREAM_CORS = {
  "access-control-allow-methods": "OPTIONS, GET, POST",
  "access-control-allow-headers": "Content-Type",
  "access-control-max-age": "86400",
};

/** Answers OPTIONS as the bare ASGI app does. */
export function asgiPreflight(requested: string | undefined): HttpAnswer {
  return {
    status: 204,
    body: "",
    headers: { "access-control-allow-headers": allowedHeaders(requested) },
  };
}

/** Makes the style of the bare ASGI app of pyrpc-core. */
export function asgiResponseStyle(): HttpResponseStyle {
  return {
    anyPath: false,
    cors: UPSTREAM_CORS,
    options: asgiPreflight,
    unknownPath: notFound,
    unknownMethod: notFound,
    refuse: (_message, incoming) =>
      isUnreadable(incoming) ? { status: 400, body: '{"error":"Invalid JSON"}' } : undefined,
  };
}

function notFound(method: string, path: string): HttpAnswer {
  return {
    status: 404,
    body: JSON.stringify({ error: "Not Found", message: `Cannot ${method} ${path}` }),
  };
}

/** Makes the style of tinyrpc's WSGI transport. */
export function tinyrpcResponseStyle(): HttpResponseStyle {
  const onlyPost: HttpAnswer = {
    status: 405,
    body: "Only POST supported",
    contentType: "text/plain",
  };
  return {
    anyPath: true,
    cors: {
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "Content-Type, X-Requested-With, Accept, Origin",
    },
    options: () => ({ status: 200, body: "", contentType: "text/plain" }),
    unknownPath: () => onlyPost,
    unknownMethod: () => onlyPost,
    refuse: () => undefined,
  };
}

/** Reports whether the message could not be decoded. */
export function isUnreadable({ items }: Incoming): boolean {
  const item = items[0];
  return item !== undefined && item.call === undefined && item.refusal.kind === "parse";
}

// pyRPC allows `Content-Type` only. These headers of ours are allowed if a page asks for them.
const OWN_HEADERS = ["authorization", "x-pyrpc-mock"];

function allowedHeaders(requested: string | undefined): string {
  if (requested === undefined) return "Content-Type";
  const asked = requested.toLowerCase().split(",").map((name) => name.trim());
  return ["Content-Type", ...OWN_HEADERS.filter((name) => asked.includes(name))].join(", ");
}

/** Makes the HTTP responses of a WebSocket server. */
export function webSocketResponseStyle(path: string): HttpResponseStyle {
  const ready: HttpAnswer = {
    status: 200,
    body: `Ready for WebSocket connection in ${path}`,
    contentType: "text/html",
  };
  const upgrade: HttpAnswer = {
    status: 426,
    headers: { upgrade: "websocket" },
    body: `Only WebSocket is supported here, at ${path}`,
    contentType: "text/plain",
  };
  const answer = (method: string, at: string) =>
    at === "/" && (method === "GET" || method === "HEAD") ? ready : upgrade;
  return {
    anyPath: false,
    options: () => upgrade,
    unknownPath: answer,
    unknownMethod: answer,
    refuse: () => undefined,
  };
}
