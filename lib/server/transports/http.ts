import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { defined } from "../../defined.ts";
import { isLoopback } from "../../is_loopback.ts";
import { type AllowedOrigins, allowOrigin, LOOPBACK_ORIGINS } from "../../origins.ts";
import {
  type Encoded,
  handleParsed,
  parseMessage,
  type Protocol,
  pyrpcProtocol,
  type Reply,
  traceReply,
  traceRequest,
} from "../../rpc/mod.ts";
import type { Authenticator } from "../authenticator.ts";
import { cannotListen } from "../errors.ts";
import { watchHandshakes } from "../tls_failure.ts";
import type { Listener } from "../transport.ts";
import { TurnQueue } from "../turn_queue.ts";
import { authorityOf, hostNames, isAllowedHost, isOwnHost, remoteOf } from "./host_check.ts";
import { watchClientErrors } from "./http_client_errors.ts";
import { HttpContext } from "./http_context.ts";
import {
  DEFAULT_HTTP_LIMITS,
  type HttpLimits,
  type HttpOptions,
  type HttpRoute,
} from "./http_options.ts";
import { identify, refuseUpgrade, upgradeAuthenticated } from "./http_upgrade.ts";
import type { HttpAnswer } from "./response_styles.ts";

/** A listening HTTP server. */
export interface HttpListener extends Listener {
  readonly server: Server;
}

/**
 * Serves HTTP on `node:http`, which bounds slow and idle connections on every runtime.
 *
 * @throws ToolError `SERVER_ADDRESS_TAKEN` or `SERVER_CANNOT_LISTEN`.
 */
export async function listenHttp(options: HttpOptions): Promise<HttpListener> {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const settings = {
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.idleTimeout,
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeout, limits.requestTimeout),
    noDelay: true,
    // The engine would keep the first of two Host headers; a proxy before us may use the last (RFC 9112, 3.2).
    joinDuplicateHeaders: true,
  };
  const state = new HttpState(options, limits);
  const handle: RequestListener = (request, response) => state.handle(request, response);
  const server: Server = options.tls === undefined
    ? createServer(settings, handle)
    : createTlsServer(
      { ...settings, ...options.tls, handshakeTimeout: limits.headersTimeout },
      handle,
    );
  if (options.tls !== undefined) {
    watchHandshakes(server, (remote, reason) => options.onConnection?.("refused", remote, reason));
  }
  watchClientErrors(server, options.onConnection);
  server.maxConnections = limits.maxConnections;
  // Set again: not every engine reads them from the constructor's options.
  server.headersTimeout = limits.headersTimeout;
  server.requestTimeout = limits.requestTimeout;
  server.keepAliveTimeout = limits.idleTimeout;
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const refusal = state.refusal(request);
    if (refusal !== undefined) refuseUpgrade(socket, refusal.status, state.errorBody(refusal));
    else if (options.upgrade === undefined) {
      state.report(request, "It asked for WebSocket, which this address does not serve");
      socket.destroy();
    } else if (options.authenticator === undefined) options.upgrade(request, socket, head);
    else {
      const { authenticator, upgrade, onConnection } = options;
      const settings = { upgrade, ...defined({ onConnection }) };
      void upgradeAuthenticated(authenticator, settings, request, socket, head);
    }
  });

  const scheme = options.tls === undefined ? "http" : "https";
  const path = options.routes[0]?.path ?? "/";
  await listening(server, options, `${scheme}://${authorityOf(options.host, options.port)}${path}`);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  return {
    server,
    port,
    url: `${scheme}://${authorityOf(options.host, port)}${path}`,
    ended,
    async close(graceMs = 0) {
      server.close();
      server.closeIdleConnections();
      await state.idle(graceMs);
      server.closeAllConnections();
      await ended;
    },
  };
}

/** Handles requests as {@link listenHttp} does, for a server that others listen with. */
export function httpHandler(options: Omit<HttpOptions, "port">): RequestListener {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const state = new HttpState({ ...options, port: 0 }, limits);
  return (request, response) => state.handle(request, response);
}

function listening(server: Server, { host, port }: HttpOptions, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(url, error)));
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

