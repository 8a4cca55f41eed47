import { defined } from "../defined.ts";
import type { MessageService } from "../rpc/mod.ts";
import type { Framing, ListenAddress } from "./listen_address.ts";
import type { ListenOptions } from "./listen_options.ts";
import { listenAtWebSocket } from "./listen_websocket.ts";
import { serveMessages } from "./serve_messages.ts";
import type { Listener } from "./transport.ts";
import { responseStyleOf } from "./transports/adapters.ts";
import { listenHttp } from "./transports/http.ts";
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from "./transports/http_options.ts";
import { tinyrpcResponseStyle } from "./transports/response_styles.ts";
import { serveStdio } from "./transports/stdio.ts";
import { listenStream } from "./transports/stream.ts";

/** Listens at an address and serves the service there. @throws ToolError if the address cannot be used */
export async function listen(
  address: ListenAddress,
  service: MessageService,
  options: ListenOptions,
): Promise<Listener> {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const { maxInFlight, onConnection } = options;
  const messages = (framing: Framing | undefined) =>
    serveMessages(service, {
      ...defined({ framing }),
      maxMessage: limits.maxBody,
      handshakeTimeout: address.transport === "stdio" ? 0 : limits.headersTimeout,
      messageTimeout: limits.requestTimeout,
      ...defined({ maxInFlight }),
      idleTimeout: address.transport === "stdio" ? 0 : limits.idleTimeout,
    });
  const common = {
    limits,
    ...defined({ tls: options.tls, authenticator: options.authenticator, onConnection }),
  };
  const stream = {
    maxConnections: limits.maxConnections,
    handshakeTimeout: limits.headersTimeout,
    halfOpen: true,
    ...defined({ onConnection }),
  };
  switch (address.transport) {
    case "http":
      return await listenAtHttp(address, service, options, common);
    case "ws":
      return await listenAtWebSocket(
        address,
        { ...options, protocol: service.protocol },
        async () => {
          const { serveWebSocket } = await import("./transports/websocket.ts");
          return serveWebSocket(service, {
            path: address.path,
            maxMessage: limits.maxBody,
            ...defined({ maxInFlight, onConnection }),
          });
        },
      );
    case "tcp":
      return await listenStream(address, messages(address.framing), { ...common, ...stream });
    case "unix":
      return await listenStream(
        { socketPath: address.path },
        messages(address.framing),
        stream,
      );
    case "zmq": {
      const { serveZmtp } = await import("./transports/zmq.ts");
      const zmtp = serveZmtp(service, {
        maxMessage: limits.maxBody,
        handshakeTimeout: limits.headersTimeout,
        messageTimeout: limits.requestTimeout,
        idleTimeout: limits.idleTimeout,
        ...defined({ maxInFlight }),
      });
      return await listenStream(address, zmtp, { ...stream, halfOpen: false, scheme: "zmq" });
    }
    case "stdio":
      if (options.stdio === undefined) throw new TypeError("stdio: has no streams");
      return serveStdio(options.stdio, messages(address.framing), onConnection);
    case "nats": {
      const { serveNats } = await import("./transports/nats.ts");
      const { document } = options;
      return await serveNats(address, service, {
        ...options.nats,
        maxMessage: limits.maxBody,
        maxRunning: limits.maxConnections,
        ...defined({
          document: document === undefined ? undefined : () => document(new URLSearchParams()),
        }),
      });
    }
  }
}

type HttpAddress = Extract<ListenAddress, { readonly transport: "http" | "ws" }>;
type HttpCommon = Pick<ListenOptions, "tls" | "authenticator"> & { readonly limits: HttpLimits };

async function listenAtHttp(
  { host, port, path }: HttpAddress,
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
    ...defined({ origins, onRefusedOrigin, allowedHosts: options.allowedHosts }),
    routes: [
      {
        path,
        service,
        ...defined({ document: isPyrpc ? options.document : undefined }),
      },
      ...options.routes ?? [],
    ],
    pages: options.pages ?? [],
    ...common,
  });
}
