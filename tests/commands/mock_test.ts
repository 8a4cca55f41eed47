import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { EndSignal } from "../../lib/runtime/mod.ts";
import { freePort } from "../support/free_port.ts";
import { waitUntil } from "../support/wait_until.ts";
import { serveHttp } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import { serving } from "../support/serving.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));

describe("pyrpc mock", () => {
  it("serves a file: banner, a line for each request, ended by Ctrl+C", async () => {
    const result = await serving(() => ["mock", SHOP], {}, async (call) => {
      assert.equal(typeof (await call("add", [1, 2])).result, "number");
      assert.equal((await call("add", ["x", 2])).error?.code, -32602);
    });
    assert.equal(result.code, 130);
    assert.equal(result.stdout, "");
    assert.match(result.stderr, /pyrpc mock http:\/\/127\.0\.0\.1:\d+\/rpc/);
    assert.match(result.stderr, /shop\.schema\.json, 12 procedures/);
    assert.match(result.stderr, /add\(1, 2\) {2}ok {2}[\d.]+ ms/);
    assert.match(
      result.stderr,
      /add\("x", 2\) {2}validation: Validation failed: a: Input should be/,
    );
  });

  it("can be ended from its first answer on", async () => {
    // So much to follow that it takes longer than an answer: what is named in a comment is followed, too.
    const beside = Array.from({ length: 200 }, (_, index) => `beside/${index}.mjs`);
    const imports = beside.map((name) => `// from "./${name}"\n`).join("");
    const port = await freePort();
    let send: (signal: EndSignal) => void = () => undefined;
    const args = ["mock", SHOP, "--port", String(port), "--handlers", "handlers.mjs"];
    const running = runCli(args, {
      files: Object.fromEntries([
        ["handlers.mjs", `${imports}export const add = () => 1;`],
        ...beside.map((name) => [name, ""]),
      ]),
      onStart: (signal) => send = signal,
    });
    const url = `http://127.0.0.1:${port}/rpc`;
    await waitUntil(async () => await (await fetch(url)).text() !== "");
    send("SIGINT");
    assert.equal((await running).code, 130);
  });

  it("--json prints lines of JSON and nothing else; --trace-file the raw messages", async () => {
    await using folder = await tempFolder();
    const args = ["mock", SHOP, "--json", "--trace-file", "trace.jsonl"];
    const { stdout, stderr } = await serving(() => args, { cwd: folder.path }, async (call) => {
      await call("add", [1, 2]);
    });
    assert.equal(stderr, "");
    const [listening, request] = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(listening.event, "listening");
    assert.deepEqual([request.procedure, request.params, request.ok], ["add", [1, 2], true]);
    const trace = readFileSync(join(folder.path, "trace.jsonl"), "utf8").trim().split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(trace.map(({ direction }) => direction), ["-->", "<--"]);
    assert.equal(JSON.parse(trace[0].message).method, "add");
  });

  it("follows handlers and examples; a broken one keeps the old", async () => {
    await using folder = await tempFolder({
      "handlers.mjs": "export const add = () => 1;",
      "examples.yaml": "greet:\n  result: one\n",
    });
    const args = ["mock", SHOP, "--handlers", "handlers.mjs", "--examples", "examples.yaml"];
    const { stderr } = await serving(() => args, { cwd: folder.path }, async (call) => {
      const becomes = (method: string, params: unknown, wanted: unknown) =>
        waitUntil(async () => (await call(method, params)).result === wanted);
      await becomes("add", [1, 2], 1);
      await becomes("greet", ["x"], "one");
      await folder.write({
        "handlers.mjs": "export const add = () => 2;",
        "examples.yaml": "greet:\n  result: two\n",
      });
      await becomes("add", [1, 2], 2);
      await becomes("greet", ["x"], "two");
      await folder.write({ "examples.yaml": "greet:\n  result: 5\n" });
      await folder.write({ "handlers.mjs": "export const add = (" });
      // The last good ones answer while the next good one is awaited.
      await new Promise((done) => setTimeout(done, 300));
      assert.equal((await call("add", [1, 2])).result, 2);
      assert.equal((await call("greet", ["x"])).result, "two");
      await folder.write({ "handlers.mjs": "export const add = () => 3;" });
      await becomes("add", [1, 2], 3);
    });
    assert.match(stderr, /New handlers/);
    assert.match(stderr, /keeping the previous version/);
  });

  it("also follows the handlers' imports from other folders", async () => {
    await using folder = await tempFolder({
      "app/mock.mjs": `import { one } from "../shared/one.mjs"; export const add = () => one;`,
      "shared/one.mjs": `import { two } from "./deep/down/two.mjs"; export const one = two;`,
      "shared/deep/down/two.mjs": "export const two = 2;",
    });
    let printed = "";
    const options = { cwd: folder.path, onStderr: (text: string) => void (printed += text) };
    await serving(() => ["mock", SHOP, "--handlers", "app/mock.mjs"], options, async () => {
      await waitUntil(() => printed.includes("pyrpc mock"));
      await folder.write({ "shared/deep/down/two.mjs": "export const two = 3;" });
      await waitUntil(() => printed.includes("New handlers"));
    });
  });

  it("serves the contract of its handlers, written before any Python exists", async () => {
    await using folder = await tempFolder({
      "contract.mjs": `
        export const double = {
          parameters: { n: { type: "integer" } }, result: { type: "integer" }, handler: (n) => n * 2,
        };
        export const planned = { result: { type: "string", enum: ["later"] } };
      `,
    });
    const args = ["mock", "--handlers", "contract.mjs"];
    await serving(() => args, { cwd: folder.path }, async (call) => {
      assert.equal((await call("double", [4])).result, 8);
      assert.equal((await call("double", ["x"])).error?.code, -32602);
      assert.equal((await call("planned")).result, "later");
    });
  });

  it("keeps the contract of a server, and serves it with a notice when the server is away", async () => {
    await using folder = await tempFolder();
    const env = { XDG_CACHE_HOME: folder.path };
    const upstream = await serveHttp((_, response) => response.end(readFileSync(SHOP)));
    const { url } = upstream;
    await serving(() => ["mock", url, "--quiet"], { env }, async () => {});
    await upstream[Symbol.asyncDispose]();
    const { stderr } = await serving(() => ["mock", url], { env }, async (call) => {
      assert.equal(typeof (await call("add", [1, 2])).result, "number");
    });
    assert.match(stderr, /serving the contract as it was on \d{4}-/);
  });

  it("answers strict JSON-RPC 2.0 at /jsonrpc, rpc.discover with an OpenRPC document", async () => {
    await serving(() => ["mock", SHOP, "--quiet"], {}, async (call) => {
      const { result } = await call("rpc.discover", [], "/jsonrpc") as unknown as {
        result: { openrpc: string; methods: unknown[] };
      };
      assert.equal(result.openrpc, "1.2.6");
      assert.equal(result.methods.length, 12);
      assert.equal((await call("nope", [], "/jsonrpc")).error?.message, "Method not found");
    });
    await serving(() => ["mock", SHOP, "--quiet", "--openrpc-depth", "2"], {}, async (call) => {
      const text = JSON.stringify(await call("rpc.discover", [], "/jsonrpc"));
      assert.match(
        text,
        /"Category\.3":\{"title":"Category","type":"object","description":"Cut off/,
      );
    });
  });

  it("--dump writes an answer of every procedure, the same each time", async () => {
    const first = await runCli(["mock", SHOP, "--dump", "answers"]);
    assert.equal(first.code, 0);
    assert.equal(Object.keys(first.files).length, 13);
    const order = JSON.parse(first.files["answers/place_order.json"]!);
    assert.ok(Array.isArray(order.lines));
    assert.deepEqual((await runCli(["mock", SHOP, "--dump", "answers"])).files, first.files);
  });

  it("warns of rules for unknown procedures; a call fits the width of a terminal", async () => {
    const args = [
      "mock",
      SHOP,
      "--latency",
      "ad=10",
      "--error",
      "greet=-1:0",
      "--error",
      "gret=-1",
    ];
    const { stderr } = await serving(() => args, { terminal: true }, async (call) => {
      await call("get_product", ["123e4567-e89b-12d3-a456-426614174000"]);
      await call("stock_levels", { by: "sku" });
      const lines = [{ product_id: "123e4567-e89b-12d3-a456-426614174000", quantity: 2 }];
      await call("place_order", { lines, payment: { method: "transfer", iban: "DE89" } });
    });
    assert.match(stderr, /names "ad", which is not a procedure/);
    assert.match(stderr, /names "gret", which is not a procedure/);
    assert.doesNotMatch(stderr, /names "greet"/);
    const calls = stderr.split("\n").filter((line) => line.includes("  ok  "));
    assert.equal(calls.length, 3);
    for (const line of calls) assert.ok(line.length <= 80, line);
  });

  it("uses the server of pyrpc-client.json, and lists them if it has several", async () => {
    await using folder = await tempFolder();
    const mock = async (config: object) => {
      await folder.write({ "pyrpc-client.json": JSON.stringify(config) });
      return await runCli(["mock"], { cwd: folder.path });
    };
    const server = (port: number) => ({
      server_url: `http://127.0.0.1:${port}`,
      target: `${port}.ts`,
    });
    const alone = await mock({ distribution: "server", ...server(1) });
    assert.equal(alone.code, 5);
    assert.match(alone.stderr, /127\.0\.0\.1:1/);
    const shop = { name: "shop", ...server(1) };
    assert.equal((await mock({ distribution: "server", servers: [shop] })).code, 5);
    const several = { distribution: "server", servers: [shop, { name: "crm", ...server(2) }] };
    const { code, stderr } = await mock(several);
    assert.equal(code, 2);
    assert.match(stderr, /shop \(http:\/\/127\.0\.0\.1:1\), crm \(http/);
  });

  it("names the flag or file that is wrong", async () => {
    const wrong = async (...args: string[]) => (await runCli(["mock", SHOP, ...args])).code;
    assert.equal(await wrong("--latency", "x"), 2);
    assert.equal(await wrong("--error", "x"), 2);
    assert.equal(await wrong("--tls-key", "x"), 2);
    assert.equal(await wrong("--openrpc-depth", "0"), 2);
    assert.equal(await wrong("--auth-token-env", "NOT_SET"), 2);
    assert.equal(await wrong("--handlers", "nowhere.ts"), 3);
    assert.equal(await wrong("--examples", "nowhere.yaml"), 3);
  });

  it("--exec runs a command with PYRPC_SERVER_URL and ends with its exit code", async () => {
    const script = `
      const call = { id: 1, method: "add", params: [1, 2] };
      const { PYRPC_SERVER_URL: url } = process.env;
      const response = await fetch(url + "/rpc", { method: "POST", body: JSON.stringify(call) });
      const { result } = await response.json();
      require("fs").writeFileSync("result.json", JSON.stringify({ url, type: typeof result }));
      process.exit(7);`;
    const files = { "test.js": `(async () => {${script}})();` };
    const { code, files: made } = await runCli(["mock", SHOP, "--exec", "node test.js"], {
      files,
      env: { PATH: process.env["PATH"], PYRPC_SERVER_URL: "http://127.0.0.1:1" },
    });
    assert.equal(code, 7);
    const { url, type } = JSON.parse(made["result.json"] ?? "");
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(type, "number");
  });
});