const NO_BODY = new Uint8Array(0);
const NO_HEADERS: Readonly<Record<string, string>> = {};
/** Prevents a cache from reusing a response for another origin. */
const VARIES = { vary: "Origin" };

interface Refusal {
  readonly status: 400 | 403;
  readonly message: string;
}

class HttpState {
  readonly #options: HttpOptions;
  readonly #limits: HttpLimits;
  readonly #routes: ReadonlyMap<string, HttpRoute>;
  readonly #documents = new Map<string, { readonly body: string; readonly etag: string }>();
  readonly #hosts: ReadonlySet<string>;
  readonly #checksHost: boolean;
  readonly #origins: AllowedOrigins;
  readonly #corsForAll: Readonly<Record<string, string>>;
  #lastHost: string | undefined;
  #lastOrigin:
    | { origin: string; host: string | undefined; allowed: string | undefined }
    | undefined;
  readonly #answers = new TurnQueue((context: HttpContext) => this.#answer(context));
  #running = 0;
  #whenIdle: (() => void) | undefined;

  constructor(options: HttpOptions, limits: HttpLimits) {
    this.#options = options;
    this.#limits = limits;
    this.#routes = new Map(options.routes.map((route) => [route.path, route]));
    // Against DNS rebinding: a page of another site may resolve its own name to loopback. A server that others can reach
    // has names that are unknown here.
    this.#checksHost = isLoopback(options.host) || options.allowedHosts !== undefined;
    this.#hosts = hostNames(options.host, options.allowedHosts);
    this.#origins = options.origins ?? LOOPBACK_ORIGINS;
    this.#corsForAll = this.#origins.policy === "any"
      ? { "access-control-allow-origin": "*", ...options.responseStyle.cors }
      : VARIES;
  }

