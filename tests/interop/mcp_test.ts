import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { djangoShop, joinRoutes, runserver } from "../support/django.ts";
import { requireTool } from "../support/external.ts";
import { mcpClient } from "../support/mcp.ts";
import { npmPackages } from "../support/npm_packages.ts";
import { pythonEnvironment, pythonSkip, type RunningServer, startShop } from "../support/python.ts";
import { toolUnderTest } from "../support/specs.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun, RUNS_ALL_CASES } from "../support/verify.ts";

const execute = promisify(execFile);
const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));
/** A running example backend under each adapter. */
const BACKENDS: Readonly<Record<string, () => Promise<RunningServer>>> = {
  fastapi: () => startShop("fastapi"),
  flask: () => startShop("flask"),
  asgi: () => startShop("asgi"),
  async django() {
    const folder = await djangoShop();
    await joinRoutes(folder);
    const server = await runserver(folder);
    return {
      ...server,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
};

for (const [adapter, start] of casesToRun(Object.entries(BACKENDS), ([one]) => one === "fastapi")) {
  test(`the official Python client calls a real ${adapter} backend through pyrpc mcp`, {
    skip: pythonSkip(),
  }, async () => {
    await using server = await start();
    const { python } = await pythonEnvironment("mcp");
    const client = fileURLToPath(new URL("../support/mcp_client.py", import.meta.url));
    const { stdout } = await execute(python, [
      client,
      ...toolUnderTest().tool,
      ...["mcp", server.url, "--allow-calls", "add"],
    ]);
    const seen = JSON.parse(stdout);
    assert.equal(seen.server, "pyrpc");
    assert.equal(seen.tools.at(-1), "call_procedure");
    assert.equal(seen.check.valid, false);
    assert.equal(seen.check.error.data.field, "b");
    assert.equal(seen.called.result, 42);
    assert.ok(seen.resources > 10);
  });
}

test(
  "describe_procedure has the place of the function in Python",
  {
    skip: pythonSkip(),
  },
  async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    await using mcp = await mcpClient({
      source: "app.main",
      options: { python },
      files: {
        "app/__init__.py": "",
        "app/users.py": "from pyrpc_core import rpc\n\n\n@rpc\ndef get_user(id: int) -> str: ...\n",
        "app/main.py":
          "import app.users\nfrom pyrpc_core import rpc\n\n@rpc\nasync def add(a: int) -> int: ...\n",
      },
    });
    const locationOf = async (name: string) =>
      (await mcp.call("describe_procedure", { name }))["source_location"];
    assert.match(String(await locationOf("get_user")), /^app\/users\.py:[45]$/);
    assert.match(String(await locationOf("add")), /^app\/main\.py:[45]$/);
  },
);

const node22 = requireTool("npx");
// Both tools need Node 22 and many packages: they run in `deno task verify mcp`.
const skipsTools = RUNS_ALL_CASES ? node22.skip : "runs in deno task verify mcp";

function underNode22(script: string, args: readonly string[]): readonly [string, string[]] {
  return [node22.path, ["-y", "-p", "node@22", "node", script, ...args]];
}

test(
  "the inspector in command-line mode lists and calls the tools",
  { skip: skipsTools },
  async () => {
    const folder = await npmPackages("@modelcontextprotocol/inspector@0.15.0");
    const inspector = join(folder, "node_modules/@modelcontextprotocol/inspector/cli/build/cli.js");
    const [command = "", ...args] = toolUnderTest().tool;
    await using config = await tempFolder({
      "mcp.json": JSON.stringify({
        mcpServers: { pyrpc: { command, args: [...args, "mcp", SHOP] } },
      }),
    });
    const inspect = async (...method: string[]) => {
      const [program, all] = underNode22(inspector, [
        ...["--cli", "--config", config.at("mcp.json"), "--server", "pyrpc"],
        ...method,
      ]);
      return JSON.parse((await execute(program, all)).stdout);
    };
    const { tools } = await inspect("--method", "tools/list");
    assert.equal(tools.length, 8);
    const call = [
      "--tool-name",
      "check_call",
      "--tool-arg",
      "name=add",
      "--tool-arg",
      "arguments=[1,2]",
    ];
    const answer = await inspect("--method", "tools/call", ...call);
    assert.equal(answer.structuredContent.valid, true);
    const { resources } = await inspect("--method", "resources/list");
    assert.ok(resources.length > 10);
  },
);

/**
 * The scenarios of the conformance suite that need tools, prompts or resources of the reference server
 * (`test_simple_text`, `test://static-text`, …), or capabilities that this server does not declare.
 */
const REFERENCE_ONLY = [
  "logging-set-level",
  "completion-complete",
  "tools-call-simple-text",
  "tools-call-image",
  "tools-call-audio",
  "tools-call-embedded-resource",
  "tools-call-mixed-content",
  "tools-call-with-logging",
  "tools-call-error",
  "tools-call-with-progress",
  "tools-call-sampling",
  "tools-call-elicitation",
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
  // Needs sessions; each request is answered alone.
  "server-sse-multiple-streams",
  "resources-read-text",
  "resources-read-binary",
  "resources-templates-read",
  "prompts-list",
  "prompts-get-simple",
  "prompts-get-with-args",
  "prompts-get-embedded-resource",
  "prompts-get-with-image",
];

test("the official conformance suite passes over HTTP", { skip: skipsTools }, async () => {
  const folder = await npmPackages("@modelcontextprotocol/conformance@0.1.16");
  await using expected = await tempFolder({
    "expected.yml": `server:\n${REFERENCE_ONLY.map((name) => `  - ${name}\n`).join("")}`,
  });
  const [command = "", ...args] = toolUnderTest().tool;
  const server = spawn(command, [...args, "mcp", SHOP, "--http", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      server.once("exit", () => reject(new Error("the server ended")));
      server.stderr.on("data", (chunk) => {
        const found = /http:\S+/.exec(String(chunk))?.[0];
        if (found !== undefined) resolve(found);
      });
    });
    const suite = join(folder, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
    const [program, all] = underNode22(suite, [
      ...["server", "--url", url],
      ...["--expected-failures", expected.at("expected.yml")],
    ]);
    // Fails for an unexpected failure, and for an expected one that passes.
    const { stdout } = await execute(program, all, { cwd: expected.path, env: process.env });
    assert.match(stdout, /Total: 8 passed, 22 failed/);
  } finally {
    server.kill("SIGKILL");
  }
});
