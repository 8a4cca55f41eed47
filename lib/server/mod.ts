/** Listeners, transports, TLS and authentication; published as `@pyrpc/server` together with `lib/rpc`. @module */
export type { ConnectionInfo, ServeConnection } from "./connection.ts";
export type { Authenticator, Credentials } from "./authenticator.ts";
export type { Listener, Received, ServerTransport } from "./transport.ts";
export type { Framing, ListenAddress, ProtocolName } from "./listen_address.ts";
export {
  asgiResponseStyle,
  type HttpAnswer,
  type HttpResponseStyle,
  tinyrpcResponseStyle,
} from "./transports/response_styles.ts";
export { httpHandler, type HttpListener, listenHttp } from "./transports/http.ts";
export {
  DEFAULT_HTTP_LIMITS,
  type HttpLimits,
  type HttpOptions,
  type HttpPage,
  type HttpRoute,
} from "./transports/http_options.ts";
export type { AllowedOrigins, OriginPolicy } from "../origins.ts";
export { authorityOf } from "./transports/host_check.ts";
export {
  RpcServer,
  type RpcServerOptions,
  type Spawn,
  spawnConcurrently,
  spawnSequentially,
} from "./rpc_server.ts";
export {
  anyAuthenticator,
  basicAuthenticator,
  loadPasswords,
  tokenAuthenticator,
} from "./authenticators.ts";
export { certificateWarnings, loadTls, type TlsFiles, type TlsOptions } from "./tls.ts";
export { type AdapterName, responseStyleOf } from "./transports/adapters.ts";
export { serveMessages, type ServeMessagesOptions } from "./serve_messages.ts";
export { listenStream, type StreamListener, type StreamOptions } from "./transports/stream.ts";
export type {
  ConnectionEvent,
  OnConnection,
  StreamAddress,
} from "./transports/stream_connections.ts";
export { serveStdio, type StdioStreams } from "./transports/stdio.ts";
export { serveZmtp, type ZmtpOptions } from "./transports/zmq.ts";
export {
  type NatsConnectionOptions,
  type NatsEvent,
  type NatsOptions,
  serveNats,
} from "./transports/nats.ts";
export { type NatsAddress, type NatsCredentials, parseNatsUrl } from "./transports/nats_address.ts";
export { callbackTransport, queuedTransport } from "./queued_transport.ts";
export { listenWebSocketStreams } from "./listen_websocket.ts";
export { listen } from "./listen.ts";
export type { ListenOptions } from "./listen_options.ts";
export { parseListenUrl, reachableHost } from "./listen_url.ts";
export { loadHandlers } from "./load_handlers.ts";
