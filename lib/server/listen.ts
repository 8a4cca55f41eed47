import type { Readable } from "node:stream";
import { usageError } from "../errors.ts";
import type { AllowedOrigins } from "../origins.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Framing, ListenAddress } from "./listen_address.ts";
import { listenAtWebSocket } from "./listen_websocket.ts";
import type { MessageService } from "../rpc/mod.ts";
import { serveMessages } from "./serve_messages.ts";
import type { TlsOptions } from "./tls.ts";
import type { Listener } from "./transport.ts";
import { type AdapterName, responseStyleOf } from "./transports/adapters.ts";
import { isLoopback } from "./transports/host_check.ts";
import {
  DEFAULT_HTTP_LIMITS,
  type HttpLimits,
  type HttpPage,
  type HttpRoute,
  listenHttp,
} from "./transports/http.ts";
import { tinyrpcResponseStyle } from "./transports/response_styles.ts";
import type { NatsConnectionOptions } from "./transports/nats.ts";
import { parseNatsUrl, withoutSecret } from "./transports/nats_address.ts";
import { serveStdio } from "./transports/stdio.ts";
import { listenStream } from "./transports/stream.ts";

/** What holds for every listener of a server. */
export interface ListenOptions {
  readonly adapter?: AdapterName;
  /** Web pages that may call over HTTP and WebSocket. @default {pages of this machine} */
  readonly origins?: AllowedOrigins;
  /** Receives the `Origin` of each request that is refused for it. */
  readonly onRefusedOrigin?: (origin: string) => void;
  readonly allowedHosts?: readonly string[];
  readonly limits?: Partial<HttpLimits>;
  readonly tls?: TlsOptions;
  readonly authenticator?: Authenticator;
  /** What GET answers at the path of the calls (HTTP with pyRPC), and a request at `SUBJECT.schema` (NATS). */
  readonly document?: NonNullable<HttpRoute["document"]>;
  /** Further paths of HTTP. */
  readonly routes?: readonly HttpRoute[];
  readonly pages?: readonly HttpPage[];
  /** Needed for `stdio:`. */
  readonly stdio?: {
    readonly input: Readable;
    readonly output: { write(bytes: Uint8Array): void };
  };
  /** Needed for `nats:` where the server is not open to all. */
  readonly nats?: NatsConnectionOptions;
}

/**
 * Listens as described and serves the service there.
 *
 * @throws ToolError where the address cannot be listened on.
 */
export async function listen(
  description: ListenAddress,
  service: MessageService,
  options: ListenOptions,
): Promise<Listener> {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const messages = (framing: Framing | undefined) =>
    serveMessages(service, {
      ...(framing === undefined ? {} : { framing }),
      maxMessage: limits.maxBody,
      messageTimeout: limits.requestTimeout,
      idleTimeout: description.transport === "stdio" ? 0 : limits.idleTimeout,
    });
  const common = {
    limits,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.authenticator === undefined ? {} : { authenticator: options.authenticator }),
  };
  switch (description.transport) {
    case "http":
      return await listenAtHttp(description, service, options, common);
    case "ws":
      return await listenAtWebSocket(
        description,
        { ...options, protocol: service.protocol },
        async () => {
          const { serveWebSocket } = await import("./transports/websocket.ts");
          return serveWebSocket(service, { path: description.path, maxMessage: limits.maxBody });
        },
      );
    case "tcp":
      return await listenStream(description, messages(description.framing), {
        ...common,
        maxConnections: limits.maxConnections,
        halfOpen: true,
      });
    case "unix":
      return await listenStream(
        { socketPath: description.path },
        messages(description.framing),
        { maxConnections: limits.maxConnections, halfOpen: true },
      );
    case "zmq": {
      const { serveZmtp } = await import("./transports/zmq.ts");
      const zmtp = serveZmtp(service, {
        maxMessage: limits.maxBody,
        handshakeTimeout: limits.headersTimeout,
        messageTimeout: limits.requestTimeout,
        idleTimeout: limits.idleTimeout,
      });
      return await listenStream(description, zmtp, {
        maxConnections: limits.maxConnections,
        scheme: "zmq",
      });
    }
    case "stdio":
      if (options.stdio === undefined) throw new Error("stdio: has no streams");
      return serveStdio(options.stdio, messages(description.framing));
    case "nats": {
      const { serveNats } = await import("./transports/nats.ts");
      const { document } = options;
      return await serveNats(description, service, {
        ...options.nats,
        maxMessage: limits.maxBody,
        maxRunning: limits.maxConnections,
        ...(document === undefined ? {} : { document: () => document(new URLSearchParams()) }),
      });
    }
  }
}

