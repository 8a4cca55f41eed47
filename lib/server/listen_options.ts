import type { Readable } from "node:stream";
import type { AllowedOrigins } from "../origins.ts";
import type { Authenticator } from "./authenticator.ts";
import type { TlsOptions } from "./tls.ts";
import type { AdapterName } from "./transports/adapters.ts";
import type { HttpLimits, HttpPage, HttpRoute } from "./transports/http_options.ts";
import type { NatsConnectionOptions } from "./transports/nats.ts";
import type { OnConnection } from "./transports/stream_connections.ts";

/** Options of every listener of a server. */
export interface ListenOptions {
  readonly adapter?: AdapterName;
  /** Web pages that may call over HTTP and WebSocket. @default {pages of this machine} */
  readonly origins?: AllowedOrigins;
  /** Receives the `Origin` of each request that is refused for it. */
  readonly onRefusedOrigin?: (origin: string) => void;
  /** Receives an event for each connection of a stream transport, and for failed TLS handshakes. */
  readonly onConnection?: OnConnection;
  /** Calls of one connection that run at a time. @default {100} */
  readonly maxInFlight?: number;
  readonly allowedHosts?: readonly string[];
  readonly limits?: Partial<HttpLimits>;
  readonly tls?: TlsOptions;
  readonly authenticator?: Authenticator;
  /** Answers GET at the path of the calls (HTTP with pyRPC), and requests at `SUBJECT.schema` (NATS). */
  readonly document?: NonNullable<HttpRoute["document"]>;
  /** Further paths of HTTP. */
  readonly routes?: readonly HttpRoute[];
  readonly pages?: readonly HttpPage[];
  /** Required for `stdio:`. */
  readonly stdio?: {
    readonly input: Readable;
    readonly output: { write(bytes: Uint8Array): void };
  };
  /** Required for `nats:` if the server asks for a login. */
  readonly nats?: NatsConnectionOptions;
}
