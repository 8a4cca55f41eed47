import type { Duplex } from "node:stream";
import type { ConnectionInfo } from "./connection.ts";

/** What a peer shows of itself. */
export interface Credentials {
  /** The `Authorization` header, where there is one. */
  readonly authorization: string | undefined;
  /** The peer's address. */
  readonly remote: string;
  /** Subject of a verified client certificate, where TLS demanded one and the runtime tells. */
  readonly certificate?: { readonly subject: Readonly<Record<string, string | string[]>> };
}

/** Decides who may call. */
export interface Authenticator {
  /** Of the `WWW-Authenticate` header in a 401. */
  readonly challenge: string;
  /** Who this is (anything but `undefined`), or `undefined` to refuse. Throwing refuses as well. */
  authenticate(credentials: Credentials): unknown | Promise<unknown>;
  /**
   * For stream connections: may speak with the peer first (as RPyC's authenticators do) and return another stream to
   * go on with. Absent: stream connections are asked for nothing but their certificate.
   */
  authenticateConnection?(
    connection: Duplex,
    info: ConnectionInfo,
  ): Promise<{ readonly connection: Duplex; readonly identity: unknown } | undefined>;
}
