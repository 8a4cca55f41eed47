import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { ExitCode, ToolError } from "../../lib/errors.ts";
import { type LoadOptions, loadSource } from "../../lib/source/mod.ts";
import { makeCertificates, opensslSkip } from "../support/certificates.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { contextOf } from "../support/load_context.ts";
import { serveHttp } from "../support/http_server.ts";
import { TINY_TEXT } from "../support/tiny_contract.ts";

async function refusal(source: string, options: LoadOptions): Promise<ToolError> {
  try {
    await loadSource(source, { timeoutMs: 5000, ...options }, contextOf());
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  assert.fail(`${source} was accepted`);
}

test(
  "loadSource() trusts the authorities of --ca-file, and no unknown ones",
  { skip: opensslSkip },
  async () => {
    await using made = await makeCertificates();
    await using server = await serveHttp(
      (_, response) => void response.end(TINY_TEXT),
      made.server,
    );
    const caFile = made.authority.certFile;
    for (const host of ["localhost", "127.0.0.1"]) {
      const loaded = await loadSource(`https://${host}:${server.port}`, { caFile }, contextOf());
      assert.equal(loaded.contract.procedures.size, 1);
    }
    const unknown = await refusal(server.url, {});
    assert.equal(unknown.code, "SERVER_TLS");
    assert.equal(unknown.exitCode, ExitCode.Server);
    assert.match(unknown.message, /not signed by a trusted authority/);
    assert.match(unknown.fix.join(), /--ca-file/);
  },
);

test("loadSource() reports the fault of a certificate", { skip: opensslSkip }, async () => {
  await using made = await makeCertificates();
  const caFile = made.authority.certFile;
  const rows = [
    [made.selfSigned, {}, /not signed by a trusted authority/, /--ca-file/],
    [made.expired, { caFile }, /has expired or is not valid yet \(CERT_HAS_EXPIRED\)/, /Renew/],
    [made.elsewhere, { caFile }, /not for "127\.0\.0\.1"/, /name/],
  ] as const;
  for (const [certificate, options, message, fix] of rows) {
    await using server = await serveHttp(
      (_, response) => void response.end(TINY_TEXT),
      certificate,
    );
    const error = await refusal(server.url, options);
    assert.equal(error.code, "SERVER_TLS");
    assert.match(error.message, message);
    assert.match(error.fix.join(), fix);
    assert.equal(server.requests.length, 0);
  }
  // A certificate signed by itself may be named as its own authority.
  await using server = await serveHttp(
    (_, response) => void response.end(TINY_TEXT),
    made.selfSigned,
  );
  const loaded = await loadSource(server.url, { caFile: made.selfSigned.certFile }, contextOf());
  assert.equal(loaded.kind, "url");
});

test(
  "loadSource() verifies certificates whatever NODE_TLS_REJECT_UNAUTHORIZED is",
  { skip: opensslSkip },
  async () => {
    await using made = await makeCertificates();
    await using server = await serveHttp(
      (_, response) => void response.end(TINY_TEXT),
      made.selfSigned,
    );
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      assert.equal((await refusal(server.url, {})).exitCode, ExitCode.Server);
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
    assert.equal(server.requests.length, 0);
  },
);

test(
  "loadSource() shows a client certificate to a server that demands one",
  { skip: opensslSkip },
  async () => {
    await using made = await makeCertificates();
    const caFile = made.authority.certFile;
    const demanding = {
      ...made.server,
      ca: made.authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
    };
    await using server = await serveHttp((_, response) => void response.end(TINY_TEXT), demanding);
    const { certFile: clientCert, keyFile: clientKey } = made.client;
    assert.equal(
      (await loadSource(server.url, { caFile, clientCert, clientKey }, contextOf())).kind,
      "url",
    );

    await using folder = await tempFolder({
      "both.pem": await readFile(clientCert, "utf8") + await readFile(clientKey, "utf8"),
    });
    const both = { caFile, clientCert: folder.at("both.pem") };
    assert.equal((await loadSource(server.url, both, contextOf())).kind, "url");

    const without = await refusal(server.url, { caFile });
    assert.equal(without.exitCode, ExitCode.Server);
    assert.match(without.fix.join(), /--client-cert/);
  },
);

test(
  "loadSource() names the file that is not a certificate or key",
  { skip: opensslSkip },
  async () => {
    await using made = await makeCertificates();
    await using folder = await tempFolder({
      "x.pem": "nothing",
      "locked.pem":
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
    });
    const rows: [LoadOptions, RegExp][] = [
      [{ caFile: folder.at("gone.pem") }, /--ca-file: it does not exist/],
      [{ caFile: folder.at("x.pem") }, /--ca-file: it is not in PEM format/],
      [{ clientCert: made.client.certFile }, /private key: it is not in PEM/],
      [
        { clientCert: made.client.certFile, clientKey: folder.at("locked.pem") },
        /private key: it is encrypted/,
      ],
    ];
    for (const [options, message] of rows) {
      const error = await refusal("https://127.0.0.1:1", options);
      assert.equal(error.exitCode, ExitCode.Config);
      assert.match(error.message, message);
      assert.match(error.where ?? "", /\.(pem|crt)$/);
    }
  },
);

test("loadSource() reports when http and https were mixed up", { skip: opensslSkip }, async () => {
  await using made = await makeCertificates();
  await using plain = await serveHttp((_, response) => void response.end(TINY_TEXT));
  const tlsToPlain = await refusal(plain.url.replace("http:", "https:"), {});
  assert.match(tlsToPlain.message, /does not speak TLS/);
  assert.match(tlsToPlain.fix.join(), new RegExp(`http://127.0.0.1:${plain.port}`));

  await using secure = await serveHttp((_, response) => void response.end(TINY_TEXT), made.server);
  const plainToTls = await refusal(secure.url.replace("https:", "http:"), {});
  assert.equal(plainToTls.exitCode, ExitCode.Server);
  assert.match(plainToTls.fix.join(), /https/);
});
