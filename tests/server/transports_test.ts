import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { WebSocket } from "ws";
import {
  asgiResponseStyle,
  callbackTransport,
  type HttpOptions,
  listen,
  type Listener,
  listenHttp,
  listenStream,
  parseListenUrl,
  queuedTransport,
  RpcServer,
  serveMessages,
  spawnConcurrently,
  tokenAuthenticator,
} from "../../lib/server/mod.ts";
import {
  type Direction,
  jsonrpcProtocol,
  type MessageService,
  pyrpcProtocol,
  RpcDispatcher,
  tinyrpcJsonrpcProtocol,
} from "../../lib/rpc/mod.ts";
import { msgpackrpcProtocol } from "../../lib/rpc/msgpack/mod.ts";
import { waitUntil } from "../support/wait_until.ts";
import { tempFolder } from "../support/temp_folder.ts";

function makeDispatcher(): RpcDispatcher {
  return new RpcDispatcher()
    .addMethod((a: number, b: number) => a + b, "add")
    .addMethod((ms: number) => new Promise((done) => setTimeout(() => done(ms), ms)), "sleep");
}

function makeService(protocol = jsonrpcProtocol): MessageService {
  return { protocol, dispatcher: makeDispatcher() };
}

const ADD = '{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}';
const SUM = '{"jsonrpc":"2.0","id":1,"result":3}';

async function withHttp(
  options: Partial<HttpOptions>,
  run: (url: string, listener: Listener) => Promise<void>,
): Promise<void> {
  const listener = await listenHttp({
    host: "127.0.0.1",
    port: 0,
    responseStyle: asgiResponseStyle(),
    routes: [{ path: "/rpc", service: makeService(pyrpcProtocol) }],
    ...options,
  });
  try {
    await run(listener.url, listener);
  } finally {
    await listener.close();
  }
}

async function talk(socket: Socket, bytes: string | Uint8Array): Promise<string> {
  const parts: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => parts.push(chunk));
  socket.on("error", () => undefined);
  const closed = once(socket, "close");
  socket.end(bytes);
  await closed;
  return Buffer.concat(parts).toString("latin1");
}

const CALL = '{"id":1,"method":"add","params":[1,2]}';