type HttpDescription = Extract<ListenAddress, { readonly transport: "http" | "ws" }>;
type HttpCommon = Pick<ListenOptions, "tls" | "authenticator"> & { readonly limits: HttpLimits };

async function listenAtHttp(
  { host, port, path }: HttpDescription,
  service: MessageService,
  options: ListenOptions,
  common: HttpCommon,
): Promise<Listener> {
  const { origins, onRefusedOrigin } = options;
  const isPyrpc = service.protocol.name === "pyrpc";
  return await listenHttp({
    host,
    port,
    responseStyle: isPyrpc ? responseStyleOf(options.adapter ?? "asgi") : tinyrpcResponseStyle(),
    ...(origins === undefined ? {} : { origins }),
    ...(onRefusedOrigin === undefined ? {} : { onRefusedOrigin }),
    routes: [
      {
        path,
        service,
        ...(isPyrpc && options.document !== undefined ? { document: options.document } : {}),
      },
      ...options.routes ?? [],
    ],
    pages: options.pages ?? [],
    ...(options.allowedHosts === undefined ? {} : { allowedHosts: options.allowedHosts }),
    ...common,
  });
}

/**
 * Reads `http://127.0.0.1:8000/rpc`, `ws://…/ws`, `tcp://127.0.0.1:4000?framing=length`, `unix:///tmp/rpc.sock`,
 * `zmq://127.0.0.1:5555`, `nats://127.0.0.1:4222/subject?queue=pyrpc`, `stdio:`.
 *
 * @throws ToolError `USAGE`
 */
export function parseListenUrl(text: string): ListenAddress {
  if (/^nats(?:\+tls)?:/i.test(text)) return { transport: "nats", ...parseNatsUrl(text) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const framing = url?.searchParams.get("framing") ?? undefined;
  if (url === undefined || !(framing === undefined || framing === "line" || framing === "length")) {
    throw notAnAddress(text);
  }
  const framed: { framing?: Framing } = framing === undefined ? {} : { framing };
  const scheme = url.protocol.slice(0, -1);
  if (scheme === "stdio") return { transport: "stdio", ...framed };
  if (scheme === "unix") {
    const path = decodeURIComponent(url.pathname);
    if (path === "" || path === "/") throw notAnAddress(text);
    return { transport: "unix", path, ...framed };
  }
  const host = hostOf(text) ?? "";
  const port = portOf(text);
  if (host === "" || port === undefined) throw notAnAddress(text);
  switch (scheme) {
    case "http":
    case "https":
      return { transport: "http", host, port, path: pathOf(url, "/rpc") };
    case "ws":
    case "wss":
      return { transport: "ws", host, port, path: pathOf(url, "/ws") };
    case "tcp":
    case "tls":
      return { transport: "tcp", host, port, ...framed };
    case "zmq":
      return { transport: "zmq", host, port };
    default:
      throw notAnAddress(text);
  }
}

/** The address of a description that others than this machine can reach, if it is one. */
export function reachableHost(description: ListenAddress): string | undefined {
  return "host" in description && !isLoopback(description.host) ? description.host : undefined;
}

// The port is read from the text: `URL` drops one that is the scheme's own.
function portOf(text: string): number | undefined {
  const port = /^[a-z]+:\/\/(?:\[[^\]]*\]|[^/?#:]*):(\d{1,5})(?:[/?#]|$)/i.exec(text)?.[1];
  const value = Number(port);
  return port !== undefined && value <= 65_535 ? value : undefined;
}

function hostOf(text: string): string | undefined {
  const match = /^[a-z]+:\/\/(?:\[([^\]]*)\]|([^/?#:]*))/i.exec(text);
  return match?.[1] ?? match?.[2];
}

function pathOf(url: URL, fallback: string): string {
  return url.pathname === "" || url.pathname === "/" ? fallback : url.pathname;
}

function notAnAddress(text: string) {
  return usageError(
    `Cannot listen on "${withoutSecret(text)}"`,
    "Write http://127.0.0.1:8000/rpc, ws://127.0.0.1:8001/ws, tcp://127.0.0.1:4000?framing=length, " +
      "unix:///tmp/rpc.sock, zmq://127.0.0.1:5555, nats://127.0.0.1:4222/subject or stdio:",
  );
}
