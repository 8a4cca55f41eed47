import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { runCli } from "../support/run_cli.ts";
import { serveHttp } from "../support/http_server.ts";
import { toolUnderTest } from "../support/specs.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { TINY, TINY_TEXT } from "../support/tiny_contract.ts";

test("pyrpc mcp speaks over standard streams: answers, errors on stderr only, ends with its client", async () => {
  await using folder = await tempFolder({ "schema.json": TINY_TEXT });
  const [command = "", ...args] = toolUnderTest().tool;
  const transport = new StdioClientTransport({
    command,
    args: [...args, "mcp", "schema.json"],
    cwd: folder.path,
    stderr: "pipe",
  });
  let stderr = "";
  transport.stderr?.on("data", (chunk) => stderr += chunk);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  assert.equal(client.getServerVersion()?.name, "pyrpc");
  const answer = await client.callTool({ name: "list_procedures", arguments: {} });
  assert.equal((answer.structuredContent as { total: number }).total, 1);
  const { pid } = transport;
  await client.close();
  assert.throws(() => process.kill(pid ?? 0, 0), "the server is gone");
  assert.equal(stderr, "");
});

const OPENING = [
  {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    },
  },
  { jsonrpc: "2.0", method: "notifications/initialized" },
  {
    jsonrpc: "2.0",
    id: 2,
    method: "tools/call",
    params: { name: "list_procedures", arguments: {} },
  },
];

test("a message that is too long ends the server, which does not wait for its client", async () => {
  await using folder = await tempFolder({ "schema.json": TINY_TEXT });
  const [command = "", ...args] = toolUnderTest().tool;
  const server = spawn(command, [...args, "mcp", "schema.json"], {
    cwd: folder.path,
    stdio: ["pipe", "pipe", "ignore"],
  });
  // The server closes the pipe.
  server.stdin.on("error", () => {});
  // It follows the file of the contract by then, which must not keep it running.
  for (const line of OPENING) server.stdin.write(`${JSON.stringify(line)}\n`);
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  for (let answers = 0; answers < 2; answers++) await lines.next();
  server.stdin.write("[".repeat(11 * 2 ** 20));
  const [code] = await once(server, "exit");
  assert.equal(code, 0);
});

test("a token is part of no answer, and of no error", async () => {
  const token = "t0ken-of-the-user";
  await using server = await serveHttp((_, response) => {
    response.statusCode = 401;
    response.end(`no such token: ${token}`);
  });
  await using folder = await tempFolder();
  const [command = "", ...args] = toolUnderTest().tool;
  const transport = new StdioClientTransport({
    command,
    args: [...args, "mcp", server.url, "--token-env", "API_TOKEN"],
    cwd: folder.path,
    env: {
      ...process.env as Record<string, string>,
      API_TOKEN: token,
      XDG_CACHE_HOME: folder.path,
    },
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  const answer = await client.callTool({ name: "list_procedures", arguments: {} });
  assert.equal(answer.isError, true);
  assert.ok(!JSON.stringify(answer).includes(token), JSON.stringify(answer));
  assert.equal(server.requests[0]?.headers.authorization, `Bearer ${token}`);
  await client.close();
});

test("pyrpc mcp --http: the official client, and neither other hosts nor other origins", async () => {
  await using folder = await tempFolder({ "schema.json": TINY_TEXT });
  let stop = () => {};
  const url = Promise.withResolvers<string>();
  const running = runCli(["mcp", "schema.json", "--http", "0"], {
    cwd: folder.path,
    onStart: (signal) => stop = () => signal("SIGINT"),
    onStderr: (text) => {
      const found = /http:\S+/.exec(text)?.[0];
      if (found !== undefined) url.resolve(found);
    },
  });
  const address = new URL(await url.promise);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(address));
  const answer = await client.callTool({ name: "list_procedures", arguments: {} });
  assert.equal((answer.structuredContent as { total: number }).total, 1);
  await client.close();
  const statusOf = async (headers: Record<string, string>) => {
    const sent = request(address, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
    });
    sent.end(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }));
    const [response] = await once(sent, "response");
    response.resume();
    return response.statusCode as number;
  };
  assert.equal(await statusOf({}), 200);
  assert.equal(await statusOf({ origin: "http://localhost:3000" }), 200);
  assert.equal(await statusOf({ origin: "https://evil.example" }), 403);
  assert.equal(await statusOf({ origin: "null" }), 403);
  assert.equal(await statusOf({ host: "evil.example" }), 403);
  stop();
  assert.equal((await running).code, 130);
});

