import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { serveHttp } from "../support/http_server.ts";
import { mcpClient } from "../support/mcp.ts";
import { TINY, TINY_TEXT } from "../support/tiny_contract.ts";
import { waitUntil } from "../support/wait_until.ts";

test("unreachable backend: the error names the server and the fix", async () => {
  const server = await serveHttp((_, response) => response.end(TINY_TEXT));
  await server[Symbol.asyncDispose]();
  await using mcp = await mcpClient({ source: server.url });
  const text = await mcp.failure("list_procedures");
  assert.match(text, new RegExp(`127.0.0.1:${server.port}`));
  assert.match(text, /refused|not running|reach/i);
  assert.ok(text.includes("\n"), "a fix follows");
});

test("no contract: the error explains how to pass one", async () => {
  await using mcp = await mcpClient({ source: undefined });
  assert.equal(
    await mcp.failure("list_procedures"),
    "No contract: no pyrpc.json and no pyrpc-client.json here or above\n" +
      "Pass it: pyrpc mcp SOURCE (a schema file, a URL or a Python module)\n" +
      "or set up the project: pyrpc init",
  );
});

test("stale cache: answers carry a warning with the time, until the server is back", async () => {
  const server = await serveHttp((_, response) => response.end(TINY_TEXT));
  const cache = {} as Record<string, string>;
  await using first = await mcpClient({ source: server.url });
  assert.deepEqual((await first.call("list_procedures"))["warnings"], []);
  cache["XDG_CACHE_HOME"] = `${first.folder}/.cache`;
  await server[Symbol.asyncDispose]();
  await using second = await mcpClient({ source: server.url, env: cache });
  const answer = await second.call("list_procedures");
  assert.equal(answer["total"], 1);
  assert.match(String(answer["warnings"]), /this is the contract as it was on \d{4}-\d\d-\d\dT/);
});

test("a backend that goes away and comes back unchanged: a warning with the time, and then none", async () => {
  let isAway = false;
  await using server = await serveHttp((request, response) => {
    if (isAway) return void response.destroy();
    response.setHeader("etag", '"1"');
    if (request.headers["if-none-match"] === '"1"') response.writeHead(304).end();
    else response.end(TINY_TEXT);
  });
  await using mcp = await mcpClient({ source: server.url });
  const warnings = async () => String((await mcp.call("list_procedures"))["warnings"]);
  assert.equal(await warnings(), "");
  isAway = true;
  await waitUntil(async () => await warnings() !== "");
  assert.match(await warnings(), /this is the contract as it was on \d{4}-\d\d-\d\dT/);
  isAway = false;
  await waitUntil(async () => await warnings() === "");
});

test("unknown procedures and models: the nearest names", async () => {
  await using mcp = await mcpClient({ files: { "schema.json": TINY_TEXT } });
  for (const tool of ["describe_procedure", "check_call", "sample_result"]) {
    assert.match(await mcp.failure(tool, { name: "ad" }), /No such procedure: "ad"[\s\S]*"add"/);
  }
  for (const uri of ["pyrpc://procedures/ad", "pyrpc://models/X", "pyrpc://nothing", "file:///x"]) {
    await assert.rejects(mcp.client.readResource({ uri }), /No (such procedure|model|resource)/);
  }
});

test("arguments too large: the size and the limit", async () => {
  await using mcp = await mcpClient({ files: { "schema.json": TINY_TEXT } });
  const text = "x".repeat(1_000_001);
  assert.match(
    await mcp.failure("check_call", { name: "add", arguments: [text, 1] }),
    /The arguments have 1000007 bytes, the limit is 1000000/,
  );
});

test("a result over 100 kB is cut, with how to get the rest", async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => `row ${index}`);
  const listing = (parameters: object[]) => ({
    ...TINY.add,
    parameters,
    return_schema: { type: "array", items: { type: "string" } },
  });
  const limit = {
    name: "limit",
    type: "int",
    schema_: { type: "integer" },
    required: false,
    default: null,
  };
  const contract = {
    rows: { ...listing([]), name: "rows" },
    pages: { ...listing([limit]), name: "pages" },
  };
  await using server = await serveHttp((request, response) => {
    response.setHeader("content-type", "application/json");
    const answer = request.method === "GET" ? contract : { id: 1, result: rows, error: null };
    response.end(JSON.stringify(answer));
  });
  await using mcp = await mcpClient({ source: server.url, allowedCalls: "all" });
  const cut = await mcp.call("call_procedure", { name: "rows" });
  assert.equal(cut["result"], undefined);
  assert.equal(cut["result_text"], JSON.stringify(rows).slice(0, 100_000));
  assert.equal(cut["result_bytes"], JSON.stringify(rows).length);
  assert.match(String(cut["next"]), /no parameter for paging/);
  const pages = await mcp.call("call_procedure", { name: "pages" });
  assert.match(String(pages["next"]), /Request less with limit/);
});

