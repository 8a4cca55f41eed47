import type { ServeConnection } from "./connection.ts";
import type { ListenAddress } from "./listen_address.ts";
import type { ListenOptions } from "./listen.ts";
import type { Listener } from "./transport.ts";
import { authorityOf } from "./transports/host_check.ts";
import { DEFAULT_HTTP_LIMITS, type HttpOptions, listenHttp } from "./transports/http.ts";
import { webSocketResponseStyle } from "./transports/response_styles.ts";
import type {
  WebSocketEndpoint,
  WebSocketStreamsOptions,
} from "./transports/websocket_endpoint.ts";

type WebSocketDescription = Extract<ListenAddress, { readonly transport: "http" | "ws" }>;
type WebSocketListenOptions =
  & Pick<
    ListenOptions,
    "origins" | "onRefusedOrigin" | "allowedHosts" | "limits" | "tls" | "authenticator"
  >
  & Pick<HttpOptions, "protocol">;

/** An HTTP server that does nothing but upgrade. */
export async function listenAtWebSocket(
  { host, port, path }: WebSocketDescription,
  { origins, onRefusedOrigin, protocol, allowedHosts, limits, tls, authenticator }:
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
    ...(origins === undefined ? {} : { origins }),
    ...(onRefusedOrigin === undefined ? {} : { onRefusedOrigin }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
    ...(tls === undefined ? {} : { tls }),
    ...(authenticator === undefined ? {} : { authenticator }),
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

/**
 * Listens for WebSockets and serves each as a connection: for rpyc's protocol (`messages: "bytes"`), and for what a mode serves.
 *
 * @throws ToolError where the address cannot be listened on.
 */
export async function listenWebSocketStreams(
  description: WebSocketDescription,
  serve: ServeConnection,
  { messages, onConnection, ...options }:
    & WebSocketListenOptions
    & Pick<WebSocketStreamsOptions, "messages" | "onConnection">,
): Promise<Listener> {
  return await listenAtWebSocket(description, options, async () => {
    const { serveWebSocketStreams } = await import("./transports/websocket_stream.ts");
    return serveWebSocketStreams(serve, {
      path: description.path,
      messages,
      ...(options.limits?.maxBody === undefined ? {} : { maxMessage: options.limits.maxBody }),
      ...(onConnection === undefined ? {} : { onConnection }),
    });
  });
}