describe("HTTP is bounded", () => {
  it("answers 413 to a body over the limit, with a length and in chunks", async () => {
    await withHttp({ limits: { maxBody: 1000 } }, async (url) => {
      const body = JSON.stringify({ id: 1, method: "add", params: ["x".repeat(1000)] });
      assert.equal((await fetch(url, { method: "POST", body })).status, 413);
      const chunked = request(url, { method: "POST" });
      chunked.on("error", () => undefined);
      const answered = once(chunked, "response");
      chunked.write("x".repeat(600));
      chunked.write("x".repeat(600));
      const [response] = await answered;
      assert.equal(response.statusCode, 413);
      chunked.destroy();
    });
  });

  it("accepts chunked bodies and rejects compressed ones by name", async () => {
    await withHttp({}, async (url) => {
      const chunked = request(url, { method: "POST" });
      chunked.write(CALL.slice(0, 10));
      chunked.end(CALL.slice(10));
      const [response] = await once(chunked, "response");
      assert.equal(response.statusCode, 200);
      response.resume();
      const packed = await fetch(url, {
        method: "POST",
        body: CALL,
        headers: { "content-encoding": "gzip" },
      });
      assert.equal(packed.status, 415);
      assert.match(await packed.text(), /gzip/);
    });
  });

  it("closes a connection whose headers or body do not come", async () => {
    await withHttp(
      { limits: { headersTimeout: 200, requestTimeout: 300 } },
      async (_, { port }) => {
        for (
          const half of [
            "POST /rpc HTTP/1.1\r\nHost: localh",
            "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{",
          ]
        ) {
          const socket = connect(port!, "127.0.0.1");
          socket.on("error", () => undefined);
          socket.write(half);
          socket.resume();
          await once(socket, "close");
        }
      },
    );
  });

  it("answers a foreign Host and a missing token with an error of its own", async () => {
    const status = (url: string, headers: Record<string, string>) =>
      new Promise<number>((done, fail) => {
        const asking = request(url, { method: "POST", headers }, (response) => {
          response.resume();
          done(response.statusCode ?? 0);
        });
        asking.on("error", fail);
        asking.end(CALL);
      });
    await withHttp({}, async (url) => {
      assert.equal(await status(url, { host: "evil.example.com" }), 403);
      assert.equal(await status(url, { host: "LOCALHOST:1" }), 200);
    });
    await withHttp({ authenticator: tokenAuthenticator("secret") }, async (url) => {
      assert.equal(await status(url, {}), 401);
      assert.equal(await status(url, { authorization: "Bearer secre" }), 401);
      assert.equal(await status(url, { authorization: "Bearer secret" }), 200);
      // The password that a browser asks for, to open the explorer.
      assert.equal(await status(url, { authorization: `Basic ${btoa("me:secret")}` }), 200);
      assert.equal(await status(url, { authorization: `Basic ${btoa("secret:")}` }), 401);
    });
  });

  for (const grace of [5000, 0]) {
    it(`has answered every call that it ran before it closes, ${grace} ms later at most`, async () => {
      let ran = 0;
      let close: (() => Promise<void>) | undefined;
      let closing: Promise<void> | undefined;
      const dispatcher = new RpcDispatcher().addMethod(() => {
        // In the middle of those that are ready in one turn.
        if (++ran === 20) closing = close?.();
        return ran;
      }, "count");
      const routes = [{ path: "/rpc", service: { protocol: pyrpcProtocol, dispatcher } }];
      await withHttp({ routes }, async (_url, listener) => {
        close = () => listener.close(grace);
        const sockets = await Promise.all(Array.from({ length: 40 }, async () => {
          const socket = connect(listener.port!, "127.0.0.1");
          await once(socket, "connect");
          return socket;
        }));
        const call = '{"id":1,"method":"count","params":[]}';
        const head = `POST /rpc HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n`;
        const request = `${head}content-length: ${call.length}\r\n\r\n${call}`;
        const answers = await Promise.all(sockets.map((socket) =>
          new Promise<string>((resolve) => {
            let answer = "";
            socket.on("data", (chunk: Buffer) => answer += chunk.toString("latin1"));
            // The server no longer reads from this client, which may get a connection reset.
            socket.on("error", () => undefined);
            socket.on("close", () => resolve(answer));
            socket.write(request);
          })
        ));
        assert.ok(closing);
        await closing;
        const results = answers.flatMap((answer) => /"result":(\d+)/.exec(answer)?.[1] ?? []);
        assert.deepEqual(
          results.map(Number).sort((a, b) => a - b),
          Array.from({ length: ran }, (_, index) => index + 1),
        );
      });
    });
  }

  it("lets running calls end before it closes, but not for ever", async () => {
    for (const [ms, grace, wanted] of [[100, 2000, 200], [3000, 50, undefined]] as const) {
      await withHttp({}, async (url, listener) => {
        const body = JSON.stringify({ id: 1, method: "sleep", params: [ms] });
        const asking = fetch(url, { method: "POST", body }).then(
          ({ status }) => status,
          () => undefined,
        );
        await new Promise((done) => setTimeout(done, 30));
        await listener.close(grace);
        assert.equal(await asking, wanted);
      });
    }
  });
});

