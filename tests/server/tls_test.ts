import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { connect as connectPlain } from "node:net";
import { connect } from "node:tls";
import { describe, it } from "node:test";
import {
  asgiResponseStyle,
  certificateWarnings,
  listenHttp,
  listenStream,
  loadTls,
  serveMessages,
} from "../../lib/server/mod.ts";
import { shellWord } from "../../lib/shell_word.ts";
import { jsonrpcProtocol, pyrpcProtocol, RpcDispatcher } from "../../lib/rpc/mod.ts";
import { type Certificate, makeCertificates, opensslSkip } from "../support/certificates.ts";
import { tempFolder } from "../support/temp_folder.ts";

const dispatcher = new RpcDispatcher().addMethod((a: number, b: number) => a + b, "add");
const CALL = '{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}';

function post(port: number, ca: string, client?: Certificate): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({
      host: "127.0.0.1",
      port,
      path: "/rpc",
      method: "POST",
      ca,
      agent: false,
      ...(client === undefined ? {} : { key: client.key, cert: client.cert }),
    }, (response) => {
      let body = "";
      response.on("data", (chunk) => body += String(chunk));
      response.on("end", () => resolve(body));
    });
    asking.on("error", reject);
    asking.end(CALL);
  });
}

describe("TLS", { skip: opensslSkip }, () => {
  it("serves HTTPS, and with an authority lets in only whom it has signed", async () => {
    await using certificates = await makeCertificates();
    const { server, authority, client, selfSigned } = certificates;
    const tls = await loadTls({
      key: server.keyFile,
      cert: server.certFile,
      ca: authority.certFile,
    });
    const { ca: _, requestCert: __, rejectUnauthorized: ___, ...open } = tls;
    for (const [options, demands] of [[open, false], [tls, true]] as const) {
      const listener = await listenHttp({
        host: "127.0.0.1",
        port: 0,
        responseStyle: asgiResponseStyle(),
        routes: [{ path: "/rpc", service: { protocol: pyrpcProtocol, dispatcher } }],
        tls: options,
      });
      const call = (certificate?: Certificate) =>
        post(listener.port!, authority.cert, certificate).then(() => "in", () => "out");
      assert.equal(await call(client), "in");
      assert.equal(await call(), demands ? "out" : "in");
      if (demands) assert.equal(await call(selfSigned), "out");
      await listener.close();
    }
  });

  it("serves streams over TLS and reports the peer", async () => {
    await using certificates = await makeCertificates();
    const { server, authority, client } = certificates;
    let subject: unknown;
    const listener = await listenStream(
      { host: "127.0.0.1", port: 0 },
      serveMessages({ protocol: jsonrpcProtocol, dispatcher }),
      {
        tls: await loadTls({
          key: server.keyFile,
          cert: server.certFile,
          ca: authority.certFile,
        }),
        authenticator: {
          challenge: "",
          authenticate: ({ certificate }) => subject = certificate?.subject["CN"],
        },
      },
    );
    const socket = connect({
      host: "127.0.0.1",
      port: listener.port!,
      ca: authority.cert,
      key: client.key,
      cert: client.cert,
    });
    socket.write(`${CALL}\n`);
    const [reply] = await once(socket, "data");
    assert.equal(String(reply), '{"jsonrpc":"2.0","id":1,"result":3}\n');
    assert.equal(subject, "client");
    socket.destroy();
    await listener.close();
  });

  it("closes who never begins the handshake", async () => {
    await using certificates = await makeCertificates();
    const { server } = certificates;
    const events: string[] = [];
    const listener = await listenStream(
      { host: "127.0.0.1", port: 0 },
      serveMessages({ protocol: jsonrpcProtocol, dispatcher }),
      {
        tls: await loadTls({ key: server.keyFile, cert: server.certFile }),
        handshakeTimeout: 100,
        onConnection: (event) => events.push(event),
      },
    );
    const socket = connectPlain(listener.port!, "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    await once(socket, "close");
    assert.deepEqual(events, ["refused"]);
    await listener.close();
  });

  it("refuses a key that is not the certificate's", async () => {
    await using certificates = await makeCertificates();
    const { server, client } = certificates;
    await assert.rejects(
      loadTls({ key: client.keyFile, cert: server.certFile }),
      /TLS cannot be set up: the key is not that of the certificate/,
    );
  });

  it("refuses a file without private key, and an encrypted one, with a command that decrypts it", async () => {
    await using certificates = await makeCertificates();
    const { keyFile, certFile: cert } = certificates.server;
    await using folder = await tempFolder();
    const pem = createPrivateKey(await readFile(keyFile));
    const secret = { cipher: "aes-256-cbc", passphrase: "x", format: "pem" } as const;
    await folder.write({ "locked.key": pem.export({ ...secret, type: "pkcs8" }) });
    await assert.rejects(loadTls({ key: cert, cert }), /--tls-key contains no private key/);
    const key = folder.at("locked.key");
    await assert.rejects(loadTls({ key, cert }), {
      message: "TLS cannot be set up: the private key is encrypted",
      fix: [`Remove the passphrase: openssl pkey -in ${shellWord(key)} -out plain.key`],
    });
  });

  it("names a file that cannot be read", async () => {
    await using certificates = await makeCertificates();
    const { keyFile, certFile } = certificates.server;
    await using folder = await tempFolder();
    const none = folder.at("none.pem");
    for (
      const files of [
        { key: none, cert: certFile },
        { key: keyFile, cert: none },
        { key: keyFile, cert: certFile, ca: none },
      ]
    ) {
      await assert.rejects(loadTls(files), {
        message: "TLS cannot be set up: the file cannot be read: it does not exist",
        where: none,
        fix: ["Pass the path of a PEM file that can be read"],
      });
    }
  });

  it("refuses an authority or a certificate that is a key, or neither", async () => {
    await using certificates = await makeCertificates();
    const { server, client, authority } = certificates;
    const files = { key: server.keyFile, cert: server.certFile };
    await using folder = await tempFolder({ "empty.pem": "nothing\n" });
    const rows = [
      [{ ...files, ca: client.keyFile }, /--tls-ca contains a private key and no certificate/],
      [{ ...files, ca: folder.at("empty.pem") }, /--tls-ca contains no certificate/],
      [{ ...files, cert: server.keyFile }, /--tls-cert contains a private key and no certificate/],
    ] as const;
    for (const [given, message] of rows) await assert.rejects(loadTls(given), message);
    const usable = { ...files, ca: authority.certFile };
    const options = await loadTls(usable);
    const year = 365 * 24 * 60 * 60 * 1000;
    const now = Date.now();
    assert.deepEqual(certificateWarnings(usable, options, now), []);
    const late = certificateWarnings(usable, options, now + 200 * year);
    assert.equal(late.length, 2);
    for (const text of late) assert.match(text, /^The certificate of .* in .* has expired \(/);
    const early = certificateWarnings(usable, options, now - 200 * year);
    for (const text of early) assert.match(text, /is not valid before/);
    assert.equal(early.length, 2);
  });
});
