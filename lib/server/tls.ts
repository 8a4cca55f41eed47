import type { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { tlsUnusable } from "./errors.ts";

/** Options of `node:tls` and `node:https`. */
export interface TlsOptions {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** Authority of client certificates, which are required with it. */
  readonly ca?: Buffer;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

/** Paths of key, certificate and authority (PEM). */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca?: string | undefined;
}

/**
 * Reads key, certificate and authority, and checks that they match.
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
    // Not every engine compares key and certificate before the first handshake.
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
