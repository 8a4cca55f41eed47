import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runCli } from "../support/run_cli.ts";
import { serving } from "../support/serving.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));

/** A server with the contract of {@link SHOP} that answers each procedure with one result. */
async function upstreamServer(
  results: Readonly<Record<string, unknown>>,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    if (request.method === "GET") return void response.end(readFileSync(SHOP));
    let body = "";
    request.on("data", (chunk) => body += String(chunk));
    request.on("end", () => {
      const { id, method } = JSON.parse(body);
      response.end(JSON.stringify({ id, result: results[method], error: null }));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

describe("pyrpc proxy", () => {
  it("forwards calls, lists violations, records valid calls, exits 1 on request", async () => {
    await using folder = await tempFolder();
    const answers: Record<string, unknown> = { add: 3, greet: 5 };
    const tokens: unknown[] = [];
    const real = createServer((request, response) => {
      if (request.method === "GET") {
        response.end(readFileSync(SHOP));
        return;
      }
      tokens.push(request.headers.authorization);
      let body = "";
      request.on("data", (chunk) => body += String(chunk));
      request.on("end", () => {
        const { id, method } = JSON.parse(body);
        if (method === "categories") response.writeHead(500).end("Internal Server Error");
        else response.end(JSON.stringify({ id, result: answers[method], error: null }));
      });
    });
    await new Promise<void>((done) => real.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(real.address() as AddressInfo).port}`;
    const args = ["proxy", url, "--record", "recorded.json", "--fail-on-violation"];
    const options = { cwd: folder.path, env: { TOKEN: "secret", XDG_CACHE_HOME: folder.path } };
    const { code, stderr } = await serving(
      () => [...args, "--token-env", "TOKEN"],
      options,
      async (call) => {
        assert.equal((await call("add", [1, 2])).result, 3);
        assert.equal((await call("greet", ["x"])).result, 5);
        assert.match((await call("categories")).error?.message ?? "", /500/);
      },
    );
    await new Promise((done) => real.close(done));
    assert.equal(code, 1);
    assert.deepEqual(tokens, ["Bearer secret", "Bearer secret", "Bearer secret"]);
    assert.match(stderr, /2 violations/);
    assert.match(stderr, /greet: a result that the contract forbids: \$: Input should be/);
    assert.match(stderr, /p50/);
    const recorded = readFileSync(join(folder.path, "recorded.json"), "utf8");
    const { $about: _, ...calls } = JSON.parse(recorded);
    assert.deepEqual(calls, {
      add: { cases: [{ args: { a: 1, b: 2 }, result: 3 }] },
    });
    const replay = ["mock", SHOP, "--examples", join(folder.path, "recorded.json")];
    await serving(() => replay, {}, async (call) => {
      assert.equal((await call("add", { b: 2, a: 1 })).result, 3);
    });
  });

  it("mock --proxy: handlers and examples answer theirs, the upstream server the rest, by its contract", async () => {
    await using folder = await tempFolder({
      "handlers.js": "export const add = (a, b) => a * b;",
      "examples.json": '{"greet": {"cases": [{"when": {"name": "Ada"}, "result": "from a file"}]}}',
    });
    const asked: string[] = [];
    const real = createServer((request, response) => {
      if (request.method === "GET") return void response.end(readFileSync(SHOP));
      let body = "";
      request.on("data", (chunk) => body += String(chunk));
      request.on("end", () => {
        asked.push(body);
        response.end('{"id":1,"result":"from the server","error":null}');
      });
    });
    await new Promise<void>((done) => real.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(real.address() as AddressInfo).port}`;
    const files = ["--handlers", "handlers.js", "--examples", "examples.json"];
    const { stderr } = await serving(
      () => ["mock", "--proxy", url, ...files],
      { cwd: folder.path, env: { XDG_CACHE_HOME: folder.path } },
      async (call) => {
        assert.equal((await call("add", [3, 4])).result, 12);
        assert.equal((await call("add", ["x", 4])).error?.code, -32602);
        assert.equal((await call("greet", ["Ada"])).result, "from a file");
        assert.equal((await call("greet", ["Bob"])).result, "from the server");
      },
    );
    await new Promise((done) => real.close(done));
    assert.match(stderr, /\/rpc, 12 procedures/);
    assert.match(stderr, /No violations/);
    // The message as it came: nothing is reformatted.
    assert.deepEqual(asked, ['{"jsonrpc":"2.0","id":1,"method":"greet","params":["Bob"]}']);
  });

  it("--json prints banner, calls and summary as lines of JSON", async () => {
    await using folder = await tempFolder();
    await using upstream = await upstreamServer({ add: 3, greet: 5 });
    const { stdout, stderr } = await serving(
      () => ["proxy", upstream.url, "--json"],
      { cwd: folder.path, env: { XDG_CACHE_HOME: folder.path } },
      async (call) => {
        await call("add", [1, 2]);
        await call("greet", ["Ada"]);
        await call("greet", ["Bob"]);
      },
    );
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const summary = lines.at(-1);
    assert.deepEqual(lines.map(({ event, procedure }) => event ?? procedure), [
      "listening",
      "add",
      "greet",
      "greet",
      "summary",
    ]);
    assert.deepEqual(
      summary.procedures.map(({ procedure, calls, errors }: Record<string, unknown>) => [
        procedure,
        calls,
        errors,
      ]),
      [["greet", 2, 0], ["add", 1, 0]],
    );
    assert.equal(summary.total.calls, 3);
    assert.deepEqual(
      summary.violations.map(({ procedure, kind, count }: Record<string, unknown>) => [
        procedure,
        kind,
        count,
      ]),
      [["greet", "result", 2]],
    );
    assert.deepEqual(summary.openTypes, []);
    assert.match(stderr, /greet: a result that the contract forbids/);
  });

  it("--contract validates against another contract than the server's", async () => {
    await using folder = await tempFolder();
    await using upstream = await upstreamServer({ add: "text" });
    const { add } = JSON.parse(readFileSync(SHOP, "utf8"));
    await folder.write({
      "other.json": JSON.stringify({ add: { ...add, return_schema: { type: "string" } } }),
    });
    const { stderr } = await serving(
      () => ["proxy", upstream.url, "--contract", "other.json"],
      { cwd: folder.path },
      async (call) => {
        assert.equal((await call("add", [1, 2])).result, "text");
      },
    );
    assert.match(stderr, /other\.json, 1 procedure\n/);
    assert.match(stderr, /No violations/);
  });

  it("rejects a URL that cannot be read, and a server that cannot be reached", async () => {
    assert.equal((await runCli(["proxy"])).code, 2);
    assert.equal((await runCli(["proxy", "nowhere"])).code, 2);
    assert.equal((await runCli(["proxy", "http://127.0.0.1:1"])).code, 5);
  });
});

describe("pyrpc explore", () => {
  it("serves the explorer with empty forms, and forwards its calls", async () => {
    await using folder = await tempFolder();
    await using upstream = await upstreamServer({ add: 3 });
    const { stderr } = await serving(
      () => ["explore", upstream.url],
      { cwd: folder.path, env: { XDG_CACHE_HOME: folder.path } },
      async (call, url) => {
        const about = await (await fetch(`${url}/explorer/procedures`)).json();
        assert.deepEqual([about.hasUpstream, about.procedures.length], [true, 12]);
        const add = await (await fetch(`${url}/explorer/procedure?name=add`)).json();
        assert.equal("example" in add, false);
        assert.equal((await call("add", [1, 2])).result, 3);
      },
    );
    assert.match(stderr, /pyrpc explore http/);
    assert.match(stderr, /only pages of this server may call/);
  });
});

describe("pyrpc proxy: refusals and reports", () => {
  it("passes a 401 on as it is: single calls, batches and JSON-RPC; a batch with other answers stays one", async () => {
    const real = createServer((request, response) => {
      if (request.method === "GET") return void response.end(readFileSync(SHOP));
      let body = "";
      request.on("data", (chunk) => body += String(chunk));
      request.on("end", () => {
        const { id, method } = JSON.parse(body);
        if (method === "add") return void response.end(JSON.stringify({ id, result: 3 }));
        response.writeHead(401, { "www-authenticate": 'Bearer realm="shop"' }).end("log in");
      });
    });
    await new Promise<void>((done) => real.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(real.address() as AddressInfo).port}`;
    const greet = { id: 1, method: "greet", params: ["x"] };
    const add = { id: 2, method: "add", params: [1, 2] };
    await using folder = await tempFolder();
    const options = { env: { XDG_CACHE_HOME: folder.path } };
    const { code, stderr } = await serving(
      () => ["proxy", url, "--fail-on-violation"],
      options,
      async (_, proxy) => {
        const post = (body: unknown, path = "/rpc") =>
          fetch(`${proxy}${path}`, { method: "POST", body: JSON.stringify(body) });
        for (
          const [body, path] of [
            [greet, "/rpc"],
            [[greet, greet], "/rpc"],
            [{ jsonrpc: "2.0", ...greet }, "/jsonrpc"],
          ] as const
        ) {
          const response = await post(body, path);
          assert.equal(response.status, 401);
          assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="shop"');
          assert.equal(await response.text(), "log in");
        }
        const mixed = await post([add, greet]);
        assert.equal(mixed.status, 200);
        const [three, refused] = await mixed.json() as { result: unknown; error: Error }[];
        assert.equal(three?.result, 3);
        assert.match(refused?.error.message ?? "", /answered 401 Unauthorized; WWW-Auth/);
      },
    );
    await new Promise((done) => real.close(done));
    assert.equal(code, 130, stderr);
  });

  it("--format junit is a report: a case for each procedure that was called, failed for a violation", async () => {
    await using server = await upstreamServer({ add: 3, greet: 5 });
    const args = ["proxy", server.url, "--format", "junit", "--fail-on-violation"];
    const { code, stdout, stderr } = await serving(() => args, {}, async (call) => {
      await call("add", [1, 2]);
      await call("greet", ["<x>"]);
      await call("greet", ["<x>"]);
    });
    assert.equal(code, 1);
    assert.match(stderr, /1 violation/);
    assert.match(stdout, /<testsuites tests="2" failures="1" skipped="0" errors="0">/);
    assert.match(stdout, /<testcase classname="pyrpc proxy" name="add"\/>/);
    assert.match(
      stdout,
      /<testcase classname="proxy-result" name="greet">\n\s*<failure message="a result/,
    );
    assert.match(stdout, /2 times/);
  });

  it("--exec with --format github: the command's exit code, or 1 for a violation", async () => {
    await using server = await upstreamServer({ add: "x" });
    const call = "fetch(process.env.PYRPC_SERVER_URL + '/rpc', { method: 'POST', body: " +
      "JSON.stringify({ id: 1, method: 'add', params: [1, 2] }) }).then(() => process.exit(CODE))";
    const run = (code: number) =>
      runCli(
        ["proxy", server.url, "-q", "--format", "github", "--exec", "node call.js"],
        {
          files: { "call.js": call.replace("CODE", String(code)) },
          env: { PATH: process.env["PATH"] },
        },
      );
    const { code, stdout } = await run(7);
    assert.equal(code, 7);
    assert.match(stdout, /^::error title=pyrpc proxy-result::add: a result that the contract/m);
    assert.match(stdout, /::notice title=pyrpc::1 call, 1 violation of the contract/);
  });
});
