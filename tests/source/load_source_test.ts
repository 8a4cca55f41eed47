import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import process from "node:process";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { ExitCode, ToolError } from "../../lib/errors.ts";
import {
  type LoadContext,
  type LoadOptions,
  loadSource,
  loadSourceIfChanged,
} from "../../lib/source/mod.ts";
import { freePort } from "../support/free_port.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { contextOf } from "../support/load_context.ts";
import { serveHttp, serveRaw } from "../support/http_server.ts";
import { TINY, TINY_TEXT } from "../support/tiny_contract.ts";

async function refusal(
  source: string,
  options: LoadOptions = {},
  context: Partial<LoadContext> = {},
): Promise<ToolError> {
  try {
    await loadSource(source, options, contextOf(context));
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  assert.fail(`${source} was accepted`);
}

/** Everything that a user would see. */
function textOf(error: ToolError): string {
  return [error.message, error.where, ...error.details, ...error.fix, error.position?.text].join(
    "\n",
  );
}

test("loadSource() reads a file, with both key variants and a byte order mark", async () => {
  await using folder = await tempFolder({
    "live.json": TINY_TEXT,
    "pulled.json": `\ufeff${TINY_TEXT.replaceAll('"schema_"', '"schema"')}`,
  });
  for (const name of ["live.json", "pulled.json"]) {
    const loaded = await loadSource(name, {}, contextOf({ cwd: folder.path }));
    assert.equal(loaded.kind, "file");
    assert.equal(loaded.where, folder.at(name));
    assert.deepEqual(loaded.contract.procedures.get("add")?.parameters[0]?.schema, {
      type: "integer",
    });
  }
});

test("loadSource() reads standard input", async () => {
  const stdin = { readAll: () => Promise.resolve(Buffer.from(TINY_TEXT)) };
  const loaded = await loadSource("-", {}, contextOf({ stdin }));
  assert.equal(loaded.kind, "stdin");
  assert.equal(loaded.where, "standard input");
  assert.deepEqual(loaded.contract.document, TINY);
});

test("loadSource() bounds files and standard input", async () => {
  await using folder = await tempFolder({ "big.json": `{"a":"${"x".repeat(2000)}"}` });
  const file = await refusal("big.json", { maxBytes: 1000 }, { cwd: folder.path });
  assert.equal(file.code, "SOURCE_TOO_LARGE");
  assert.equal(file.exitCode, ExitCode.Config);
  const readAll = () => Promise.reject(new RangeError("too much"));
  assert.equal((await refusal("-", {}, { stdin: { readAll } })).code, "SOURCE_TOO_LARGE");
});

test("loadSource() reports standard input that cannot be opened", async () => {
  const unreadable = Object.assign(new Error("EBADF: bad file descriptor, open"), {
    code: "EBADF",
  });
  const { code, exitCode } = await refusal("-", {}, {
    stdin: { readAll: () => Promise.reject(unreadable) },
  });
  assert.deepEqual([code, exitCode], ["SOURCE_FILE_UNREADABLE", 3]);
});

test("loadSource() ends at the bound of a file that never ends", {
  skip: process.platform === "win32",
}, async () => {
  const error = await refusal("/dev/zero", { maxBytes: 1 << 20 });
  assert.equal(error.code, "SOURCE_TOO_LARGE");
});

test("loadSource() reports the kind of another file with exit code 3", async () => {
  await using folder = await tempFolder({
    "list.json": "[]",
    "odd.json": '{"add": 1}',
    "openapi.json": '{"openapi": "3.1.0", "paths": {}}',
    "page.json": "<!doctype html><p>hi",
  });
  const rows: [name: string, words: RegExp][] = [
    ["list.json", /an empty list/],
    ["odd.json", /\$\.add, found 1/],
    ["openapi.json", /OpenAPI/],
    ["page.json", /expected a value, found "<"/],
  ];
  for (const [name, words] of rows) {
    const error = await refusal(name, {}, { cwd: folder.path });
    assert.equal(error.exitCode, ExitCode.Config, name);
    assert.match(textOf(error), words, name);
    assert.equal(error.where, folder.at(name));
  }
});

test("loadSource() asks GET /rpc, adding /rpc once", async () => {
  await using server = await serveHttp((_, response) => void response.end(TINY_TEXT));
  const rows: [suffix: string, path: string][] = [
    ["", "/rpc"],
    ["/", "/rpc"],
    ["/rpc", "/rpc"],
    ["/rpc///", "/rpc"],
    ["/api/v1//", "/api/v1/rpc"],
    ["/api/rpc?x=1#part", "/api/rpc?x=1"],
    ["/published/schema.json", "/published/schema.json"],
  ];
  for (const [suffix, path] of rows) {
    const loaded = await loadSource(server.url + suffix, {}, contextOf());
    assert.equal(loaded.kind, "url");
    assert.equal(server.requests.at(-1)?.url, path);
    assert.equal(server.requests.at(-1)?.method, "GET");
    assert.equal(loaded.contract.procedures.size, 1);
  }
});

test("loadSource() sends headers, a token or the URL's user, and shows none of them", async () => {
  await using server = await serveHttp((request, response) => {
    response.statusCode = 401;
    response.end(`no: ${request.headers.authorization} ${request.headers["x-key"]}`);
  });
  const token = await refusal(server.url, {
    token: "s3cret-token",
    headers: [["X-Key", "hush-hush"], ["x-two", "b"]],
  });
  assert.equal(server.requests[0]?.headers.authorization, "Bearer s3cret-token");
  assert.equal(server.requests[0]?.headers["x-key"], "hush-hush");
  assert.equal(server.requests[0]?.headers["x-two"], "b");
  assert.doesNotMatch(textOf(token), /s3cret-token|hush-hush/);
  assert.match(textOf(token), /status 401.*[\s\S]*no: Bearer \*\*\*[\s\S]*--token-env/);

  const user = await refusal(`http://ada:pass%20word@127.0.0.1:${server.port}/?key=q5secret`);
  const basic = Buffer.from("ada:pass word").toString("base64");
  assert.equal(server.requests[1]?.headers.authorization, `Basic ${basic}`);
  assert.equal(server.requests[1]?.url, "/rpc?key=q5secret");
  assert.equal(user.where, `http://127.0.0.1:${server.port}/rpc?…`);
  assert.ok(!/pass|ada|q5secret/.test(textOf(user)) && !textOf(user).includes(basic), textOf(user));
});

test("loadSource() reports a server's answer that is not a contract, with exit code 5", async () => {
  const answers: Record<string, [status: number, type: string, body: string | Uint8Array]> = {
    "/html/rpc": [
      200,
      "text/html",
      "<!doctype html><style>p{}</style><title>My App</title><p>Hello",
    ],
    "/unmarked/rpc": [200, "application/json", "\n<html><body>Hello"],
    "/page404/rpc": [404, "text/html; charset=utf-8", "<html><h1>Not Found</h1></html>"],
    "/500/rpc": [500, "text/plain", "Internal Server Error"],
    "/empty/rpc": [204, "", ""],
    "/nothing/rpc": [200, "application/json", ""],
    "/list/rpc": [200, "application/json", "[]"],
    "/detail/rpc": [200, "application/json", '{"detail":"Not Found"}'],
    "/half/rpc": [200, "application/json", '{"add": {\n  "name": "ad'],
    "/latin/rpc": [200, "application/json", new Uint8Array([0x22, 0xe9, 0x22])],
    "/shape/rpc": [200, "application/json", '{"add":{"parameters":[{"name":3}]}}'],
    "/hostile/rpc": [418, "text/plain", "\u001b[2J".repeat(9000)],
  };
  await using server = await serveHttp((request, response) => {
    const [status, type, body] = answers[request.url!]!;
    response.writeHead(status, { "content-type": type }).end(body);
  });
  const rows: [path: string, code: string, words: RegExp][] = [
    ["html", "SERVER_NOT_JSON", /HTML \(status 200\)[\s\S]*body: My App Hello/],
    ["unmarked", "SERVER_NOT_JSON", /body: Hello/],
    ["page404", "SERVER_STATUS", /status 404 Not Found[\s\S]*body: Not Found/],
    ["500", "SERVER_STATUS", /status 500[\s\S]*Internal Server Error[\s\S]*log/],
    ["empty", "SERVER_STATUS", /status 204/],
    ["nothing", "SOURCE_EMPTY", /empty/],
    ["list", "SCHEMA_NOT_A_CONTRACT", /\$, found an empty list[\s\S]*status 200[\s\S]*body: \[\]/],
    ["detail", "SCHEMA_NOT_A_CONTRACT", /Not Found/],
    ["half", "SOURCE_NOT_JSON", /ends in the middle/],
    ["latin", "SOURCE_NOT_UTF8", /0xe9/],
    ["shape", "SCHEMA_NOT_A_CONTRACT", /\$\.add\.parameters\[0\]\.name, found 3/],
    ["hostile", "SERVER_STATUS", /status 418/],
  ];
  for (const [path, code, words] of rows) {
    const error = await refusal(`${server.url}/${path}`);
    assert.equal(error.code, code, path);
    assert.equal(error.exitCode, ExitCode.Server, path);
    assert.match(textOf(error), words, path);
    assert.ok(textOf(error).length < 1000, path);
  }
});

test("loadSource() follows redirects within the origin, and sends no secret to another", async () => {
  await using other = await serveHttp((_, response) => void response.end(TINY_TEXT));
  await using server = await serveHttp((request, response) => {
    const to = {
      "/a/rpc": "/b/rpc/",
      "/b/rpc/": "c",
      "/out/rpc": `${other.url}/rpc?token=abc`,
      "/loop/rpc": "/loop/rpc",
      "/odd/rpc": "javascript:alert(1)",
    }[request.url!];
    if (to === undefined) return void response.end(TINY_TEXT);
    response.writeHead(308, { location: to }).end();
  });
  const followed = await loadSource(`${server.url}/a`, { token: "t0ken-x" }, contextOf());
  assert.equal(followed.where, `${server.url}/b/rpc/c`);
  assert.ok(server.requests.every((request) => request.headers.authorization === "Bearer t0ken-x"));

  const out = await refusal(`${server.url}/out`, { token: "t0ken-x" });
  assert.equal(out.code, "SERVER_REDIRECT");
  assert.match(out.message, new RegExp(`another origin: "${other.url}/rpc\\?…"`));
  assert.equal(other.requests.length, 0);
  assert.match((await refusal(`${server.url}/loop`)).message, /in a loop/);
  assert.match((await refusal(`${server.url}/odd`)).message, /cannot be read/);
});

test("loadSource() times out on a server that is silent, dripping, stuck or endless", async () => {
  await using server = await serveHttp((request, response) => {
    switch (request.url) {
      case "/silent/rpc":
        return;
      case "/drip/rpc": {
        const timer = setInterval(() => response.write(" "), 20);
        return void response.on("close", () => clearInterval(timer));
      }
      case "/stuck/rpc":
        return void response.write("{");
      case "/endless/rpc": {
        const more = () => {
          while (!response.destroyed && response.write(" ".repeat(1 << 16)));
        };
        response.on("drain", more);
        return more();
      }
    }
  });
  for (const path of ["silent", "drip", "stuck"]) {
    const error = await refusal(`${server.url}/${path}`, { timeoutMs: 300 });
    assert.equal(error.code, "SERVER_TIMEOUT", path);
    assert.match(textOf(error), /0\.3 s/, path);
  }
  const endless = await refusal(`${server.url}/endless`, { maxBytes: 1 << 20 });
  assert.equal(endless.code, "SOURCE_TOO_LARGE");
  assert.match(textOf(endless), /1 MiB[\s\S]*--max-size/);
});

test("loadSource() limits the unpacked size of a small answer", async () => {
  const bomb = gzipSync(Buffer.alloc(64 << 20, " "));
  const small = gzipSync(TINY_TEXT);
  await using server = await serveHttp((request, response) => {
    response.setHeader("content-encoding", request.url === "/odd/rpc" ? "compress" : "gzip");
    response.end(request.url === "/bomb/rpc" ? bomb : request.url === "/broken/rpc" ? "xx" : small);
  });
  assert.equal((await loadSource(server.url, {}, contextOf())).contract.procedures.size, 1);
  assert.equal(
    (await refusal(`${server.url}/bomb`, { maxBytes: 1 << 20 })).code,
    "SOURCE_TOO_LARGE",
  );
  assert.equal((await refusal(`${server.url}/broken`)).code, "SERVER_ENCODING");
  assert.match((await refusal(`${server.url}/odd`)).message, /"compress"/);
});

test("loadSource() reports every reason for a missing answer", async () => {
  const closedPort = await freePort();
  const answers = {
    truncated: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    chunk: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    ssh: "SSH-2.0-OpenSSH_9\r\n",
    nothing: "",
    announced: "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{",
    headers: `HTTP/1.1 200 OK\r\nX: ${"a".repeat(1 << 20)}\r\n\r\n{}`,
  };
  await using server = await serveRaw((socket) => {
    socket.once("data", (data) => {
      const name = /GET \/(\w+)\//.exec(String(data))?.[1] as keyof typeof answers;
      socket.end(answers[name]);
    });
  });
  const rows: [url: string, code: string, words: RegExp][] = [
    [`http://127.0.0.1:${closedPort}`, "SERVER_REFUSED", /nothing listens[\s\S]*Start the backend/],
    ["http://no-such-host.invalid", "SERVER_DNS", /"no-such-host\.invalid"/],
    [`${server.url}/truncated`, "SERVER_CLOSED", /before its answer was complete/],
    [`${server.url}/chunk`, "SERVER_CLOSED", /before its answer was complete/],
    [`${server.url}/nothing`, "SERVER_CLOSED", /https/],
    [`${server.url}/ssh`, "SERVER_NOT_HTTP", /does not speak HTTP/],
    [`${server.url}/headers`, "SERVER_NOT_HTTP", /HTTP/],
    [`${server.url}/announced`, "SOURCE_TOO_LARGE", /64 MiB/],
  ];
  for (const [url, code, words] of rows) {
    const error = await refusal(url, { timeoutMs: 10_000 });
    assert.equal(error.code, code, url);
    assert.equal(error.exitCode, ExitCode.Server, url);
    assert.match(textOf(error), words, url);
  }
  for (const url of ["http://", "http://[::1", "http://h:99999", "https://a b/"]) {
    assert.equal((await refusal(url)).exitCode, ExitCode.Usage, url);
  }
});

test("loadSource() tries again after failures that may pass, and only after those", async () => {
  const statuses = [503, 429, 200];
  await using server = await serveHttp((request, response) => {
    if (request.url === "/gone/rpc") return void response.writeHead(404).end();
    const status = statuses.shift() ?? 200;
    response.writeHead(status).end(status === 200 ? TINY_TEXT : "");
  });
  const options = { retries: 2, backoffMs: 10 };
  assert.equal((await loadSource(server.url, options, contextOf())).kind, "url");
  assert.equal(server.requests.length, 3);
  assert.equal((await refusal(`${server.url}/gone`, options)).code, "SERVER_STATUS");
  assert.equal(server.requests.length, 4);
});

test("loadSource() reaches a server that starts while it tries again", async () => {
  const port = await freePort();
  const loading = loadSource(
    `http://127.0.0.1:${port}`,
    { retries: 8, backoffMs: 20 },
    contextOf(),
  );
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(`HTTP/1.0 200 OK\r\n\r\n${TINY_TEXT}`));
  });
  await new Promise((resolve) => setTimeout(resolve, 60));
  server.listen(port, "127.0.0.1");
  try {
    assert.equal((await loading).contract.procedures.size, 1);
  } finally {
    server.close();
    await once(server, "close");
  }
});

test("loadSource() ends when its signal aborts", async () => {
  await using server = await serveHttp(() => {});
  const abort = new AbortController();
  const loading = refusal(server.url, { retries: 3 }, { signal: abort.signal });
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  abort.abort();
  assert.equal((await loading).code, "SERVER_ABORTED");
});

test("loadSourceIfChanged() sends the ETag, and returns undefined if nothing changed", async () => {
  await using server = await serveHttp((request, response) => {
    response.setHeader("etag", '"v1"');
    if (request.headers["if-none-match"] === '"v1"') return void response.writeHead(304).end();
    response.end(TINY_TEXT);
  });
  const first = await loadSourceIfChanged(server.url, undefined, {}, contextOf());
  assert.equal(first?.etag, '"v1"');
  assert.equal(await loadSourceIfChanged(server.url, first.etag, {}, contextOf()), undefined);
  const other = await loadSourceIfChanged(server.url, '"v0"', {}, contextOf());
  assert.equal(other?.contract.procedures.size, 1);
});

test("loadSource() distinguishes a server without procedures from a wrong address", async () => {
  await using server = await serveHttp((_, response) => void response.end("{}"));
  assert.equal((await loadSource(server.url, {}, contextOf())).contract.procedures.size, 0);
});
