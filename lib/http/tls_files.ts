import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { defined } from "../defined.ts";
import { fileUnreadable } from "../errors.ts";
import { isEncryptedKey, PRIVATE_KEY } from "../private_key.ts";
import type { TlsOptions } from "./connect.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE/;

/** Files in PEM format. */
export interface TlsFiles {
  /** Certificate authorities to trust instead of the public ones. */
  readonly caFile?: string | undefined;
  readonly clientCert?: string | undefined;
  /** Optional if the certificate's file contains the key. */
  readonly clientKey?: string | undefined;
}

/** Reads certificates and keys. @throws ToolError `SOURCE_FILE_UNREADABLE` */
export async function readTlsFiles(options: TlsFiles, cwd: string): Promise<TlsOptions> {
  const read = async (path: string | undefined, what: string, marker: RegExp) => {
    if (path === undefined) return undefined;
    const file = resolve(cwd, path);
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      throw fileUnreadable(file, what, error);
    }
    if (!marker.test(text)) {
      throw fileUnreadable(file, what, new Error("it is not in PEM format"));
    }
    if (marker === PRIVATE_KEY && isEncryptedKey(text)) {
      throw fileUnreadable(
        file,
        what,
        new Error("it is encrypted; pyrpc has no passphrase for it"),
      );
    }
    return text;
  };
  const ca = await read(options.caFile, "the file of --ca-file", CERTIFICATE);
  const cert = await read(
    options.clientCert,
    "the file of --client-cert",
    CERTIFICATE,
  );
  const key = await read(
    options.clientKey ?? options.clientCert,
    "the client's private key",
    PRIVATE_KEY,
  );
  return defined({ ca, cert, key });
}
