import type { Buffer } from "node:buffer";

/** What `node:tls` and `node:https` are given. */
export interface TlsOptions {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** Authority of client certificates. With it clients must show one. */
  readonly ca?: Buffer;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}
