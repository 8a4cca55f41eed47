import type { Duplex } from "node:stream";
import type { Framing } from "./listen_address.ts";

/** Who is at the other end of a stream connection. */
export interface ConnectionInfo {
  /** `tcp`, `unix`, `stdio`, or a name of one's own. */
  readonly transport: string;
  /** The peer, as `address:port`; the path for a Unix socket. */
  readonly remote: string;
  /** This end, in the same form. */
  readonly local: string;
  /** Who an authenticator says this is. */
  readonly identity?: unknown;
  /** Aborts when the server stops without patience: the connection is to be closed. */
  readonly signal: AbortSignal;
  /**
   * Aborts when the server begins to stop: what runs may end, nothing new is begun. Absent where there is no such
   * time.
   */
  readonly stopping?: AbortSignal;
  /** How messages of this connection are told apart, where its listener knows better than the service. */
  readonly framing?: Framing;
  /** Whether the peer waits for an answer to every message, notifications too: an empty one then. */
  readonly answersAll?: boolean;
}

/**
 * Serves one connection until it ends: framed RPC messages here, RPyC's objects elsewhere. Settles when the connection
 * is closed; never rejects for what the peer does.
 */
export type ServeConnection = (connection: Duplex, info: ConnectionInfo) => Promise<void>;
