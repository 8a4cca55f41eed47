import type { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { tlsUnusable } from "./errors.ts";

/** What `node:tls` and `node:https` are given. */
export interface TlsOptions {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** Authority of client certificates. With it clients must show one. */
  readonly ca?: Buffer;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

/** Where the parts of TLS are. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca?: string | undefined;
}

/**
 * Reads key, certificate and authority, and tries whether they go together.
 *
 * @throws ToolError `SERVER_TLS_UNUSABLE`
 */
export async function loadTls({ key, cert, ca }: TlsFiles): Promise<TlsOptions> {
  const options = {
    key: await read(key),
    cert: await read(cert),
    ...(ca === undefined
      ? {}
      : { ca: await read(ca), requestCert: true, rejectUnauthorized: true }),
  };
  try {
    createSecureContext(options);
    // Not every engine compares the two before the first handshake.
    const publicKey = (pem: Buffer) =>
      createPublicKey(pem).export({ type: "spki", format: "der" }) as Buffer;
    const ofKey = createPublicKey(createPrivateKey(options.key))
      .export({ type: "spki", format: "der" }) as Buffer;
    if (!publicKey(options.cert).equals(ofKey)) {
      throw new Error("the key is not that of the certificate");
    }
  } catch (error) {
    throw tlsUnusable(`${key}, ${cert}`, error);
  }
  return options;
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw tlsUnusable(path, error);
  }
}
