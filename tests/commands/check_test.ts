import assert from "node:assert/strict";
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