test("the contract of pyrpc-client.json is found upwards", async () => {
  await using server = await serveHttp((_, response) => response.end(TINY_TEXT));
  await using folder = await tempFolder({
    "pyrpc-client.json": JSON.stringify({ distribution: "server", server_url: server.url }),
    "src/deep/x.ts": "",
  });
  const [command = "", ...args] = toolUnderTest().tool;
  const client = new Client({ name: "test", version: "1" });
  await client.connect(
    new StdioClientTransport({ command, args: [...args, "mcp"], cwd: folder.at("src/deep") }),
  );
  const answer = await client.callTool({ name: "list_procedures", arguments: {} });
  assert.equal((answer.structuredContent as { total: number }).total, Object.keys(TINY).length);
  await client.close();
});

for (
  const [name, file, member] of [
    ["claude", ".mcp.json", "mcpServers"],
    ["cursor", ".cursor/mcp.json", "mcpServers"],
    ["vscode", ".vscode/mcp.json", "servers"],
  ] as const
) {
  test(`pyrpc mcp --install ${name} merges ${file}: other entries and comments stay`, async () => {
    const before = `{\n  // mine\n  "${member}": { "other": { "command": "x" } }\n}\n`;
    await using folder = await tempFolder({ [file]: before });
    const args = ["mcp", "http://localhost:8000", "--allow-calls", "add", "--install", name];
    const printed = await runCli([...args, "--print"], { cwd: folder.path });
    assert.equal(readFileSync(folder.at(file), "utf8"), before, "--print writes nothing");
    assert.equal((await runCli(args, { cwd: folder.path })).code, 0);
    const after = readFileSync(folder.at(file), "utf8");
    assert.equal(after, printed.stdout);
    assert.match(after, /\/\/ mine/);
    const config = JSON.parse(after.replace("// mine", ""))[member];
    assert.deepEqual(config.other, { command: "x" });
    assert.match(config.pyrpc.command, /^(\/|[A-Z]:)/i, "absolute");
    assert.deepEqual(config.pyrpc.args.slice(-4), [
      "mcp",
      "http://localhost:8000",
      "--allow-calls",
      "add",
    ]);
    const again = await runCli(args, { cwd: folder.path });
    assert.match(again.stderr, /up to date/);
  });
}

test("pyrpc mcp --install keeps the members that the user added to the entry", async () => {
  const config = { mcpServers: { pyrpc: { url: "http://x", command: "old", env: { T: "t" } } } };
  await using folder = await tempFolder({ ".mcp.json": JSON.stringify(config) });
  const args = ["mcp", "schema.json", "--install", "claude", "--print"];
  const { stdout } = await runCli(args, { cwd: folder.path });
  const { env, url, command } = JSON.parse(stdout).mcpServers.pyrpc;
  assert.deepEqual([env, url], [{ T: "t" }, undefined]);
  assert.notEqual(command, "old");
});

test("pyrpc mcp --install rejects files that it would break, and secrets", async () => {
  await using folder = await tempFolder({ ".mcp.json": `{ "mcpServers": [] }` });
  const broken = await runCli(["mcp", "--install", "claude"], { cwd: folder.path });
  assert.equal(broken.code, 3);
  assert.match(broken.stderr, /"mcpServers" is not an object/);
  const secret = await runCli(["mcp", "--install", "cursor", "-H", "x-key: secret"], {
    cwd: folder.path,
  });
  assert.equal(secret.code, 2);
  assert.ok(!secret.stderr.includes("secret"));
  assert.equal((await runCli(["mcp", "--print"], { cwd: folder.path })).code, 2);
});
