import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { requireTool } from "./external.ts";
import { tempFolder } from "./temp_folder.ts";

/** A certificate with its key: paths for flags, texts for servers. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** Certificates of one test, made by openssl; `await using` removes them. */
export interface Certificates extends AsyncDisposable {
  readonly authority: Certificate;
  /** For `localhost` and `127.0.0.1`, signed by the authority. */
  readonly server: Certificate;
  /** The same, but ended in the past. */
  readonly expired: Certificate;
  /** For another host. */
  readonly elsewhere: Certificate;
  /** A client's, signed by the authority. */
  readonly client: Certificate;
  /** The server's names, signed by itself. */
  readonly selfSigned: Certificate;
}

export const opensslSkip: string | false = requireTool("openssl").skip;

/** Makes an authority and what it signs. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await tempFolder();
  const run = promisify(execFile);
  const openssl = (...args: string[]) =>
    run(requireTool("openssl").path, args, { cwd: folder.path });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const own = (name: string, subject: string, ...more: string[]) =>
    openssl(
      "req",
      "-x509",
      ...key,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.crt`,
      "-days",
      "2",
      "-subj",
      subject,
      ...more,
    );
  const signed = async (name: string, subject: string, names: string, ...dates: string[]) => {
    // Without any extension openssl makes a certificate of version 1, which Deno refuses.
    await folder.write({
      [`${name}.ext`]: names === "" ? "basicConstraints=CA:FALSE" : `subjectAltName=${names}`,
    });
    await openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    const authority = ["-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial"];
    const period = dates.length === 0 ? ["-days", "2"] : dates;
    await openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      ...authority,
      "-extfile",
      `${name}.ext`,
      "-out",
      `${name}.crt`,
      ...period,
    );
  };
  const here = "DNS:localhost,IP:127.0.0.1";
  await own("authority", "/CN=Test authority");
  await own("selfSigned", "/CN=localhost", "-addext", `subjectAltName=${here}`);
  await signed("server", "/CN=localhost", here);
  await signed("expired", "/CN=localhost", here, "-days", "-1");
  await signed("elsewhere", "/CN=elsewhere.example", "DNS:elsewhere.example");
  await signed("client", "/CN=client", "");
  const read = async (name: string): Promise<Certificate> => {
    const certFile = folder.at(`${name}.crt`);
    const keyFile = folder.at(`${name}.key`);
    return {
      certFile,
      keyFile,
      cert: await readFile(certFile, "utf8"),
      key: await readFile(keyFile, "utf8"),
    };
  };
  return {
    authority: await read("authority"),
    server: await read("server"),
    expired: await read("expired"),
    elsewhere: await read("elsewhere"),
    client: await read("client"),
    selfSigned: await read("selfSigned"),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
