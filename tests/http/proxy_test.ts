import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";
import { ToolError } from "../../lib/errors.ts";
import { openUpstream } from "../../lib/proxy/mod.ts";
import { type LoadOptions, loadSource } from "../../lib/source/mod.ts";
import { rpcUrl } from "../../lib/rpc_url.ts";
import { connectServer } from "../../lib/http/mod.ts";
import { proxyFor } from "../../lib/http/proxy.ts";
import { makeCertificates, opensslSkip } from "../support/certificates.ts";
import { freePort } from "../support/free_port.ts";
import { waitUntil } from "../support/wait_until.ts";
import { contextOf } from "../support/load_context.ts";
import { serveHttp, type TestServer } from "../support/http_server.ts";
import { TINY_TEXT } from "../support/tiny_contract.ts";

test("proxyFor() reads the environment as curl does", () => {
  const both = { HTTP_PROXY: "http://p:1", HTTPS_PROXY: "http://s:2" };
  const rows: [url: string, env: Record<string, string>, want: string | undefined][] = [
    ["http://h/", {}, undefined],
    ["http://h/", both, "http://p:1"],
    ["https://h/", both, "http://s:2"],
    ["https://h/", { HTTP_PROXY: "http://p:1" }, undefined],
    ["https://h/", { ALL_PROXY: "p:3" }, "http://p:3"],
    ["http://h/", { HTTP_PROXY: "http://p:1", http_proxy: "http://q:1" }, "http://q:1"],
    ["http://h/", { HTTP_PROXY: "" }, undefined],
    ["http://h/", { ...both, NO_PROXY: "*" }, undefined],
    ["http://h/", { ...both, NO_PROXY: "a, h" }, undefined],
    ["http://a.h.example/", { ...both, NO_PROXY: "h.example" }, undefined],
    ["http://a.h.example/", { ...both, NO_PROXY: ".h.example" }, undefined],
    ["http://a.h.example/", { ...both, NO_PROXY: "*.example" }, undefined],
    ["http://ah.example/", { ...both, NO_PROXY: "h.example" }, "http://p:1"],
    ["http://h:81/", { ...both, NO_PROXY: "h:80" }, "http://p:1"],
    ["http://h/", { ...both, NO_PROXY: "h:80" }, undefined],
    ["http://127.0.0.1:9/", { ...both, no_proxy: "127.0.0.1,localhost" }, undefined],
    ["http://[::1]:9/", { ...both, NO_PROXY: "::1" }, undefined],
    ["http://[::1]:9/", { ...both, NO_PROXY: "[::1]:9" }, undefined],
  ];
  for (const [url, env, want] of rows) {
    assert.equal(proxyFor(new URL(url), env), want, `${url} ${JSON.stringify(env)}`);
  }
});

/** A proxy that forwards requests and opens tunnels, to `target` whatever the name. */
async function serveProxy(target: TestServer, credentials?: string): Promise<TestServer> {
  const wanted = credentials === undefined
    ? undefined
    : `Basic ${Buffer.from(credentials).toString("base64")}`;
  const proxy = await serveHttp((request, response) => {
    if (wanted !== undefined && request.headers["proxy-authorization"] !== wanted) {
      return void response.writeHead(407).end();
    }
    const { pathname, search } = new URL(request.url!);
    const { method = "GET" } = request;
    const to = { port: target.port, host: "127.0.0.1", path: pathname + search, method };
    http.request(to, (answer) => {
      response.writeHead(answer.statusCode!);
      answer.pipe(response);
    }).end(proxy.requests.at(-1)!.body);
  });
  proxy.server.on("connect", (request: http.IncomingMessage, socket: net.Socket) => {
    proxy.requests.push({
      method: "CONNECT",
      url: request.url!,
      headers: request.headers,
      body: "",
    });
    if (wanted !== undefined && request.headers["proxy-authorization"] !== wanted) {
      return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    }
    const out = net.connect(target.port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(out).pipe(socket);
    });
    out.on("error", () => socket.destroy());
    socket.on("error", () => out.destroy());
    socket.on("close", () => out.destroy());
  });
  return proxy;
}