  /** Waits for running calls, at most `graceMs`, and until finished responses were sent. */
  async idle(graceMs: number): Promise<void> {
    if (this.#running > 0 && graceMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#whenIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    // A response may wait for the end of its tick, and is sent in the next one.
    for (let tick = 0; tick < 2; tick++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Returns the reason to refuse a request before its body is read. */
  refusal(request: IncomingMessage): Refusal | undefined {
    const { host, origin } = request.headers;
    if (host?.includes(",") === true) {
      const message = "The request has more than one Host header";
      this.report(request, message);
      return { status: 400, message };
    }
    // Nearly every request has the same Host as the last.
    if (this.#checksHost && host !== undefined && host !== this.#lastHost) {
      if (!isAllowedHost(host, this.#hosts)) {
        const message = "This Host is not allowed here: add --allowed-host";
        this.report(request, message);
        return { status: 403, message };
      }
      this.#lastHost = host;
    }
    if (origin === undefined || this.#allowOrigin(origin, host) !== undefined) return undefined;
    this.#options.onRefusedOrigin?.(origin);
    return { status: 403, message: "This Origin is not allowed here: add --cors-origin" };
  }

  /** Reports why the connection of a request is closed. */
  report({ socket }: IncomingMessage, reason: string): void {
    this.#options.onConnection?.("failed", remoteOf(socket), reason);
  }

  /** Formats a refusal as an error of the protocol. */
  errorBody({ message }: Refusal, route?: HttpRoute): Encoded {
    const protocol = this.#protocol(route);
    // An invalid request, but of a kind whose message every protocol sends.
    const fault = { kind: "procedure", code: -32600, message } as const;
    return protocol.formatReply({ refusal: fault, id: null }, { ok: false, fault }) ?? "";
  }

  #protocol(route: HttpRoute | undefined): Protocol {
    const { routes, protocol } = this.#options;
    return route?.service.protocol ?? protocol ?? routes[0]?.service.protocol ?? pyrpcProtocol;
  }

  #allowOrigin(origin: string, host: string | undefined): string | undefined {
    const last = this.#lastOrigin;
    if (last?.origin === origin && last.host === host) return last.allowed;
    const own = host !== undefined && isOwnHost(host, this.#hosts) ? host : undefined;
    const allowed = allowOrigin(origin, this.#origins, own);
    this.#lastOrigin = { origin, host, allowed };
    return allowed;
  }

  #corsHeaders({ headers: { origin, host } }: IncomingMessage): Readonly<Record<string, string>> {
    const { cors } = this.#options.responseStyle;
    if (cors === undefined) return NO_HEADERS;
    const allowed = origin === undefined ? undefined : this.#allowOrigin(origin, host);
    if (allowed === undefined || allowed === "*") return this.#corsForAll;
    return { "access-control-allow-origin": allowed, ...cors, ...VARIES };
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = "GET", url = "/" } = request;
    const question = url.indexOf("?");
    const path = question === -1 ? url : url.slice(0, question);
    const refusal = this.refusal(request);
    if (refusal !== undefined) {
      const route = this.#routes.get(path);
      return this.#discard(request, response, {
        status: refusal.status,
        body: this.errorBody(refusal, route),
        contentType: this.#protocol(route).contentType,
      });
    }
    const { responseStyle, authenticator } = this.#options;
    const route = this.#routes.get(path) ??
      (responseStyle.anyPath ? this.#options.routes[0] : undefined);
    if (method === "OPTIONS" && route !== undefined) {
      return this.#send(
        request,
        response,
        responseStyle.options(
          request.headers["access-control-request-headers"],
          request.headers["access-control-request-method"] !== undefined,
        ),
      );
    }
    if (authenticator !== undefined) {
      void this.#authenticated(authenticator, request, response, route, method, path, question);
      return;
    }
    this.#route(request, response, route, method, path, question, undefined);
  }

  async #authenticated(
    authenticator: Authenticator,
    request: IncomingMessage,
    response: ServerResponse,
    route: HttpRoute | undefined,
    method: string,
    path: string,
    question: number,
  ): Promise<void> {
    const identity = await identify(
      authenticator,
      request,
      (error) => this.#options.onConnection?.("refused", remoteOf(request.socket), error),
    );
    if (identity === undefined) {
      const error = { code: -32001, message: "Unauthorized", data: null };
      return this.#send(request, response, {
        status: 401,
        headers: { "www-authenticate": authenticator.challenge },
        body: JSON.stringify({ id: null, result: null, error }),
      });
    }
    this.#route(request, response, route, method, path, question, identity);
  }

  #route(
    request: IncomingMessage,
    response: ServerResponse,
    route: HttpRoute | undefined,
    method: string,
    path: string,
    question: number,
    identity: unknown,
  ): void {
    const { responseStyle, pages = [] } = this.#options;
    if (route !== undefined && method === "POST") {
      return this.#call(route, request, response, identity);
    }
    const reads = method === "GET" || method === "HEAD";
    if (route?.document !== undefined && reads) {
      const query = question === -1 ? "" : (request.url ?? "").slice(question + 1);
      return this.#document(route, route.document, query, request, response);
    }
    const page = pages.find((page) =>
      page.path === path &&
      (page.method === method || (method === "HEAD" && page.method === "GET")) &&
      (page.accepts?.(request) ?? true)
    );
    if (page !== undefined) return page.handle(request, response);
    this.#send(
      request,
      response,
      route === undefined
        ? responseStyle.unknownPath(method, path, request.headers.host)
        : responseStyle.unknownMethod(method, path),
    );
  }

  #document(
    route: HttpRoute,
    document: (query: URLSearchParams) => string,
    query: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const body = document(new URLSearchParams(query));
    const key = `${route.path}?${query}`;
    let cached = this.#documents.get(key);
    if (cached?.body !== body) {
      // Queries are untrusted: bound their cache.
      if (this.#documents.size > 16) this.#documents.clear();
      cached = {
        body,
        etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
      };
      this.#documents.set(key, cached);
    }
    const headers = { etag: cached.etag, "cache-control": "no-cache" };
    const wanted = request.headers["if-none-match"];
    if (wanted !== undefined && matchesTag(wanted, cached.etag)) {
      return this.#send(request, response, { status: 304, headers, body: "" });
    }
    this.#send(request, response, { status: 200, headers, body });
  }

  #call(
    route: HttpRoute,
    request: IncomingMessage,
    response: ServerResponse,
    identity: unknown,
  ): void {
    const { headers } = request;
    const encoding = headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") {
      const message = `Content-Encoding "${encoding}" is not supported; send the body uncompressed`;
      this.report(request, message);
      return this.#discard(request, response, {
        status: 415,
        headers: { "accept-encoding": "identity" },
        body: JSON.stringify({ error: "Unsupported Media Type", message }),
      });
    }
    const { maxBody } = this.#limits;
    if (Number(headers["content-length"] ?? 0) > maxBody) {
      return this.#discardTooLarge(request, response);
    }
    let size = 0;
    let chunks: Buffer[] | Buffer | undefined;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBody) {
        chunks = undefined;
        request.removeAllListeners("data").removeAllListeners("end");
        return this.#discardTooLarge(request, response);
      }
      // Nearly every body arrives in one chunk.
      if (chunks === undefined) chunks = chunk;
      else if (Array.isArray(chunks)) chunks.push(chunk);
      else chunks = [chunks, chunk];
    });
    request.on("end", () => {
      const message = chunks === undefined
        ? NO_BODY
        : Array.isArray(chunks)
        ? Buffer.concat(chunks)
        : chunks;
      this.#run(message, new HttpContext(route.service, request, response, identity));
    });
    // A peer may go away in the middle of a body.
    request.on("error", ignore);
  }

  #run(message: Uint8Array, context: HttpContext): void {
    const { service, request, response } = context;
    traceRequest(service, context, message);
    const incoming = parseMessage(service, message);
    const refused = this.#options.responseStyle.refuse(message, incoming, request.headers);
    if (refused !== undefined) {
      this.#send(request, response, refused);
      return traceReply(service, context, refused.body);
    }
    context.calls = incoming.items.length;
    this.#running++;
    const send = (reply: Reply) => {
      context.reply = reply;
      this.#answers.add(context);
    };
    const reply = handleParsed(service, incoming, context);
    if (reply instanceof Promise) void reply.then(send);
    else send(reply);
  }

  #answer(context: HttpContext): void {
    this.#reply(context);
    // The response is handed to the engine, not sent yet: closing waits for that. Without a waiting close, a tick of the
    // event loop for each call is saved.
    if (this.#whenIdle === undefined) this.#running--;
    else setImmediate(() => this.#ended());
  }

  #reply(context: HttpContext): void {
    const { service, request, response, reply, override } = context;
    if (response.destroyed) return;
    if (override !== undefined) {
      this.#send(request, response, override);
      return traceReply(service, context, override.body);
    }
    const headers = this.#corsHeaders(request);
    // Set one by one: an object of them all would be allocated for every reply.
    for (const name in headers) response.setHeader(name, headers[name] ?? "");
    if (reply === undefined) {
      // tinyrpc's server never ends this exchange, so its clients wait until they time out.
      response.statusCode = 204;
      response.end();
      return;
    }
    response.setHeader("content-type", service.protocol.contentType);
    // The engine counts the length when it encodes the text.
    response.end(reply);
    traceReply(service, context, reply);
  }

  #discardTooLarge(request: IncomingMessage, response: ServerResponse): void {
    const message = `The body is larger than ${this.#limits.maxBody} bytes`;
    this.report(request, message);
    const body = JSON.stringify({ error: "Payload Too Large", message });
    this.#discard(request, response, { status: 413, body });
  }

  // Responds while the peer may still be sending: closing at once would discard the response.
  #discard(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
    request.resume();
    const timer = setTimeout(() => request.destroy(), 2000);
    response.once("close", () => clearTimeout(timer));
    response.shouldKeepAlive = false;
    this.#send(request, response, {
      ...answer,
      headers: { ...answer.headers, connection: "close" },
    });
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
    if (response.destroyed) return;
    const { status, body, contentType = "application/json" } = answer;
    const bare = status === 204 || status === 304;
    response.writeHead(status, {
      ...(bare ? {} : {
        ...(status >= 300 && status < 400 ? {} : { "content-type": contentType }),
        "content-length": String(Buffer.byteLength(body)),
      }),
      ...this.#corsHeaders(request),
      ...answer.headers,
    });
    response.end(request.method === "HEAD" || bare ? undefined : body);
  }

  #ended(): void {
    if (--this.#running === 0) this.#whenIdle?.();
  }
}

function ignore(): void {}

function matchesTag(wanted: string, etag: string): boolean {
  return wanted.trim() === "*" ||
    wanted.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
