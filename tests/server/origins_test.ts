import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { AllowedOrigins } from "../../lib/origins.ts";
import {
  jsonrpcProtocol,
  type MessageService,
  pyrpcProtocol,
  RpcDispatcher,
} from "../../lib/rpc/mod.ts";
import { decodeMsgpack, msgpackrpcProtocol } from "../../lib/rpc/msgpack/mod.ts";
import {
  listen,
  type Listener,
  listenHttp,
  type ListenOptions,
  parseListenUrl,
  responseStyleOf,
  serveMessages,
} from "../../lib/server/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

let calls = 0;

function makeService(protocol = pyrpcProtocol): MessageService {
  const dispatcher = new RpcDispatcher().addMethod(() => ++calls, "count");
  return { protocol, dispatcher };
}

const CALL = '{"jsonrpc":"2.0","id":1,"method":"count","params":[]}';

const at = (port: number | undefined) => ({ port: port!, host: "127.0.0.1" });

/** Sends bytes as they are and returns everything until the server closes. */
async function exchange(
  target: { port: number; host: string } | { path: string },
  text: string,
): Promise<string> {
  const socket = connect(target);
  const parts: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => parts.push(chunk));
  socket.on("error", () => undefined);
  socket.write(text);
  await once(socket, "close");
  return Buffer.concat(parts).toString("latin1");
}

function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): string {
  const all = { host: "localhost", connection: "close", ...headers };
  return [
    `${method} ${path} HTTP/1.1`,
    ...Object.entries(all).map(([name, value]) => `${name}: ${value}`),
    ...(body === "" ? [] : [`content-length: ${body.length}`]),
    "",
    body,
  ].join("\r\n");
}

const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

async function withListener(
  url: string,
  protocol: typeof pyrpcProtocol,
  options: Partial<ListenOptions>,
  use: (listener: Listener, refused: readonly string[]) => Promise<void>,
): Promise<void> {
  const refused: string[] = [];
  const listener = await listen(parseListenUrl(url), makeService(protocol), {
    document: () => "{}",
    onRefusedOrigin: (origin) => refused.push(origin),
    ...options,
  });
  try {
    await use(listener, refused);
  } finally {
    await listener.close();
  }
}

const PROTOCOLS = {
  pyrpc: pyrpcProtocol,
  jsonrpc: jsonrpcProtocol,
  msgpackrpc: msgpackrpcProtocol,
} as const;

function errorOf(protocol: keyof typeof PROTOCOLS, body: string): unknown {
  if (protocol !== "msgpackrpc") return JSON.parse(body).error.message;
  return (decodeMsgpack(Buffer.from(body, "latin1"), 10) as unknown[])[2];
}

describe("a request of a page that may not call is refused with 403 in the protocol's error shape", () => {
  for (const protocol of ["pyrpc", "jsonrpc", "msgpackrpc"] as const) {
    for (
      const [what, url, method, headers, body] of [
        ["POST", "http", "POST", {}, CALL],
        ["GET", "http", "GET", {}, ""],
        ["a preflight request", "http", "OPTIONS", { "access-control-request-method": "POST" }, ""],
        ["an upgrade", "ws", "GET", UPGRADE, ""],
      ] as const
    ) {
      it(`${protocol}: ${what}`, async () => {
        const path = url === "ws" ? "/ws" : "/rpc";
        const listenUrl = `${url}://127.0.0.1:0${path}`;
        await withListener(listenUrl, PROTOCOLS[protocol], {}, async ({ port }, refused) => {
          for (const origin of ["http://evil.example", "null"]) {
            const before = calls;
            const answer = await exchange(
              at(port),
              requestText(method, path, { origin, ...headers }, body),
            );
            const [head = "", text = ""] = answer.split("\r\n\r\n");
            assert.match(head, /^HTTP\/1\.1 403 /);
            assert.doesNotMatch(head, /access-control-allow-origin/i);
            assert.match(String(errorOf(protocol, text)), /Origin/);
            assert.equal(calls, before);
          }
          assert.deepEqual(refused, ["http://evil.example", "null"]);
        });
      });
    }
  }

  it("before its body is read", async () => {
    await withListener("http://127.0.0.1:0/rpc", pyrpcProtocol, {}, async ({ port }) => {
      const head = requestText("POST", "/rpc", {
        origin: "http://evil.example",
        "content-length": "1000000",
      });
      // The body never comes.
      assert.match(await exchange(at(port), head), /^HTTP\/1\.1 403 /);
    });
  });
});

describe("a page that may call reads the answer", () => {
  for (
    const [name, origins, origin, allowed] of [
      ["any", { policy: "any" }, "http://evil.example", "*"],
      ["any", { policy: "any" }, "null", "*"],
      ["loopback", undefined, "http://localhost:5173", "http://localhost:5173"],
      ["own", { policy: "own" }, "http://localhost", "http://localhost"],
      [
        "added",
        { policy: "own", added: ["https://app.example.com"] },
        "https://app.example.com",
        "https://app.example.com",
      ],
    ] as readonly (readonly [string, AllowedOrigins | undefined, string, string])[]
  ) {
    for (const adapter of ["asgi", "fastapi", "flask"] as const) {
      it(`${name}: ${origin} (${adapter})`, async () => {
        const options = { adapter, ...(origins === undefined ? {} : { origins }) };
        await withListener("http://127.0.0.1:0/rpc", pyrpcProtocol, options, async ({ port }) => {
          const rows = [
            ["POST", { "content-type": "application/json" }, CALL, 200],
            ["GET", {}, "", 200],
            ["OPTIONS", { "access-control-request-method": "POST" }, "", 204],
          ] as const;
          for (const [method, headers, body, status] of rows) {
            const answer = await exchange(
              at(port),
              requestText(method, "/rpc", { origin, ...headers }, body),
            );
            assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
            assert.equal(/^access-control-allow-origin: (.*)\r$/im.exec(answer)?.[1], allowed);
            assert.equal(/^vary: origin\r$/im.test(answer), allowed !== "*");
          }
        });
      });
    }
  }

  it("a request without Origin gets no allowed origin, and the answer has a Vary header", async () => {
    await withListener("http://127.0.0.1:0/rpc", pyrpcProtocol, {}, async ({ port }) => {
      const answer = await exchange(at(port), requestText("POST", "/rpc", {}, CALL));
      assert.match(answer, /^HTTP\/1\.1 200 /);
      assert.match(answer, /^vary: origin\r$/im);
      assert.doesNotMatch(answer, /access-control-allow-origin/i);
    });
  });
});

