import type { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { reasonOf } from "../errors.ts";
import { isEncryptedKey, PRIVATE_KEY } from "../private_key.ts";
import { shellWord } from "../shell_word.ts";
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
  checkKey(key, options.key);
  checkCertificates("--tls-cert", cert, options.cert);
  if (ca !== undefined && options.ca !== undefined) checkCertificates("--tls-ca", ca, options.ca);
  try {
    // Compared here and first: some engines compare them at the first handshake only, others fail with OpenSSL's codes.
    const publicKey = (pem: Buffer) =>
      createPublicKey(pem).export({ type: "spki", format: "der" }) as Buffer;
    const ofKey = createPublicKey(createPrivateKey(options.key))
      .export({ type: "spki", format: "der" }) as Buffer;
    if (!publicKey(options.cert).equals(ofKey)) {
      throw new Error("the key is not that of the certificate");
    }
    createSecureContext(options);
  } catch (error) {
    throw tlsUnusable(`${key}, ${cert}`, error);
  }
  return options;
}

/** Returns a text for each certificate that is not valid at this time. */
export function certificateWarnings(
  { cert, ca }: TlsFiles,
  options: Pick<TlsOptions, "cert" | "ca">,
  now: number,
): readonly string[] {
  const files = [{ path: cert, pem: options.cert }, { path: ca, pem: options.ca }];
  return files.flatMap(({ path, pem }) =>
    pem === undefined ? [] : certificatesIn(pem).flatMap(({ subject, validFrom, validTo }) => {
      const problem = Date.parse(validTo) < now
        ? `has expired (${validTo})`
        : Date.parse(validFrom) > now
        ? `is not valid before ${validFrom}`
        : undefined;
      const name = subject.replaceAll("\n", ", ");
      return problem === undefined ? [] : [`The certificate of ${name} in ${path} ${problem}`];
    })
  );
}

function checkKey(path: string, pem: Buffer): void {
  const text = pem.toString("latin1");
  if (!PRIVATE_KEY.test(text)) {
    throw tlsUnusable(
      path,
      new Error("the file of --tls-key contains no private key"),
      "Pass a file with a private key (PEM) to --tls-key",
    );
  }
  if (isEncryptedKey(text)) {
    throw tlsUnusable(
      path,
      new Error("the private key is encrypted"),
      `Remove the passphrase: openssl pkey -in ${shellWord(path)} -out plain.key`,
    );
  }
}

// OpenSSL accepts an authority without certificates, and then no client at all.
function checkCertificates(flag: string, path: string, pem: Buffer): void {
  let found: readonly X509Certificate[];
  try {
    found = certificatesIn(pem);
  } catch (error) {
    throw tlsUnusable(path, error);
  }
  if (found.length > 0) return;
  const has = PRIVATE_KEY.test(pem.toString("latin1"))
    ? "a private key and no certificate"
    : "no certificate";
  throw tlsUnusable(
    path,
    new Error(`the file of ${flag} contains ${has}`),
    `Pass a file with a certificate (PEM) to ${flag}`,
  );
}

const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

function certificatesIn(pem: Buffer): readonly X509Certificate[] {
  const texts = pem.toString("latin1").match(CERTIFICATE) ?? [];
  return texts.map((text) => new X509Certificate(text));
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const problem = new Error(`the file cannot be read: ${reasonOf(error)}`, { cause: error });
    throw tlsUnusable(path, problem, "Pass the path of a PEM file that can be read");
  }
}
