// Runs under Deno only: it runs the bundle under all three engines itself

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { bunPath } from "../../scripts/bun.ts";
import { bareImports, bundle } from "../../scripts/bundle.ts";
import { ROOT, run } from "../../scripts/project.ts";
import { denoPath } from "../support/engines.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const node = requireTool("node");

test(
  "bundle() makes one file whose codegen is the source's under Node, Bun and Deno, Deno also by URL",
  {
    skip: node.skip,
  },
  async () => {
    // Outside the project: nothing of its `node_modules` or its configuration can help.
    await using folder = await tempFolder();
    const file = folder.at("pyrpc.js");
    await bundle(file);
    const schema = await readFile(join(ROOT, "tests/fixtures/shop.schema.json"), "utf8");
    await folder.write({ "schema.json": schema });
    const args = ["codegen", "schema.json", "--out", "-"];
    const wanted = await runCli(args, { files: { "schema.json": schema } });
    assert.equal(wanted.code, 0);
    await using server = await serveFile(file);
    const engines: Record<string, readonly string[]> = {
      Node: [node.path, file],
      Bun: [await bunPath(), file],
      Deno: [denoPath(), "run", "-A", file],
      "Deno by URL": [denoPath(), "run", "-A", "--reload", `${server.url}/pyrpc.js`],
    };
    for (const [engine, [command = "", ...first]] of Object.entries(engines)) {
      const { code, stdout, stderr } = await run(command, [...first, ...args], {
        cwd: folder.path,
        env: { NO_COLOR: "1", CI: undefined },
      });
      assert.equal(code, 0, `${engine}: ${stderr}`);
      assert.equal(stdout, wanted.stdout, engine);
      const refused = await run(command, [...first, "verison"], { cwd: folder.path });
      assert.equal(refused.code, 2, engine);
      // Loads the library for NATS, whose own word this is.
      const away = await run(
        command,
        [...first, "mock", "schema.json", "--port=0", "--listen=nats://127.0.0.1:1/x"],
        { cwd: folder.path },
      );
      assert.equal(away.code, 5, engine);
      assert.match(away.stderr, /NATS server: connection refused/, engine);
    }
  },
);

test("the bundle needs no more permissions under Deno than the README says", async () => {
  await using folder = await tempFolder();
  await bundle(folder.at("pyrpc.js"));
  const schema = await readFile(join(ROOT, "tests/fixtures/shop.schema.json"));
  await folder.write({ "schema.json": schema });
  const server = createServer((_, response) => void response.end(schema));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rows: readonly (readonly [permissions: string[], args: string[]])[] = [
    [[], ["version"]],
    [[], ["completions", "bash"]],
    [[], ["codegen", "schema.json", "--out", "-"]],
    [[], ["inspect", "schema.json"]],
    [["--allow-write"], ["codegen", "schema.json", "--out", "api.ts"]],
    [["--allow-net"], ["inspect", url]],
    [["--allow-net"], ["diff", "schema.json", url]],
    [["--allow-net", "--allow-write"], ["pull", url, "-o", "pulled.json"]],
    [["--allow-net", "--allow-write"], ["sync", "--server-url", url, "--out", "synced.ts"]],
  ];
  for (const [permissions, args] of rows) {
    const flags = ["--no-prompt", "--allow-env", "--allow-read", ...permissions];
    const { code, stderr } = await run(
      denoPath(),
      ["run", ...flags, folder.at("pyrpc.js"), ...args],
      {
        cwd: folder.path,
        env: { NO_COLOR: "1", CI: undefined },
      },
    );
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  }
  server.closeAllConnections();
  server.close();
});

async function serveFile(file: string): Promise<{ url: string } & AsyncDisposable> {
  const body = await readFile(file);
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/javascript" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("bareImports() names what only an import map or node_modules would find", () => {
  const text = [
    `import fs from "node:fs";`,
    `import { a,\n  b } from "ajv";`,
    `import "side-effect";`,
    `export * from 'again';`,
    `const x = await import("fs");`,
    `const y = await import("node:fs/promises");`,
    `import z from "node:no_such_module";`,
    `/** @type {import("./comment.js").X} */`,
    `const words = 'import x from "./string.js"';`,
  ].join("\n");
  assert.deepEqual(bareImports(text).sort(), [
    "again",
    "ajv",
    "fs",
    "node:no_such_module",
    "side-effect",
  ]);
});
