/** Options and limits of RPyC connections. */

/** Limits of a connection. */
export interface RpycLimits {
  /** Largest message in bytes, as sent and inflated. @default {64 MiB} */
  readonly maxMessageSize: number;
  /** References that the client may hold, and references to the client's objects held here. @default {100,000} each */
  readonly maxReferences: number;
  /** Queued requests. Further requests are not read until some are done. @default {1000} */
  readonly maxPending: number;
  /** Milliseconds until a request to the client fails. @default {30,000, as in rpyc} */
  readonly requestTimeout: number;
  /** Milliseconds until the first byte of the client; 0 is unlimited. @default {10,000} */
  readonly handshakeTimeout: number;
  /** Milliseconds without a byte in the middle of a message. @default {60,000} */
  readonly stallTimeout: number;
}

/** The default {@link RpycLimits}. */
export const RPYC_LIMITS: RpycLimits = {
  maxMessageSize: 64 * 1024 * 1024,
  maxReferences: 100_000,
  maxPending: 1000,
  requestTimeout: 30_000,
  handshakeTimeout: 10_000,
  stallTimeout: 60_000,
};

/** Options of `serveRpyc`. */
export interface RpycOptions {
  readonly limits?: Partial<RpycLimits>;
  /** Allows every attribute without a leading underscore (`list.append`, fields of instances). */
  readonly allowPublicAttrs?: boolean;
  /** Allows clients to copy results with `obtain()` and `copy.copy()`. */
  readonly allowPickle?: boolean;
  /** Includes the traceback text in exceptions. @default {true} */
  readonly includeTraceback?: boolean;
  /** The identity that the authenticator returned. */
  readonly credentials?: unknown;
  /** The client's address. */
  readonly peer?: string;
  /** Receives the reason when this side ends the connection because of an error: text, or what the service threw. */
  readonly onFailure?: (reason: unknown) => void;
}