test("a result over 100 kB counts bytes; an error of the backend is cut, too", async () => {
  const answers: Record<string, object> = {
    wide: { id: 1, result: "\u65e5".repeat(90_000), error: null },
    error: {
      id: 1,
      result: null,
      error: { code: -32000, message: "m".repeat(200_000), data: "d".repeat(200_000) },
    },
  };
  const contract = Object.fromEntries(
    Object.keys(answers).map((name) => [name, { ...TINY.add, name, parameters: [] }]),
  );
  let answer: object = contract;
  await using server = await serveHttp((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.method === "GET" ? contract : answer));
  });
  await using mcp = await mcpClient({ source: server.url, allowedCalls: "all" });
  for (const [name, given] of Object.entries(answers)) {
    answer = given;
    const cut = await mcp.call("call_procedure", { name });
    assert.ok(Buffer.byteLength(String(cut["result_text"])) <= 100_000, name);
    assert.ok(Buffer.byteLength(JSON.stringify(cut)) < 250_000, name);
    assert.ok(Number(cut["result_bytes"]) > 200_000, name);
  }
});

test("cancelled: the request to the backend is aborted", async () => {
  let aborted = false;
  await using server = await serveHttp((request, response) => {
    if (request.method === "GET") return void response.end(TINY_TEXT);
    response.on("close", () => aborted = true);
  });
  await using mcp = await mcpClient({ source: server.url, allowedCalls: "all" });
  const cancel = new AbortController();
  const call = mcp.client.callTool(
    { name: "call_procedure", arguments: { name: "add", arguments: [1, 2] } },
    { signal: cancel.signal },
  );
  await waitUntil(() => server.requests.some(({ method }) => method === "POST"));
  cancel.abort("enough");
  await assert.rejects(call);
  await waitUntil(() => aborted);
});

test("timed out: the error names the limit", async () => {
  await using server = await serveHttp((request, response) => {
    if (request.method === "GET") response.end(TINY_TEXT);
  });
  await using mcp = await mcpClient({
    source: server.url,
    allowedCalls: "all",
    options: { timeoutMs: 300 },
  });
  const text = await mcp.failure("call_procedure", { name: "add", arguments: [1, 2] });
  assert.match(text, /0\.3 s|300 ms/);
});

test("calls need a server", async () => {
  await using mcp = await mcpClient({
    files: { "schema.json": TINY_TEXT },
    allowedCalls: "all",
  });
  assert.match(
    await mcp.failure("call_procedure", { name: "add", arguments: [1, 2] }),
    /running server, and the contract comes from a file/,
  );
});

test("a change of the contract is a notification, and the next answer has it", async () => {
  let contract: object = TINY;
  await using server = await serveHttp((_, response) => response.end(JSON.stringify(contract)));
  let notified = 0;
  await using mcp = await mcpClient({
    source: server.url,
    prepare: (client) =>
      client.setNotificationHandler("notifications/resources/list_changed", () => {
        notified++;
      }),
  });
  assert.equal((await mcp.call("list_procedures"))["total"], 1);
  contract = { ...TINY, more: { ...TINY.add, name: "more" } };
  await waitUntil(() => notified > 0);
  assert.equal((await mcp.call("list_procedures"))["total"], 2);
});

test("cursors and addresses that this server did not return are errors", async () => {
  await using mcp = await mcpClient({ files: { "schema.json": TINY_TEXT } });
  for (const cursor of ["zzz", "%%%", ""]) {
    assert.match(await mcp.failure("list_procedures", { cursor }), /Unknown cursor/);
    await assert.rejects(mcp.client.listResources({ cursor }), /Unknown cursor/);
  }
  const uri = "pyrpc://procedures/%E0%A4%A";
  await assert.rejects(mcp.client.readResource({ uri }), /No resource/);
});

test("call_procedure: large integers arrive exactly, in both directions", async () => {
  const seen: string[] = [];
  await using server = await serveHttp((request, response, body) => {
    response.setHeader("content-type", "application/json");
    if (request.method === "GET") return void response.end(TINY_TEXT);
    seen.push(body);
    response.end(`{"id":1,"result":9007199254740993,"error":null}`);
  });
  await using mcp = await mcpClient({ source: server.url, allowedCalls: "all" });
  const { result } = await mcp.call("call_procedure", {
    name: "add",
    arguments: "[9007199254740993, 1]",
  });
  assert.equal(result, "9007199254740993");
  assert.match(seen[0] ?? "", /\[9007199254740993,\s*1\]/);
});
