import type { ServeConnection } from "./connection.ts";
import type { ListenDescription } from "./description.ts";
import type { ListenOptions } from "./listen.ts";
import type { Listener } from "./transport.ts";
import { authorityOf } from "./transports/host_check.ts";
import { DEFAULT_HTTP_LIMITS, listenHttp } from "./transports/http.ts";
import { webSocketFace } from "./transports/http_faces.ts";
import type { WebSocketMount, WebSocketStreamsOptions } from "./transports/websocket_mount.ts";

type WebSocketDescription = Extract<ListenDescription, { readonly transport: "http" | "ws" }>;
type WebSocketListenOptions = Pick<
  ListenOptions,
  "origins" | "allowedHosts" | "limits" | "tls" | "authenticator"
>;

/** An HTTP server that does nothing but upgrade. */
export async function listenAtWebSocket(
  { host, port, path }: WebSocketDescription,
  { origins, allowedHosts, limits, tls, authenticator }: WebSocketListenOptions,
  makeMount: () => Promise<WebSocketMount>,
): Promise<Listener> {
  const mount = await makeMount();
  const http = await listenHttp({
    host,
    port,
    face: webSocketFace(path),
    mounts: [],
    upgrade: (request, socket, head, identity) => mount.upgrade(request, socket, head, identity),
    limits: { ...DEFAULT_HTTP_LIMITS, ...limits },
    ...(origins === undefined ? {} : { origins }),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
    ...(tls === undefined ? {} : { tls }),
    ...(authenticator === undefined ? {} : { authenticator }),
  });
  return {
    url: `${tls === undefined ? "ws" : "wss"}://${authorityOf(host, http.port ?? port)}${path}`,
    port: http.port,
    ended: http.ended,
    async close(graceMs = 0) {
      await mount.close(graceMs);
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