describe("streams carry framed messages", () => {
  it("TCP: lines, in pieces and several at once; blank lines mean nothing", async () => {
    const listener = await listen(
      { transport: "tcp", host: "127.0.0.1", port: 0 },
      makeService(),
      {},
    );
    const socket = connect(listener.port!, "127.0.0.1");
    socket.write(`${ADD}\r\n\n${ADD.slice(0, 9)}`);
    assert.equal(
      await talk(socket, `${ADD.slice(9)}\n{bad\n${ADD}`),
      [
        SUM,
        SUM,
        '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}',
        SUM,
        "",
      ].join("\n"),
    );
    await listener.close();
  });

  it("TCP: who goes while an authenticator waits, or makes it fail, is refused", async () => {
    const events: string[] = [];
    let asked = 0;
    const listener = await listenStream(
      { host: "127.0.0.1", port: 0 },
      serveMessages(makeService()),
      {
        authenticator: {
          challenge: "",
          authenticate: () => undefined,
          authenticateConnection(connection) {
            if (asked++ > 0) return Promise.reject(new Error("no database"));
            connection.resume();
            return new Promise(() => {});
          },
        },
        onConnection: (event) => events.push(event),
      },
    );
    for (const wanted of [1, 2]) {
      const socket = connect(listener.port!, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.end();
      await waitUntil(() => events.length === wanted);
    }
    assert.deepEqual(events, ["refused", "refused"]);
    await listener.close();
  });

  it("TCP: a connection beyond the maximum is dropped and logged, and accepted after one has closed", async () => {
    const events: string[] = [];
    const listener = await listenStream(
      { host: "127.0.0.1", port: 0 },
      serveMessages(makeService()),
      { maxConnections: 1, onConnection: (event) => events.push(event) },
    );
    const first = connect(listener.port!, "127.0.0.1");
    await waitUntil(() => events.length === 1);
    const second = connect(listener.port!, "127.0.0.1");
    second.on("error", () => {});
    second.resume();
    await once(second, "close");
    first.destroy();
    await waitUntil(() => events.length === 3);
    assert.equal(await talk(connect(listener.port!, "127.0.0.1"), `${ADD}\n`), `${SUM}\n`);
    await listener.close();
    assert.deepEqual(events, ["accepted", "dropped", "closed", "accepted", "closed"]);
  });

  it("TCP: lengths; a message that is too large is answered, and the connection closed", async () => {
    const service = makeService(msgpackrpcProtocol);
    const listener = await listenStream(
      { host: "127.0.0.1", port: 0 },
      serveMessages(service, { maxMessage: 50, framing: "length" }),
      { halfOpen: true },
    );
    const message = Buffer.from("0000000b940001a3616464920102", "hex");
    message[3] = message.length - 4;
    const good = await talk(connect(listener.port!, "127.0.0.1"), message);
    assert.equal(Buffer.from(good, "latin1").toString("hex"), "00000005940101c003");
    const bad = await talk(connect(listener.port!, "127.0.0.1"), Buffer.from("7fffffff", "hex"));
    assert.match(bad, /Invalid request/);
    await listener.close();
  });

  it("TCP: calls that a client sent before it closed its side are answered, whatever the listener does", async () => {
    const listener = await listenStream(
      { host: "127.0.0.1", port: 0 },
      serveMessages(makeService()),
    );
    const socket = connect({ port: listener.port!, host: "127.0.0.1", allowHalfOpen: true });
    const slow = '{"jsonrpc":"2.0","id":1,"method":"sleep","params":[50]}';
    assert.equal(
      await talk(socket, `${slow}\n${ADD}\n`),
      `${SUM}\n{"jsonrpc":"2.0","id":1,"result":50}\n`,
    );
    await listener.close();
  });

  it("a Unix socket, also where a dead server left its own", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "rpc.sock");
    for (let round = 0; round < 2; round++) {
      const listener = await listen({ transport: "unix", path }, makeService(), {});
      assert.equal(await talk(connect(path), `${ADD}\n`), `${SUM}\n`);
      await assert.rejects(listen({ transport: "unix", path }, makeService(), {}), /already/);
      // Moved away, the server cannot remove it: the second round finds what a killed server leaves.
      if (round === 0) await rename(path, `${path}.moved`);
      await listener.close();
      if (round === 0) await rename(`${path}.moved`, path);
    }
  });

  it("a Unix socket never replaces a file of the user", async () => {
    await using folder = await tempFolder({ "notes.db": "precious" });
    const path = folder.at("notes.db");
    await assert.rejects(listen({ transport: "unix", path }, makeService(), {}), /already/);
    assert.equal(await readFile(path, "utf8"), "precious");
  });

  it("standard input and output, until the input ends", async () => {
    const input = new PassThrough();
    let output = "";
    const listener = await listen({ transport: "stdio" }, makeService(), {
      stdio: { input, output: { write: (bytes) => void (output += Buffer.from(bytes)) } },
    });
    input.end(`${ADD}\n${ADD}\n`);
    await listener.ended;
    assert.equal(output, `${SUM}\n${SUM}\n`);
  });

  it("a stopping server ends idle connections at once and a running call's after its reply", async () => {
    const listener = await listen(
      { transport: "tcp", host: "127.0.0.1", port: 0 },
      makeService(),
      {},
    );
    const idle = connect(listener.port!, "127.0.0.1");
    const busy = connect(listener.port!, "127.0.0.1");
    let reply = "";
    busy.on("data", (chunk) => reply += String(chunk));
    idle.resume();
    busy.write('{"jsonrpc":"2.0","id":1,"method":"sleep","params":[100]}\n');
    await new Promise((done) => setTimeout(done, 40));
    await Promise.all([once(idle, "close"), once(busy, "close"), listener.close(2000)]);
    assert.match(reply, /"result":100/);
  });
});

