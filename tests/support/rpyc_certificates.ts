import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireTool } from "./external.ts";

/** Paths of keys and certificates (PEM) made for one test. */
export interface TestCertificates {
  readonly ca: string;
  readonly serverKey: string;
  readonly serverCert: string;
  /** Signed by `ca`, with the common name `client`. */
  readonly clientKey: string;
  readonly clientCert: string;
  /** Signed by an unknown authority; `expiredCert` has the same key, is signed by `ca`, and is over. */
  readonly otherKey: string;
  readonly otherCert: string;
  readonly expiredCert: string;
}

/** For `test(name, { skip }, …)`: the reason where there is no `openssl`. */
export function opensslSkip(): string | false {
  return requireTool("openssl").skip;
}

/** Makes two authorities and what they sign, in an empty folder. */
export async function makeCertificates(folder: string): Promise<TestCertificates> {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) =>
    promisify(execFile)(requireTool("openssl").path, args, { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await writeFile(at("ext.cnf"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  for (const name of ["ca", "stranger"]) {
    await openssl(
      "req",
      "-x509",
      ...key,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
      "-subj",
      `/CN=${name}`,
    );
  }
  const sign = async (name: string, by: string, out: string, ...validity: string[]) => {
    const authority = ["-CA", `${by}.pem`, "-CAkey", `${by}.key`, "-CAcreateserial"];
    const files = ["-in", `${name}.csr`, "-out", `${out}.pem`, "-extfile", "ext.cnf"];
    await openssl("x509", "-req", ...files, ...authority, ...validity);
  };
  for (const name of ["server", "client", "other"]) {
    await openssl(
      "req",
      ...key,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
      "-subj",
      `/CN=${name}`,
    );
  }
  await sign("server", "ca", "server", "-days", "30");
  await sign("client", "ca", "client", "-days", "30");
  await sign("other", "stranger", "other", "-days", "30");
  await sign("other", "ca", "expired", "-days", "-1");
  return {
    ca: at("ca.pem"),
    serverKey: at("server.key"),
    serverCert: at("server.pem"),
    clientKey: at("client.key"),
    clientCert: at("client.pem"),
    otherKey: at("other.key"),
    otherCert: at("other.pem"),
    expiredCert: at("expired.pem"),
  };
}