it("a name in the Host header is the server's own only if it is an address or was allowed (DNS rebinding)", async () => {
  const listenAt = (allowedHosts?: readonly string[]) =>
    listenHttp({
      host: "0.0.0.0",
      port: 0,
      responseStyle: responseStyleOf("asgi"),
      routes: [{ path: "/rpc", service: makeService() }],
      origins: { policy: "own" },
      ...(allowedHosts === undefined ? {} : { allowedHosts }),
    });
  const status = async ({ port }: Listener, host: string, origin?: string) => {
    const headers = { host, ...(origin === undefined ? {} : { origin }) };
    const answer = await exchange(at(port), requestText("POST", "/rpc", headers, CALL));
    return answer.slice(9, 12);
  };
  const open = await listenAt();
  try {
    assert.equal(await status(open, "evil.example:1"), "200", "no page sent it");
    assert.equal(await status(open, "evil.example:1", "http://evil.example:1"), "403");
    assert.equal(await status(open, "192.168.0.7:1", "http://192.168.0.7:1"), "200");
    assert.equal(await status(open, "[2001:db8::1]:1", "http://[2001:db8::1]:1"), "200");
  } finally {
    await open.close();
  }
  const named = await listenAt(["pc.lan"]);
  try {
    assert.equal(await status(named, "pc.lan:1", "http://pc.lan:1"), "200");
  } finally {
    await named.close();
  }
});

describe("two Host headers are answered with 400", () => {
  for (const [url, headers] of [["http", {}], ["ws", UPGRADE]] as const) {
    for (const second of ["evil.example", "localhost"]) {
      it(`${url}: localhost, then ${second}`, async () => {
        const path = url === "ws" ? "/ws" : "/rpc";
        await withListener(`${url}://127.0.0.1:0${path}`, pyrpcProtocol, {}, async ({ port }) => {
          const text = requestText(url === "ws" ? "GET" : "POST", path, headers, "");
          const twice = text.replace("\r\n", `\r\nHOST: ${second}\r\n`);
          assert.match(await exchange(at(port), twice), /^HTTP\/1\.1 400 /);
        });
      });
    }
  }
});

describe("a line-framed stream closes a connection that begins with an HTTP request, and runs nothing of it", () => {
  const BODIES = [`\n${CALL}\n`, `\r\n\r\n${CALL}\r\n`, `${CALL}\n`];
  const texts = BODIES.flatMap((body) => [
    requestText("POST", "/", { origin: "http://evil.example" }, body),
    `\r\n${requestText("GET", "/?x", {}, body)}`,
    requestText("OPTIONS", "*", {}, body).replaceAll("\r\n", "\n"),
  ]);
  for (const protocol of ["pyrpc", "jsonrpc"] as const) {
    it(`${protocol} over tcp and unix`, async () => {
      await using folder = await tempFolder();
      for (const url of ["tcp://127.0.0.1:0", `unix://${folder.at("rpc.sock")}`]) {
        await withListener(url, PROTOCOLS[protocol], {}, async ({ port }) => {
          const target = port === undefined ? { path: folder.at("rpc.sock") } : at(port);
          for (const text of texts) {
            const before = calls;
            assert.equal(await exchange(target, text), "");
            assert.equal(calls, before);
          }
          // In pieces, as a slow peer sends them.
          const socket = connect(target);
          const before = calls;
          socket.on("error", () => undefined);
          socket.resume();
          const closed = once(socket, "close");
          for (const char of `POST / HTTP/1.1\r\n\r\n${CALL}\n`) socket.write(char);
          await closed;
          assert.equal(calls, before);
        });
      }
    });

    it(`${protocol} over standard streams`, async () => {
      const stream = new PassThrough();
      const before = calls;
      const info = {
        transport: "stdio",
        remote: "",
        local: "",
        signal: new AbortController().signal,
      } as const;
      stream.write(texts[0]!);
      await serveMessages(makeService(PROTOCOLS[protocol]))(stream, info);
      assert.equal(calls, before);
    });
  }

  it("a line that is a call stays one, whatever stands in it", async () => {
    await withListener("tcp://127.0.0.1:0", jsonrpcProtocol, {}, async ({ port }) => {
      const socket = connect(port!, "127.0.0.1");
      const text = '{"jsonrpc":"2.0","id":"GET / HTTP/1.1","method":"count","params":[]}\n';
      socket.end(text);
      const [reply] = await once(socket, "data") as [Buffer];
      assert.match(String(reply), /"id":"GET \/ HTTP\/1\.1","result":\d+/);
      socket.destroy();
    });
  });
});
