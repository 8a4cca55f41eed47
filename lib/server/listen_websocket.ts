import type { ServeConnection } from "./connection.ts";
import type { ListenAddress } from "./listen_address.ts";
import { defined } from "../defined.ts";
import type { ListenOptions } from "./listen_options.ts";
import type { Listener } from "./transport.ts";
import { authorityOf } from "./transports/host_check.ts";
import { listenHttp } from "./transports/http.ts";
import { DEFAULT_HTTP_LIMITS, type HttpOptions } from "./transports/http_options.ts";
import { webSocketResponseStyle } from "./transports/response_styles.ts";
import type {
  WebSocketEndpoint,
  WebSocketStreamsOptions,
} from "./transports/websocket_endpoint.ts";

type WebSocketAddress = Extract<ListenAddress, { readonly transport: "http" | "ws" }>;
type WebSocketListenOptions =
  & Pick<
    ListenOptions,
    | "origins"
    | "onRefusedOrigin"
    | "onConnection"
    | "allowedHosts"
    | "limits"
    | "tls"
    | "authenticator"
  >
  & Pick<HttpOptions, "protocol">;

/** Listens with an HTTP server that only upgrades to WebSocket. */
export async function listenAtWebSocket(
  { host, port, path }: WebSocketAddress,
  { origins, onRefusedOrigin, onConnection, protocol, allowedHosts, limits, tls, authenticator }:
    WebSocketListenOptions,
  makeEndpoint: () => Promise<WebSocketEndpoint>,
): Promise<Listener> {
  const endpoint = await makeEndpoint();
  const http = await listenHttp({
    host,
    port,
    responseStyle: webSocketResponseStyle(path),
    routes: [],
    upgrade: (request, socket, head, identity) => endpoint.upgrade(request, socket, head, identity),
    limits: { ...DEFAULT_HTTP_LIMITS, ...limits },
    ...defined({
      origins,
      onRefusedOrigin,
      onConnection,
      protocol,
      allowedHosts,
      tls,
      authenticator,
    }),
  });
  return {
    url: `${tls === undefined ? "ws" : "wss"}://${authorityOf(host, http.port ?? port)}${path}`,
    port: http.port,
    ended: http.ended,
    async close(graceMs = 0) {
      await endpoint.close(graceMs);
      await http.close(0);
    },
  };
}

/** Serves each WebSocket as a stream connection, for RPyC and for serving modes. @throws ToolError if the address cannot be used */
export async function listenWebSocketStreams(
  address: WebSocketAddress,
  serve: ServeConnection,
  { messages, answersNotifications, ...options }:
    & WebSocketListenOptions
    & Pick<WebSocketStreamsOptions, "messages" | "answersNotifications">,
): Promise<Listener> {
  return await listenAtWebSocket(address, options, async () => {
    const { serveWebSocketStreams } = await import("./transports/websocket_stream.ts");
    return serveWebSocketStreams(serve, {
      path: address.path,
      messages,
      ...defined({
        answersNotifications,
        maxMessage: options.limits?.maxBody,
        onConnection: options.onConnection,
      }),
    });
  });
}
