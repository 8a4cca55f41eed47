import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { documentOf, type ProcedureInit } from "../support/contracts.ts";
import { serveHttp, type TestServer } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A server that answers `GET /rpc` with the current return value of `describe`. */
function serve(describe: () => Record<string, ProcedureInit>): Promise<TestServer> {
  return serveHttp((_, response) => response.end(JSON.stringify(documentOf(describe()))));
}

test("check compares the types of each of several servers with that server's own contract", async () => {
  let users: Record<string, ProcedureInit> = { get_user: { result: { type: "string" } } };
  await using shop = await serve(() => ({ add: { result: { type: "integer" } } }));
  await using accounts = await serve(() => users);
  await using folder = await tempFolder({
    "package.json": "{}",
    "pyrpc-client.json": JSON.stringify({
      distribution: "server",
      servers: [
        { name: "shop", server_url: shop.url, target: "src/shop.ts" },
        { name: "accounts", server_url: accounts.url, target: "src/accounts.ts" },
      ],
    }),
  });
  const run = (...args: string[]) => runCli(args, { cwd: folder.path });
  assert.equal((await run("sync")).code, 0);

  const current = await run("check");
  assert.equal(current.code, 0, current.block);
  assert.match(current.stdout, /types +2 clients/);

  users = { get_user: { result: { type: "integer" } } };
  const stale = await run("check");
  assert.equal(stale.code, 1, stale.block);
  assert.match(stale.stdout, /src\/accounts\.ts/);
  assert.doesNotMatch(stale.stdout, /src\/shop\.ts/);

  // A SOURCE is one contract: only the server that it names is looked at.
  assert.equal((await run("check", shop.url)).code, 0);
  assert.equal((await run("check", accounts.url)).code, 1);
});

test("check --markdown-file writes the Markdown report beside another format, and replaces only its own", async () => {
  await using folder = await tempFolder({
    "schema.json": JSON.stringify(documentOf({ add: {} })),
    "notes.md": "Notes\n",
  });
  const run = (...args: string[]) =>
    runCli(["check", "--offline", "schema.json", ...args], { cwd: folder.path });
  const { stdout } = await run("--format", "markdown");
  const first = await run("--format", "github", "--markdown-file", "out/report.md");
  assert.deepEqual(first.files, { "out/report.md": stdout });
  await writeFile(folder.at("out/report.md"), "### ❌ pyrpc check\n\nan earlier report\n");
  const second = await run("--json", "--markdown-file", "out/report.md");
  assert.deepEqual(second.files, { "out/report.md": stdout });
  const refused = await run("--markdown-file", "notes.md");
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /Cannot write ".*notes\.md": it was not written by pyrpc/);
  assert.deepEqual(refused.files, {});
});
