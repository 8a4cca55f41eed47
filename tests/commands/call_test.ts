import assert from "node:assert/strict";
import { test } from "node:test";
import { serveHttp, type TestServer } from "../support/http_server.ts";
import { TINY } from "../support/tiny_contract.ts";
import { runCli } from "../support/run_cli.ts";

const TEXTS = {
  parameters: [
    { name: "text", schema_: { type: "string" }, required: true },
    { name: "number", schema_: { type: "integer" }, required: false, default: 1 },
  ],
  return_schema: {},
};
const CONTRACT = { ...TINY, texts: TEXTS };

/** A server that describes itself and gives one answer to every call. */
function serveAnswer(answer: string, status = 200): Promise<TestServer> {
  return serveHttp((request, response) => {
    if (request.method === "GET") return void response.end(JSON.stringify(CONTRACT));
    response.writeHead(status).end(answer);
  });
}

const OK = '{"id":1,"result":null,"error":null}';

/** The `params` that arrived, as they were written. */
function paramsOf(server: TestServer): string | undefined {
  return /"params":(.*)\}$/s.exec(
    server.requests.find(({ method }) => method === "POST")?.body ?? "",
  )
    ?.[1];
}

test("call sends arguments by position and by name, as JSON or as the schema requires", async () => {
  const rows: [args: string[], params: string][] = [
    [["add", "1", "2"], "[1,2]"],
    [["add", "-1", "2"], "[-1,2]"],
    [["add", "b=2", "a=1"], '{"b":2,"a":1}'],
    // Every digit arrives.
    [["add", "12345678901234567890", "1"], "[12345678901234567890,1]"],
    [["texts", "Ada"], '["Ada"]'],
    [["texts", '"Ada"'], '["Ada"]'],
    // JSON, but a text is wanted.
    [["texts", "42"], '["42"]'],
    [["texts", "text=true", "number=3"], '{"text":"true","number":3}'],
    [["texts", "text=null"], '{"text":"null"}'],
    [["texts", '"a=b"'], '["a=b"]'],
    [["texts", "text=a=b"], '{"text":"a=b"}'],
    [["texts", "text={not json"], '{"text":"{not json"}'],
    [["texts", "it's \u001b[2J ünïcode"], '["it\'s \\u001b[2J ünïcode"]'],
    [["add", "--data", '{"a": 1, "b": 2}'], '{"a": 1, "b": 2}'],
  ];
  for (const [args, params] of rows) {
    await using server = await serveAnswer(OK);
    const { code, stderr } = await runCli(["call", server.url, ...args]);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    assert.equal(paramsOf(server), params);
    const request = server.requests.at(-1)!;
    assert.equal(request.headers["content-type"], "application/json");
    const { jsonrpc, id, method } = JSON.parse(request.body);
    assert.deepEqual({ jsonrpc, id, method }, { jsonrpc: "2.0", id: 1, method: args[0] });
  }
});

test("call reads --data - from standard input", async () => {
  await using server = await serveAnswer(OK);
  const { code } = await runCli(["call", server.url, "add", "--data", "-"], {
    stdin: "\ufeff[1, 2]\n",
  });
  assert.equal(code, 0);
  assert.equal(paramsOf(server), "[1, 2]");
});

test("call checks arguments before sending, and --no-check does not even ask for the schema", async () => {
  await using server = await serveAnswer(OK);
  for (
    const args of [["add", "1"], ["add", "1", "2", "3"], ["add", "1", "x"], ["add", "a=1", "c=2"]]
  ) {
    const { code, stderr, stdout } = await runCli(["call", server.url, ...args]);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, /error: add: .*\(-32602\)[\s\S]*nothing was sent; --no-check/);
    assert.equal(stdout, "");
  }
  assert.ok(server.requests.every(({ method }) => method === "GET"));
  server.requests.length = 0;
  const { code } = await runCli(["call", server.url, "add", "1", "x", "--no-check"]);
  assert.equal(code, 0);
  assert.deepEqual(server.requests.map(({ method }) => method), ["POST"]);
  assert.equal(paramsOf(server), '[1,"x"]');
});

test("call prints the result with every digit, harmless for a terminal", async () => {
  await using server = await serveAnswer(
    '{"error": null, "result": {"n": 12345678901234567890, "d": 9.90, "t": "\u001b\u202e]\\"}", "e": {}, "l": [ ]}}'
      .replace("\u001b", "\\u001b"),
  );
  const { code, stdout } = await runCli(["call", server.url, "add", "1", "2"]);
  assert.equal(code, 0);
  assert.equal(
    stdout,
    '{\n  "n": 12345678901234567890,\n  "d": 9.90,\n  "t": "\\u001b\\u202e]\\"}",\n  "e": {},\n  "l": []\n}\n',
  );
  const json = await runCli(["call", server.url, "add", "1", "2", "--json"]);
  assert.equal(JSON.parse(json.stdout).ok, true);
  assert.equal(json.stderr, "");
});

test("call ends with 1 when the call fails, and shows code and data", async () => {
  const answer =
    '{"id":1,"result":null,"error":{"code":-32602,"message":"Validation \u202efailed","data":{"field":"a","big":12345678901234567890}}}';
  await using server = await serveAnswer(answer);
  const words = await runCli(["call", server.url, "add", "1", "2"]);
  assert.equal(words.code, 1);
  assert.equal(words.stdout, "");
  assert.equal(
    words.stderr,
    'error: add: Validation \\u202efailed (-32602)\n  {\n    "field": "a",\n    "big": 12345678901234567890\n  }\n',
  );
  const json = await runCli(["call", server.url, "add", "1", "2", "--json"]);
  assert.equal(json.code, 1);
  assert.match(json.stdout, /"big": 12345678901234567890/);
  assert.deepEqual(JSON.parse(json.stdout).error.code, -32602);
});