describe("WebSocket", () => {
  it("answers calls as they finish, text for JSON, an empty message for a notification of tinyrpc's clients; GET / reports that it is ready", async () => {
    const listener = await listen(
      { transport: "ws", host: "127.0.0.1", port: 0, path: "/ws" },
      makeService(tinyrpcJsonrpcProtocol),
      {},
    );
    const page = await fetch(`http://127.0.0.1:${listener.port}/`);
    assert.equal(await page.text(), "Ready for WebSocket connection in /ws");
    const socket = new WebSocket(`ws://127.0.0.1:${listener.port}/ws`);
    await once(socket, "open");
    const replies: string[] = [];
    const all = new Promise<void>((done) => {
      socket.on("message", (data, isBinary) => {
        replies.push(isBinary ? "binary" : String(data));
        if (replies.length === 3) done();
      });
    });
    socket.send('{"jsonrpc":"2.0","id":7,"method":"sleep","params":[30]}');
    socket.send(Buffer.from(ADD));
    socket.send('{"jsonrpc":"2.0","method":"add","params":[1,2]}');
    await all;
    assert.deepEqual(replies, [SUM, "", '{"jsonrpc":"2.0","id":7,"result":30}']);
    socket.terminate();
    await listener.close();
  });
});

describe("ZeroMQ", () => {
  it("speaks ZMTP 3.1 as libzmq's ROUTER does, byte for byte", async () => {
    const service = makeService();
    const listener = await listen({ transport: "zmq", host: "127.0.0.1", port: 0 }, service, {});
    const socket = connect(listener.port!, "127.0.0.1");
    const client = Buffer.concat([
      Buffer.from("ff00000000000000017f03014e554c4c".padEnd(128, "0"), "hex"),
      Buffer.from(
        "04260552454144590b536f636b65742d5479706500000003524551084964656e7469747900000000",
        "hex",
      ),
      Buffer.from("0407", "hex"),
      Buffer.from("\x04PING\x00\x00", "latin1"),
      Buffer.from([1, 0, 0, ADD.length]),
      Buffer.from(ADD),
    ]);
    // In pieces, as a network may bring it.
    for (let at = 0; at < client.length; at += 7) {
      socket.write(client.subarray(at, at + 7));
    }
    let got = Buffer.alloc(0);
    const greeting = "ff00000000000000017f03014e554c4c".padEnd(128, "0");
    const ready =
      "04290552454144590b536f636b65742d5479706500000006524f55544552084964656e7469747900000000";
    const wanted = Buffer.concat([
      Buffer.from(greeting + ready, "hex"),
      Buffer.from("\x04\x05\x04PONG", "latin1"),
      Buffer.from([1, 0, 0, SUM.length]),
      Buffer.from(SUM),
    ]);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      got = Buffer.concat([got, chunk]);
      if (got.length >= wanted.length) break;
    }
    assert.equal(got.toString("hex"), wanted.toString("hex"));
    await listener.close();
  });

  it("closes a connection that speaks something else", async () => {
    const listener = await listen(
      { transport: "zmq", host: "127.0.0.1", port: 0 },
      makeService(),
      {},
    );
    await talk(connect(listener.port!, "127.0.0.1"), `GET / HTTP/1.1\r\n\r\n${"x".repeat(100)}`);
    await listener.close();
  });
});

