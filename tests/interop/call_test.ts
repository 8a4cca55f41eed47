import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { pythonEnvironment, pythonSkip, type ShopAdapter, startShop } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const skip = pythonSkip();
const ADAPTERS: readonly ShopAdapter[] = ["fastapi", "flask", "asgi"];

for (const adapter of ADAPTERS) {
  test(`call, inspect and pull work with pyRPC 0.14 over ${adapter}`, { skip }, async () => {
    await using server = await startShop(adapter);
    const call = (...args: string[]) => runCli(["call", server.url, ...args]);
    const rows: [args: string[], code: number, output: RegExp][] = [
      [["add", "1", "2"], 0, /^3\n$/],
      [["add", "b=2", "a=1"], 0, /^3\n$/],
      [["greet", "Ada"], 0, /^"Hello, Ada!"\n$/],
      [["greet", "42"], 0, /^"Hello, 42!"\n$/],
      [["add", "12345678901234567890123", "1"], 0, /^12345678901234567890124\n$/],
      [["users.get", "7"], 0, /"name": "Ada"/],
      [["fail", "boom"], 1, /^error: fail: boom \(-32603\)\n$/],
      [["nope", "1"], 1, /No such procedure: "nope"/],
      [["nope", "1", "--no-check"], 1, /^error: nope: Method not found: nope \(-32601\)\n$/],
    ];
    for (const [args, code, output] of rows) {
      const result = await call(...args);
      assert.equal(result.code, code, `${args.join(" ")}\n${result.stderr}`);
      assert.match(result.stdout + result.stderr, output, args.join(" "));
    }

    // The calls that are refused here are those that the server refuses, with its message.
    for (
      const args of [
        ["add", "1"],
        ["add", "1", "2", "3"],
        ["add", "1", "x"],
        ["add", "a=1", "c=2"],
        ["users.get", '"x"'],
      ]
    ) {
      const local = await call(...args, "--json");
      const remote = await call(...args, "--no-check", "--json");
      assert.equal(local.code, 1);
      assert.equal(remote.code, 1);
      assert.deepEqual(JSON.parse(local.stdout), JSON.parse(remote.stdout), args.join(" "));
    }

    const table = await runCli(["inspect", server.url]);
    assert.equal(table.code, 0);
    assert.match(table.stdout, /^users\.get {6}query {2}id: number /m);

    await using folder = await tempFolder();
    const pull = (...args: string[]) =>
      runCli(["pull", server.url, "-o", "s.json", ...args], { cwd: folder.path });
    assert.equal((await pull()).code, 0);
    assert.equal((await pull("--check")).code, 0);
    const snapshot = JSON.parse(await readFile(folder.at("s.json"), "utf8"));
    const live = await (await fetch(`${server.url}/rpc`)).json();
    assert.deepEqual(snapshot, live);
  });
}

test(
  "pull returns the same contract over every adapter; Flask sorts the fields of models",
  { skip },
  async () => {
    const texts = new Map<string, string>();
    for (const adapter of ADAPTERS) {
      await using server = await startShop(adapter);
      texts.set(adapter, (await runCli(["pull", server.url])).stdout);
    }
    const fastapi = texts.get("fastapi") ?? "";
    assert.equal(texts.get("asgi"), fastapi);
    assert.deepEqual(JSON.parse(texts.get("flask") ?? ""), JSON.parse(fastapi));
  },
);

test("call works with pyRPC 0.7.7", { skip }, async () => {
  await using server = await startShop("fastapi", "0.7");
  const { code, stdout, stderr } = await runCli(["call", server.url, "add", "1", "2"]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "3\n");
});

test(
  "pull and inspect of a module report skipped procedures, and exit 1",
  { skip },
  async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    const files = {
      "app.py":
        "from typing import Callable\nfrom pyrpc_core import rpc\n\n@rpc\ndef add(a: int) -> int:\n    return a\n\n" +
        "@rpc\ndef bad(f: Callable[[], int]) -> int:\n    return 1\n",
    };
    const pulled = await runCli(["pull", "app", "-o", "s.json", "--python", python], { files });
    assert.equal(pulled.code, 1, pulled.stderr);
    assert.match(
      pulled.stderr,
      /warning: procedure "bad" has no schema and is skipped: .*app\.py:\d+/,
    );
    assert.deepEqual(Object.keys(JSON.parse(pulled.files["s.json"] ?? "{}")), ["add"]);
    const shown = await runCli(["inspect", "app", "--python", python], { files });
    assert.equal(shown.code, 1);
    assert.match(shown.stdout, /^add /m);
  },
);