async function refusal(source: string, env: Record<string, string>): Promise<ToolError> {
  try {
    await loadSource(source, { timeoutMs: 5000 }, contextOf({ env }));
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  assert.fail(`${source} was accepted`);
}

test("loadSource() goes through HTTP_PROXY, which resolves the name", async () => {
  await using server = await serveHttp((_, response) => void response.end(TINY_TEXT));
  await using proxy = await serveProxy(server, "ada:pa ss");
  const env = { HTTP_PROXY: `http://ada:pa%20ss@127.0.0.1:${proxy.port}` };
  const loaded = await loadSource("http://backend.invalid:81/api", {}, contextOf({ env }));
  assert.equal(loaded.where, "http://backend.invalid:81/api/rpc");
  assert.equal(proxy.requests[0]?.url, "http://backend.invalid:81/api/rpc");
  assert.equal(proxy.requests[0]?.headers.host, "backend.invalid:81");
  assert.equal(server.requests[0]?.url, "/api/rpc");

  const direct = { ...env, NO_PROXY: "127.0.0.1" };
  await loadSource(server.url, {}, contextOf({ env: direct }));
  assert.equal(proxy.requests.length, 1);
  assert.equal(server.requests.length, 2);
});

test(
  "loadSource() tunnels https through HTTPS_PROXY and shows it no header",
  { skip: opensslSkip },
  async () => {
    await using made = await makeCertificates();
    await using server = await serveHttp(
      (_, response) => void response.end(TINY_TEXT),
      made.server,
    );
    await using proxy = await serveProxy(server, "ada:secret");
    const options: LoadOptions = { caFile: made.authority.certFile, token: "t0ken-x" };
    const env = { HTTPS_PROXY: `http://ada:secret@127.0.0.1:${proxy.port}` };
    const loaded = await loadSource(
      `https://localhost:${server.port}`,
      options,
      contextOf({ env }),
    );
    assert.equal(loaded.contract.procedures.size, 1);
    assert.equal(proxy.requests[0]?.method, "CONNECT");
    assert.equal(proxy.requests[0]?.url, `localhost:${server.port}`);
    assert.equal(proxy.requests[0]?.headers.authorization, undefined);
    assert.equal(server.requests[0]?.headers.authorization, "Bearer t0ken-x");
    assert.equal(server.requests[0]?.headers["proxy-authorization"], undefined);

    const refused = await refusal(`https://localhost:${server.port}`, {
      HTTPS_PROXY: `http://ada:wrong1@127.0.0.1:${proxy.port}`,
    });
    assert.equal(refused.code, "PROXY_FAILED");
    assert.match(refused.message, /answered 407/);
    assert.match(refused.fix.join(), /user and password/);
    assert.doesNotMatch(`${refused.message} ${refused.where} ${refused.details}`, /wrong1/);
  },
);

test("loadSource() reports that the proxy failed", async () => {
  const port = await freePort();
  const down = await refusal("http://backend.invalid", { HTTP_PROXY: `http://127.0.0.1:${port}` });
  assert.equal(down.code, "PROXY_FAILED");
  assert.match(down.message, new RegExp(`through the proxy http://127.0.0.1:${port}`));
  assert.match(down.fix.join(), /NO_PROXY/);
  const socks = await refusal("http://h", { ALL_PROXY: "socks5://user:hidden@h:1" });
  assert.equal(socks.code, "PROXY_UNSUPPORTED");
  assert.match(socks.message, /"socks5:"/);
  assert.doesNotMatch(socks.message, /hidden/);
});

test(
  "connectServer() leads calls through the proxies of the environment, to http and to https",
  { skip: opensslSkip },
  async () => {
    await using made = await makeCertificates();
    const answer = (_: http.IncomingMessage, response: http.ServerResponse) =>
      void response.end('{"id":1,"result":1.0,"error":null}');
    for (const tls of [undefined, made.server]) {
      await using server = await serveHttp(answer, tls);
      await using proxy = await serveProxy(server, "ada:pass");
      const host = tls === undefined ? "http://shop.test/rpc" : "https://localhost/rpc";
      const env = {
        HTTP_PROXY: `http://ada:pass@127.0.0.1:${proxy.port}`,
        HTTPS_PROXY: `http://ada:pass@127.0.0.1:${proxy.port}`,
      };
      const target = rpcUrl(host);
      const options = { caFile: made.authority.certFile, token: "secret" };
      const upstream = openUpstream(await connectServer(target, options, contextOf({ env })));
      for (let call = 0; call < 3; call++) {
        const { outcome } = await upstream.ask({ method: "m", params: [] }, {
          transport: "http",
          remote: "",
        });
        assert.deepEqual(outcome, { ok: true, value: 1, text: "1.0" });
      }
      upstream.close();
      assert.equal(server.requests.length, 3);
      // A kept tunnel carries all three calls; Deno keeps none.
      assert.deepEqual(
        proxy.requests.map(({ method, url }) => `${method} ${url}`),
        tls === undefined
          ? Array.from({ length: 3 }, () => "POST http://shop.test/rpc")
          : Array.from({ length: "Deno" in globalThis ? 3 : 1 }, () => "CONNECT localhost:443"),
      );
      if (tls === undefined) continue;
      assert.equal(server.requests[0]!.headers.authorization, "Bearer secret");
      assert.equal(server.requests[0]!.headers["proxy-authorization"], undefined);
    }
  },
);

test("connectServer() over TLS reports the fault of a certificate", {
  skip: opensslSkip,
}, async () => {
  await using made = await makeCertificates();
  await using server = await serveHttp((_, response) => void response.end(), made.selfSigned);
  const target = rpcUrl(server.url);
  const upstream = openUpstream(await connectServer(target, {}, contextOf()));
  const context = { transport: "http", remote: "" };
  const { broken } = await upstream.ask({ method: "m", params: [] }, context);
  assert.match(broken ?? "", /not signed by a trusted authority/);
  upstream.close();
});

test("connectServer() leaves no connection behind where a proxy does not answer", async () => {
  let isOpen = false;
  const proxy = net.createServer((socket) => {
    isOpen = true;
    socket.on("error", () => {}).on("data", () => {}).on("close", () => isOpen = false);
  });
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  const { port } = proxy.address() as net.AddressInfo;
  const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
  const server = await connectServer(
    rpcUrl("https://shop.test"),
    { timeoutMs: 200 },
    contextOf({ env }),
  );
  await assert.rejects(
    server.send({ method: "GET" }),
    (error) => error instanceof ToolError && error.code === "SERVER_TIMEOUT",
  );
  await waitUntil(() => !isOpen);
  server.close();
  proxy.close();
});
