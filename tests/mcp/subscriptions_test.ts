import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { serveHttp } from "../support/http_server.ts";
import { toolUnderTest } from "../support/specs.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { TINY } from "../support/tiny_contract.ts";
import { waitUntil } from "../support/wait_until.ts";

test("a client is notified of the resources that it subscribes to, and of no others", async () => {
  let contract: object = { ...TINY, other: { ...TINY.add, name: "other" } };
  await using server = await serveHttp((_, response) => response.end(JSON.stringify(contract)));
  await using folder = await tempFolder();
  const [command = "", ...args] = toolUnderTest().tool;
  const client = new Client({ name: "test", version: "1" });
  const updated: string[] = [];
  let changes = 0;
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
    updated.push(params.uri);
  });
  client.setNotificationHandler("notifications/resources/list_changed", () => {
    changes++;
  });
  const transport = new StdioClientTransport({
    command,
    args: [...args, "mcp", server.url],
    cwd: folder.path,
    env: { ...process.env as Record<string, string>, XDG_CACHE_HOME: folder.path },
  });
  await client.connect(transport);
  await client.callTool({ name: "list_procedures", arguments: {} });
  for (const name of ["add", "other"]) {
    await client.subscribeResource({ uri: `pyrpc://procedures/${name}` });
  }
  contract = { ...contract, add: { ...TINY.add, doc: "Changed." } };
  await waitUntil(() => changes > 0 && updated.length > 0);
  assert.deepEqual(updated, ["pyrpc://procedures/add"]);
  await client.close();
});
