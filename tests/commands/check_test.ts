import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { documentOf, type ProcedureInit } from "../support/contracts.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A server that answers `GET /rpc` with what `describe` gives at that moment. */
async function serve(describe: () => Record<string, ProcedureInit>) {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(documentOf(describe())));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
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
