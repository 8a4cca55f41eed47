import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { AllowedOrigins } from "../../origins.ts";
import type { MessageService, Protocol } from "../../rpc/mod.ts";
import type { Authenticator } from "../authenticator.ts";
import type { TlsOptions } from "../tls.ts";
import type { HttpResponseStyle } from "./response_styles.ts";
import type { OnConnection } from "./stream_connections.ts";

/** Bounds of an HTTP server. Times in milliseconds. */
export interface HttpLimits {
  /** Bytes of a body. @default {4 MiB} */
  readonly maxBody: number;
  /** Connections at one time; more are closed at once. @default {1000} */
  readonly maxConnections: number;
  /** Time from the connection to the end of the headers. @default {10000} */
  readonly headersTimeout: number;
  /** Time from the connection to the end of the body. @default {30000} */
  readonly requestTimeout: number;
  /** Time between two requests of a connection. @default {60000} */
  readonly idleTimeout: number;
}

/** Default bounds. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  maxBody: 4 * 1024 * 1024,
  maxConnections: 1000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  idleTimeout: 60_000,
};

/** A service at a path. */
export interface HttpRoute {
  readonly path: string;
  readonly service: MessageService;
  /** Formats the response to GET from the query of the URL. Absent: GET is not supported. */
  readonly document?: (query: URLSearchParams) => string;
}

/** A resource that is not a service, such as the explorer. */
export interface HttpPage {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Reports whether the page handles this request; otherwise it is unknown. @default {() => true} */
  accepts?(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** Options of {@link listenHttp}. */
export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  readonly responseStyle: HttpResponseStyle;
  readonly routes: readonly HttpRoute[];
  readonly pages?: readonly HttpPage[];
  readonly limits?: Partial<HttpLimits>;
  /** Names in the `Host` header that are accepted besides those of loopback. */
  readonly allowedHosts?: readonly string[];
  /** Web pages that may call. @default {pages of this machine} */
  readonly origins?: AllowedOrigins;
  /** Receives the `Origin` of each request that is refused for it. */
  readonly onRefusedOrigin?: (origin: string) => void;
  /** Receives the connections that are refused, dropped or closed for a reason. */
  readonly onConnection?: OnConnection;
  /** Formats the errors of requests that no route receives. @default {that of the first route, else pyRPC's} */
  readonly protocol?: Protocol;
  readonly authenticator?: Authenticator;
  readonly tls?: TlsOptions;
  /** Handles requests to upgrade, such as WebSocket's; without it they are closed. */
  readonly upgrade?: (
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    identity?: unknown,
  ) => void;
}