describe("RpcServer joins a transport, a protocol and a dispatcher", () => {
  it("serves any listener, traces raw bytes both ways, <-- after the reply was sent", async () => {
    const transport = await queuedTransport(
      jsonrpcProtocol,
      (service) => listenStream({ host: "127.0.0.1", port: 0 }, serveMessages(service)),
    );
    const server = new RpcServer(transport, jsonrpcProtocol, makeDispatcher());
    const seen: [Direction, string][] = [];
    server.trace = (direction, _context, message) => {
      seen.push([direction, Buffer.from(message).toString()]);
      throw new Error("a failing trace harms no request");
    };
    const serving = server.serveForever();
    const notification = '{"jsonrpc":"2.0","method":"add","params":[1,2]}';
    const socket = connect(transport.listener.port!, "127.0.0.1");
    assert.equal(await talk(socket, `${ADD}\n${notification}\n`), `${SUM}\n`);
    await server.stop();
    await serving;
    assert.deepEqual(seen, [["-->", ADD], ["<--", SUM], ["-->", notification]]);
  });

  it("runs one after the other, or beside one another when spawn is replaced", async () => {
    for (const [concurrent, wanted] of [[false, [60, 1]], [true, [1, 60]]] as const) {
      const messages = [60, 1].map((ms) => ({
        jsonrpc: "2.0",
        id: ms,
        method: "sleep",
        params: [ms],
      }));
      const order: number[] = [];
      const transport = callbackTransport(
        () => {
          const next = messages.shift();
          return next === undefined ? undefined : Buffer.from(JSON.stringify(next));
        },
        (reply) => void order.push((JSON.parse(reply as string) as { result: number }).result),
      );
      const server = new RpcServer(transport, jsonrpcProtocol, makeDispatcher());
      if (concurrent) server.spawn = spawnConcurrently;
      await server.serveForever();
      assert.deepEqual(order, wanted);
    }
  });

  it("receiveOneMessage() reads one message and no more", async () => {
    const replies: unknown[] = [];
    const server = new RpcServer(
      callbackTransport(() => Buffer.from(ADD), (reply) => void replies.push(reply)),
      jsonrpcProtocol,
      makeDispatcher(),
    );
    assert.equal(await server.receiveOneMessage(), true);
    assert.deepEqual(replies, [SUM]);
  });
});

describe("parseListenUrl()", () => {
  const rows: readonly (readonly [string, unknown])[] = [
    ["http://127.0.0.1:80/api", { transport: "http", host: "127.0.0.1", port: 80, path: "/api" }],
    ["http://[::1]:8000", { transport: "http", host: "::1", port: 8000, path: "/rpc" }],
    ["ws://localhost:0/", { transport: "ws", host: "localhost", port: 0, path: "/ws" }],
    ["tcp://0.0.0.0:4000?framing=length", {
      transport: "tcp",
      host: "0.0.0.0",
      port: 4000,
      framing: "length",
    }],
    ["unix:///tmp/a%20b.sock", { transport: "unix", path: "/tmp/a b.sock" }],
    ["unix:/tmp/x.sock", { transport: "unix", path: "/tmp/x.sock" }],
    ["zmq://127.0.0.1:5555", { transport: "zmq", host: "127.0.0.1", port: 5555 }],
    ["stdio:", { transport: "stdio" }],
  ];
  for (const [url, wanted] of rows) {
    it(url, () => assert.deepEqual(parseListenUrl(url), wanted));
  }
  for (
    const url of ["", "tcp://host", "ftp://a:1", "tcp://a:99999", "tcp://a:1?framing=x", "unix:"]
  ) {
    it(`refuses "${url}"`, () => assert.throws(() => parseListenUrl(url), /Cannot listen/));
  }
});
