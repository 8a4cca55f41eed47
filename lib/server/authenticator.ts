import type { Duplex } from "node:stream";
import type { ConnectionInfo } from "./connection.ts";

/** Credentials of a peer. */
export interface Credentials {
  /** The `Authorization` header, if there is one. */
  readonly authorization: string | undefined;
  /** The peer's address. */
  readonly remote: string;
  /** Subject of a verified client certificate, if TLS required one and the engine provides it. */
  readonly certificate?: { readonly subject: Readonly<Record<string, string | string[]>> };
}

/** Decides who may call. */
export interface Authenticator {
  /** The `WWW-Authenticate` header of a 401 response. */
  readonly challenge: string;
  /** Returns the identity (anything but `undefined`), or `undefined` to refuse. Throwing refuses too. */
  authenticate(credentials: Credentials): unknown | Promise<unknown>;
  /**
   * Authenticates a stream connection: may exchange bytes with the peer first (as RPyC's authenticators do) and return
   * another stream to serve. Without it {@link authenticate} receives the address and certificate of stream connections.
   */
  authenticateConnection?(
    connection: Duplex,
    info: ConnectionInfo,
  ): Promise<{ readonly connection: Duplex; readonly identity: unknown } | undefined>;
}
