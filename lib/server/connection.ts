import type { Duplex } from "node:stream";
import type { Framing } from "./listen_address.ts";

/** The ends of a stream connection. */
export interface ConnectionInfo {
  /** `tcp`, `unix`, `stdio`, or the name of a custom transport. */
  readonly transport: string;
  /** The peer, as `address:port`; the path for a Unix socket. */
  readonly remote: string;
  /** This end, in the same form. */
  readonly local: string;
  /** Identity that the authenticator returned. */
  readonly identity?: unknown;
  /** Aborts when the grace period of a stop is over: the connection must close. */
  readonly signal: AbortSignal;
  /**
   * Aborts when the server begins to stop: running calls may end, new ones do not start. Absent without a grace
   * period.
   */
  readonly stopping?: AbortSignal;
  /** Message framing of this connection, instead of the service's. */
  readonly framing?: Framing;
  /** The peer waits for a reply to every message: notifications get an empty one. */
  readonly answersAll?: boolean;
  /** Receives the reason when this side closes the connection because of an error: text, or what the user's code threw. */
  readonly onFailure?: (reason: unknown) => void;
}

/**
 * Serves one connection until it ends: framed RPC messages, or RPyC's objects. Settles when the connection is closed;
 * never rejects for an error of the peer.
 */
export type ServeConnection = (connection: Duplex, info: ConnectionInfo) => Promise<void>;
