import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { connectServer, type HttpOptions } from "../../lib/http/mod.ts";
import { openUpstream as open, type Upstream, type UpstreamAnswer } from "../../lib/proxy/mod.ts";
import { rpcUrl } from "../../lib/rpc_url.ts";
import type { CallContext } from "../../lib/rpc/mod.ts";
import { waitUntil } from "../support/wait_until.ts";

const CONTEXT: CallContext = { transport: "http", remote: "" };

/** A server of raw bytes; `answer` is called for each request with its number and that of its connection. */
async function rawServer(
  answer: (socket: Socket, body: string, request: number, connection: number) => void,
): Promise<{ readonly url: URL; readonly server: Server; connections: number } & AsyncDisposable> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const connection = ++raw.connections;
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (;;) {
        const [head, length] = /^.*?content-length: (\d+)\r\n.*?\r\n\r\n/is.exec(text) ?? [];
        if (head === undefined || text.length < head.length + Number(length)) return;
        const body = text.slice(head.length, head.length + Number(length));
        text = text.slice(head.length + Number(length));
        answer(socket, body, ++requests, connection);
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const raw = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/rpc`),
    server,
    connections: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
  return raw;
}

function http(body: string, more = ""): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
}

function result(value: unknown): string {
  return JSON.stringify({ id: 1, result: value, error: null });
}

function ask(upstream: Upstream, params: readonly unknown[] = [1]) {
  return upstream.ask({ method: "m", params: params as number[] }, CONTEXT);
}

// Deno's `node:http` repeats a request by itself if a kept connection turns out to be closed.
const keepsConnections = !("Deno" in globalThis);
const CLOSED =
  /closed the connection before its answer was complete. The call may have been executed$/;

function valueOf({ outcome, broken }: UpstreamAnswer): unknown {
  return outcome.ok ? outcome.value : broken ?? outcome.fault.message;
}

async function openUpstream(url: URL, options: HttpOptions = {}): Promise<Upstream> {
  return open(await connectServer(rpcUrl(url.href), options, { cwd: ".", env: {} }));
}

describe("openUpstream()", () => {
  it("keeps connections, one for each call under way, and accepts text that is not ASCII", async () => {
    await using server = await rawServer((socket, body, request) => {
      const { params } = JSON.parse(Buffer.from(body, "latin1").toString());
      setTimeout(() => socket.write(http(result(params[0]))), request === 1 ? 20 : 0);
    });
    const upstream = await openUpstream(server.url);
    const both = await Promise.all([ask(upstream), ask(upstream, ["é€😀"])]);
    assert.deepEqual(both.map(valueOf), [1, "é€😀"]);
    for (let call = 0; call < 5; call++) assert.equal(valueOf(await ask(upstream)), 1);
    assert.equal(server.connections, keepsConnections ? 2 : 7);
    upstream.close();
  });

  it("has no more than 256 connections at a time: the others wait", async () => {
    let open = 0;
    let most = 0;
    await using server = await rawServer((socket) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        socket.write(http(result(1)));
      }, 5);
    });
    const upstream = await openUpstream(server.url);
    const answers = await Promise.all(Array.from({ length: 400 }, () => ask(upstream)));
    assert.ok(answers.every((answer) => valueOf(answer) === 1));
    assert.ok(most <= 256, `${most}`);
    upstream.close();
  });

  it("hands message and result on as they were written, in every server's way of writing", async () => {
    const ways = [
      '{"id":1,"result":2.0,"error":null}',
      '{"id": 1, "result": 2.0, "error": null}',
      '{"error":null,"id":1,"result":2.0}\n',
      '{"id":"a","result":12345678901234567890,"error":null}',
      '{"id":1,"result":2.0, "error":null}',
      '{\n  "result": 2.0\n}',
    ];
    const seen: string[] = [];
    await using server = await rawServer((socket, body, request) => {
      seen.push(body);
      socket.write(http(ways[request - 1]!));
    });
    const upstream = await openUpstream(server.url);
    const message = '{"id": 1, "method": "m", "params": [1.0]}';
    const call = { method: "m", params: [1], message: Buffer.from(message) };
    for (const text of ["2.0", "2.0", "2.0", "12345678901234567890", "2.0", "2.0"]) {
      const { outcome } = await upstream.ask(call, CONTEXT);
      assert.ok(outcome.ok);
      assert.equal(outcome.text, text);
      assert.equal(outcome.value, text.startsWith("1") ? 12345678901234567890n : 2);
    }
    assert.ok(seen.every((body) => body === message));
    upstream.close();
  });

  it("reads an envelope that only looks like one whole", async () => {
    const malformed = [
      ['{"id":1,"result":1,"result":2,"error":null}', 2],
      [`{"id":1,"result":{"a":",\\"error\\":null}"},"error":null}`, { a: ',"error":null}' }],
      ['{"id":1,"result":null,"error":{"code":1,"message":"no"},"error":null}', null],
      ['{"id":1,"result":1,"error":null}x', "the upstream server answered 200 with invalid JSON"],
      ["[1]", "the upstream server answered 200 with JSON that is not an object"],
      ['{"id":1}', "the upstream server answered 200 with JSON without result or error"],
      ['{"id":1,"result":null,"error":{"code":7,"message":"no"}}', "no"],
    ] as const;
    await using server = await rawServer((socket, _, request) => {
      socket.write(http(malformed[request - 1]![0]));
    });
    const upstream = await openUpstream(server.url);
    for (const [, want] of malformed) assert.deepEqual(valueOf(await ask(upstream)), want);
    upstream.close();
  });

  it("forwards who calls, and nothing of the connection; its own headers go before", async () => {
    let head = "";
    await using server = await rawServer(() => undefined);
    server.server.on("connection", (socket) =>
      socket.once("data", (chunk: Buffer) => {
        head = chunk.toString();
        socket.write(http(result(1)));
      }));
    const upstream = await openUpstream(server.url, {
      headers: [["authorization", "Bearer own"]],
    });
    const headers = {
      authorization: "Bearer theirs",
      cookie: "a=b",
      "x-tenant": "t",
      "x-pyrpc-mock": "seed=1",
      "content-length": "7",
      host: "elsewhere",
      "accept-encoding": "gzip",
    };
    await upstream.ask({ method: "m", params: null }, { ...CONTEXT, headers });
    assert.deepEqual(
      head.split("\r\n\r\n")[0]!.split("\r\n").map((line) => line.toLowerCase()).sort(),
      [
        "accept-encoding: identity",
        "accept: application/json",
        "authorization: bearer own",
        `connection: ${keepsConnections ? "keep-alive" : "close"}`,
        "content-length: 21",
        "content-type: application/json",
        "cookie: a=b",
        `host: ${server.url.host}`,
        "post /rpc http/1.1",
        "x-tenant: t",
      ],
    );
    upstream.close();
  });

  const broken: readonly (readonly [string, string | undefined, RegExp])[] = [
    ["dies", undefined, CLOSED],
    ["dies within its answer", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", CLOSED],
    ["dies within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{", CLOSED],
    // An engine accepts the answer or refuses it; the rest is not taken for the next one.
    ["answers more than its Content-Length", `${http(result(1))}more`, /^1$|does not speak HTTP/],
    [
      "answers less than its Content-Length",
      http(result(1)).replace(/: \d+/, ": 20"),
      /is no JSON|does not speak HTTP/,
    ],
    ["answers something else", "hello\r\n\r\n", /does not speak HTTP/],
  ];
  for (const [what, bytes, problem] of broken) {
    it(`reports a server that ${what}, and asks it again the next time`, async () => {
      await using server = await rawServer((socket, _, request) => {
        if (request === 2) socket.write(http(result(2)));
        else if (bytes === undefined) socket.destroy();
        else socket.end(bytes);
      });
      const upstream = await openUpstream(server.url);
      assert.match(String(valueOf(await ask(upstream))), problem);
      assert.equal(valueOf(await ask(upstream)), 2);
      upstream.close();
    });
  }

  it("times out on a server that hangs, drips, or streams for ever", async () => {
    const timers = new Set<ReturnType<typeof setInterval>>();
    await using server = await rawServer((socket, _, request) => {
      if (request === 1) return;
      socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const chunk = request === 2 ? "1\r\nx\r\n" : `10000\r\n${"x".repeat(65536)}\r\n`;
      const timer = setInterval(() => socket.write(chunk), 1);
      timers.add(timer);
      socket.on("close", () => clearInterval(timer));
    });
    const upstream = await openUpstream(server.url, { timeoutMs: 100, maxBytes: 200_000 });
    assert.match(
      String(valueOf(await ask(upstream))),
      /No complete answer within 0.1 s. The call may have been executed/,
    );
    assert.match(
      String(valueOf(await ask(upstream))),
      /No complete answer within 0.1 s. The call may have been executed/,
    );
    const patient = await openUpstream(server.url, { timeoutMs: 20_000, maxBytes: 200_000 });
    assert.match(String(valueOf(await ask(patient))), /larger than 195.3 KiB/);
    upstream.close();
    patient.close();
    for (const timer of timers) clearInterval(timer);
  });

  it("reports that nothing listens", async () => {
    const server = await rawServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const upstream = await openUpstream(server.url);
    assert.match(String(valueOf(await ask(upstream))), /Connection refused/);
    upstream.close();
  });

  it("passes over a connection that the server closed while it was idle", async () => {
    await using server = await rawServer((socket, _, request) => {
      socket.write(http(result(request)));
      // After the answer was read, so that the end comes to an idle connection.
      setTimeout(() => socket.end(), 5);
    });
    const upstream = await openUpstream(server.url);
    for (let call = 1; call <= 3; call++) {
      assert.equal(valueOf(await ask(upstream)), call);
      await new Promise((done) => setTimeout(done, 30));
    }
    assert.equal(server.connections, 3);
    upstream.close();
  });

  it("never repeats a request: a kept connection that ends with the call fails it", async () => {
    const seen: number[] = [];
    await using server = await rawServer((socket, body, request) => {
      seen.push(JSON.parse(body).params[0]);
      if (request === 2) socket.destroy();
      else socket.write(http(result(request)));
    });
    const upstream = await openUpstream(server.url);
    assert.equal(valueOf(await ask(upstream, [1])), 1);
    assert.match(String(valueOf(await ask(upstream, [2]))), CLOSED);
    assert.equal(valueOf(await ask(upstream, [3])), 3);
    assert.deepEqual(seen, [1, 2, 3]);
    upstream.close();
  });

  // The server closes each connection so long after its answer, the caller waits as long between two calls.
  for (const [closesAfter, pause] of [[0, 0], [0, 1], [5, 5], [20, 20], [20, 3]] as const) {
    const when = `closes a connection after ${closesAfter} ms, with ${pause} ms between calls`;
    it(`fails at most one call and sends none twice where the server ${when}`, async () => {
      const seen: number[] = [];
      await using server = await rawServer((socket, body) => {
        seen.push(JSON.parse(body).params[0]);
        const close = () => socket.end();
        socket.write(
          http(result(1)),
          () => closesAfter === 0 ? close() : setTimeout(close, closesAfter),
        );
      });
      const upstream = await openUpstream(server.url);
      const failures: unknown[] = [];
      for (let call = 0; call < 60; call++) {
        const value = valueOf(await ask(upstream, [call]));
        if (value !== 1) failures.push(value);
        await new Promise((done) => setTimeout(done, pause));
      }
      upstream.close();
      assert.ok(failures.length <= 1, failures.join("\n"));
      for (const failure of failures) assert.match(String(failure), CLOSED);
      assert.deepEqual([...new Set(seen)], seen);
    });
  }

  it("closes an idle connection", async () => {
    let closed = 0;
    await using server = await rawServer((socket) => socket.write(http(result(1))));
    server.server.on("connection", (socket) => socket.on("end", () => closed++));
    const upstream = await openUpstream(server.url);
    assert.equal(valueOf(await ask(upstream)), 1);
    await waitUntil(() => closed === 1);
    assert.equal(valueOf(await ask(upstream)), 1);
    upstream.close();
  });

  it("decodes an answer that is compressed, and passes its bytes on as they are", async () => {
    const text = '{"id": 1, "result": {"a": 2.0, "é": "\\u00e9"}, "error": null}';
    const encoded: readonly (readonly [string, Buffer])[] = [
      ["gzip", gzipSync(text)],
      ["deflate", deflateSync(text)],
      ["br", brotliCompressSync(text)],
      ["identity", Buffer.from(text)],
    ];
    await using server = await rawServer((socket, _, request) => {
      const [name, bytes] = encoded[request - 1]!;
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Encoding: ${name}\r\nContent-Length: ${bytes.length}\r\n\r\n`,
      );
      socket.write(bytes);
    });
    const upstream = await openUpstream(server.url);
    for (const [name] of encoded) {
      const { outcome } = await ask(upstream);
      assert.equal(outcome.ok && outcome.text, '{"a": 2.0, "é": "\\u00e9"}', name);
    }
    upstream.close();
  });

  it("names an encoding that it cannot decode", async () => {
    const answers = [
      ["zstd", result(1), /sent an unusable answer: .*Content-Encoding is "zstd"/],
      ["gzip", result(1), /sent an unusable answer: .*not valid gzip/],
    ] as const;
    await using server = await rawServer((socket, _, request) => {
      const [name, body] = answers[request - 1]!;
      socket.write(http(body, `Content-Encoding: ${name}\r\n`));
    });
    const upstream = await openUpstream(server.url);
    for (const [, , problem] of answers) {
      assert.match(String(valueOf(await ask(upstream))), problem);
    }
    upstream.close();
  });

  it("closes a connection that answers before it was asked", async () => {
    await using server = await rawServer((socket, _, request) => {
      socket.write(http(result(request)));
      setTimeout(() => socket.write(http(result("of no call"))), 5);
    });
    const upstream = await openUpstream(server.url);
    assert.equal(valueOf(await ask(upstream)), 1);
    await new Promise((done) => setTimeout(done, 40));
    assert.equal(valueOf(await ask(upstream)), 2);
    assert.equal(server.connections, 2);
    upstream.close();
  });

  it("sends a call of some megabytes", async () => {
    await using server = await rawServer((socket, body) => socket.write(http(result(body.length))));
    const upstream = await openUpstream(server.url);
    const text = "aé".repeat(2_000_000);
    // More than a socket takes at once, also while others are under way.
    const calls = [text, "x", text, "y".repeat(5_000_000)];
    const lengths = await Promise.all(
      calls.map(async (each) => valueOf(await ask(upstream, [each]))),
    );
    assert.deepEqual(
      lengths,
      calls.map((each) =>
        Buffer.byteLength(JSON.stringify({ id: 1, method: "m", params: [each] }))
      ),
    );
    assert.equal(valueOf(await ask(upstream, ["x"])), lengths[1]);
    upstream.close();
  });

  it("reads an answer of some megabytes", async () => {
    const text = "aé".repeat(1_000_000);
    await using server = await rawServer((socket) => socket.write(http(result(text))));
    const upstream = await openUpstream(server.url);
    assert.equal(valueOf(await ask(upstream)), text);
    assert.equal(valueOf(await ask(upstream)), text);
    upstream.close();
  });

  it("rejects pending calls when it is closed", async () => {
    await using server = await rawServer(() => undefined);
    const upstream = await openUpstream(server.url);
    const waiting = ask(upstream);
    upstream.close();
    assert.match(String(valueOf(await waiting)), /The request was aborted/);
    assert.match(String(valueOf(await ask(upstream))), /The request was aborted/);
  });
});