test("call ends with 5 when the answer is not one of pyRPC", async () => {
  const rows: [answer: string, status: number, words: RegExp][] = [
    ["<html>Hello</html>", 200, /something else[\s\S]*status 200[\s\S]*Hello/],
    ['{"detail":"Not Found"}', 404, /status 404/],
    ["Internal Server Error", 500, /status 500/],
    ["[]", 200, /something else/],
    ["{}", 200, /something else/],
    ['{"error":"Invalid JSON"}', 400, /status 400[\s\S]*Invalid JSON/],
    ['{"result":1,"error":"odd"}', 200, /something else/],
    ["", 200, /something else/],
  ];
  for (const [answer, status, words] of rows) {
    await using server = await serveAnswer(answer, status);
    const { code, stderr } = await runCli(["call", server.url, "add", "1", "2"]);
    assert.equal(code, 5, answer);
    assert.match(stderr, words, answer);
  }
});

test("call never repeats a request that may have arrived", async () => {
  await using server = await serveHttp((request, response) => {
    if (request.method === "GET") return void response.end(JSON.stringify(CONTRACT));
    request.socket.destroy();
  });
  const { code } = await runCli(["call", server.url, "add", "1", "2", "--retries", "3"]);
  assert.equal(code, 5);
  assert.equal(server.requests.filter(({ method }) => method === "POST").length, 1);
});

test("call follows a redirect that keeps it a call, and no other", async () => {
  await using server = await serveHttp((request, response) => {
    const status = { "/kept/rpc": 307, "/lost/rpc": 302 }[request.url!];
    if (status === undefined) return void response.end(OK);
    response.writeHead(status, { location: "/rpc" }).end();
  });
  const call = (path: string) => runCli(["call", server.url + path, "add", "1", "2", "--no-check"]);
  assert.equal((await call("/kept")).code, 0);
  assert.equal(server.requests.at(-1)?.method, "POST");
  assert.match(server.requests.at(-1)!.body, /"params":\[1,2\]/);
  const lost = await call("/lost");
  assert.equal(lost.code, 5);
  assert.match(lost.stderr, /redirects a call to "http:.*\/rpc"/);
});

test("call sends the same headers with both requests", async () => {
  await using server = await serveAnswer(OK);
  const args = [
    "call",
    server.url,
    "add",
    "1",
    "2",
    "--token-env",
    "TOKEN",
    "--header",
    "X-A: b:c",
  ];
  assert.equal((await runCli(args, { env: { TOKEN: "t0ken" } })).code, 0);
  assert.equal(server.requests.length, 2);
  for (const { headers } of server.requests) {
    assert.equal(headers.authorization, "Bearer t0ken");
    assert.equal(headers["x-a"], "b:c");
  }
});

test("call bounds nesting on both sides", async () => {
  await using server = await serveAnswer(`{"result":${"[".repeat(200_000)}${"]".repeat(200_000)}}`);
  const deep = `${"[".repeat(2000)}12345678901234567890${"]".repeat(2000)}`;
  const given = await runCli(["call", server.url, "add", "1", deep]);
  assert.equal(given.code, 2, given.stderr);
  const answered = await runCli(["call", server.url, "add", "1", "2"]);
  assert.notEqual(answered.code, 70, answered.stderr.slice(0, 500));
  assert.ok(answered.stdout.length < 2_000_000);
});

test("call sends the content of a file for @file: Base64 where the parameter declares it, else text", async () => {
  const base64 = { anyOf: [{ type: "string", format: "base64" }, { type: "null" }] };
  const parameter = (name: string, schema_: unknown) => ({ name, schema_, required: false });
  const upload = {
    parameters: [
      parameter("image", base64),
      parameter("url", { type: "string", format: "base64url" }),
      parameter("text", { type: "string" }),
      parameter("item", { type: "object" }),
    ],
    return_schema: {},
  };
  const image = new Uint8Array([0xff, 0xfe, 0x00, 0xfb]);
  const files = { "a.png": image, "a.txt": "42\n", "a.json": '{ "n": 1 }', "dir/x": "" };
  const rows: [args: string[], outcome: string | RegExp][] = [
    [["image=@a.png"], '{"image":"//4A+w=="}'],
    [["url=@a.png"], '{"url":"__4A-w=="}'],
    [["@a.png"], '["//4A+w=="]'],
    [["text=@a.txt"], '{"text":"42\\n"}'],
    [["item=@a.json", "text=@a.json"], '{"item":{ "n": 1 },"text":"{ \\"n\\": 1 }"}'],
    [['text="@ada"'], '{"text":"@ada"}'],
    [["text=@ada"], /No file .*ada\n {2}fix: .*quote it: '"@ada"'/],
    [["text=@dir"], /Cannot read .*dir \(EISDIR\)/],
    [["text=@a.png"], /is not UTF-8 text, .*\n {2}fix: Declare the parameter as Base64Bytes/],
    [["--no-check", "text=@a.txt"], '{"text":42}'],
  ];
  for (const [args, outcome] of rows) {
    await using server = await serveHttp((request, response) =>
      response.end(request.method === "GET" ? JSON.stringify({ upload }) : OK)
    );
    const flags = args.filter((word) => word.startsWith("--"));
    const rest = args.filter((word) => !word.startsWith("--"));
    const { code, stderr } = await runCli(["call", ...flags, server.url, "upload", ...rest], {
      files,
    });
    assert.equal(code, typeof outcome === "string" ? 0 : 2, `${args}: ${stderr}`);
    if (typeof outcome === "string") assert.equal(paramsOf(server), outcome);
    else assert.match(stderr, outcome);
  }
});
