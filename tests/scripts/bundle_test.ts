// Runs under Deno only: it runs the bundle under all three engines itself

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { bunPath } from "../../scripts/bun.ts";
import { bareImports, bundle } from "../../scripts/bundle.ts";
import { ROOT, run } from "../../scripts/project.ts";
import { denoPath } from "../support/engines.ts";
import { requireTool } from "../support/external.ts";
import { HOSTILE_FOLDER } from "../support/hostile_folder.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
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

test("the bundle under Node, and by URL under Deno, obeys nothing of a hostile folder", {
  skip: node.skip,
}, async () => {
  await using folder = await tempFolder();
  await using hostile = await tempFolder(HOSTILE_FOLDER);
  await bundle(folder.at("pyrpc.js"));
  await using program = await serveFile(folder.at("pyrpc.js"));
  const ways = [
    [node.path, folder.at("pyrpc.js")],
    [denoPath(), "run", "-A", "--quiet", `${program.url}/pyrpc.js`],
  ];
  for (const [command = "", ...first] of ways) {
    const args = [...first, "codegen", "schema.json", "--out", "-"];
    const { code, stdout, stderr } = await run(command, args, { cwd: hostile.path });
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /evil|\u001b/);
    const sync = await run(command, [...first, "sync"], { cwd: hostile.path });
    assert.equal(sync.code, 2, "the address in .env is not taken");
    await assert.rejects(readFile(hostile.at("evil.txt")), /ENOENT/);
  }
});

test("the bundle, by URL, needs no more permissions under Deno than docs/install.md lists", async () => {
  await using folder = await tempFolder({
    "api.ts": "export function add(a: number, b: number): number { return a + b; }",
    "app/main.py":
      "from pyrpc_core import rpc\n\n\n@rpc\ndef add(a: int, b: int) -> int:\n    return a + b\n",
  });
  await bundle(folder.at("pyrpc.js"));
  await using program = await serveFile(folder.at("pyrpc.js"));
  const schema = await readFile(join(ROOT, "tests/fixtures/shop.schema.json"));
  await folder.write({ "schema.json": schema });
  const server = createServer((request, response) =>
    void response.end(request.method === "GET" ? schema : `{"id":"1","result":3,"error":null}`)
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const python = pythonSkip() ? undefined : (await pythonEnvironment("shop-0.14")).python;
  /** Commands that end by themselves must end with 0; servers must print `until`. */
  type Row = readonly [permissions: readonly string[], args: readonly string[], until?: string];
  const ofPython: readonly Row[] = python === undefined ? [] : [
    [["--allow-run", "--allow-sys"], ["inspect", "app.main", "--python", python]],
    [
      ["--allow-run", "--allow-sys", "--allow-write", "--allow-net"],
      ["dev", "app.main", "--distribution", "server", "--types-only", "--python", python],
      "schema updated (1 procs)",
    ],
  ];
  const rows: readonly Row[] = [
    [[], ["version"]],
    [[], ["completions", "bash"]],
    [[], ["codegen", "schema.json", "--out", "-"]],
    [[], ["inspect", "schema.json"]],
    [[], ["diff", "schema.json", "schema.json"]],
    [[], ["check", "schema.json"]],
    [[], ["export", "openrpc", "schema.json"]],
    [[], ["doctor"]],
    [["--allow-write"], ["codegen", "schema.json", "--out", "api.types.ts"]],
    [["--allow-net"], ["inspect", url]],
    [["--allow-net"], ["diff", "schema.json", url]],
    [["--allow-net"], ["call", url, "add", "1", "2"]],
    [["--allow-net", "--allow-write"], ["pull", url, "-o", "pulled.json"]],
    [["--allow-net", "--allow-write"], ["sync", "--server-url", url, "--out", "synced.ts"]],
    [["--allow-net"], ["mock", "schema.json", "--port", "0"], "/rpc"],
    [["--allow-net"], ["proxy", url, "--port", "0"], "/rpc"],
    [["--allow-net"], ["explore", url, "--port", "0"], "/explorer"],
    [["--allow-net"], ["serve", "--handlers", "api.ts", "--listen", "http://127.0.0.1:0"], "/rpc"],
    [["--allow-net"], ["registry", "--mode", "TCP", "--port", "0"], "server started"],
    ...ofPython,
    [["--allow-write"], ["init", "--client", "--distribution", "workspace"]],
    [[], ["config"]],
  ];
  for (const [permissions, args, until] of rows) {
    const flags = ["--no-prompt", "--allow-env", "--allow-read", ...permissions];
    const { code, words } = await runUntil(
      [denoPath(), "run", ...flags, `${program.url}/pyrpc.js`, ...args],
      until,
      folder.path,
    );
    const shown = `${args.join(" ")}: ${words}`;
    assert.doesNotMatch(words, /NotCapable|^error:/m, shown);
    if (until === undefined) assert.equal(code, 0, shown);
    else assert.ok(words.includes(until), shown);
  }
  server.closeAllConnections();
  server.close();
});

test("by URL under Deno with -A, connections are served by workers and by children", {
  skip: pythonSkip(),
}, async () => {
  await using folder = await tempFolder({
    "api.ts": "export function add(a: number, b: number): number { return a + b; }",
  });
  await bundle(folder.at("pyrpc.js"));
  await using program = await serveFile(folder.at("pyrpc.js"));
  const { python } = await pythonEnvironment("rpyc");
  const call =
    "import rpyc, sys; c = rpyc.connect('127.0.0.1', int(sys.argv[1])); print(c.root.add(1, 2)); c.close()";
  for (const mode of ["threaded", "forking"]) {
    const flags = [
      "serve",
      "--protocol",
      "rpyc",
      "--handlers",
      "api.ts",
      "--mode",
      mode,
      "-p",
      "0",
    ];
    const args = [denoPath(), "run", "-A", `${program.url}/pyrpc.js`, ...flags];
    const { words } = await runUntil(
      args,
      /started on \S+:(\d+)/,
      folder.path,
      async ([, port]) => {
        const called = await run(python, ["-c", call, port!]);
        assert.equal(called.stdout, "3\n", `${mode}: ${called.stderr}`);
      },
    );
    assert.match(words, /started on/, words);
  }
});

/** Runs a command to its end, or ends it once it has printed `until` and `then` is done. */
async function runUntil(
  [command = "", ...args]: readonly string[],
  until: string | RegExp | undefined,
  cwd: string,
  then: (match: readonly string[]) => Promise<void> = () => Promise.resolve(),
): Promise<{ code: number | null; words: string }> {
  const { CI: _, ...env } = process.env;
  const child = spawn(command, args, {
    cwd,
    env: { ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  const limit = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let words = "";
  const found = new Promise<readonly string[]>((resolve) => {
    const hear = (text: unknown) => {
      words += String(text);
      if (until === undefined) return;
      const match = typeof until === "string"
        ? words.includes(until) && [until]
        : until.exec(words);
      if (match) resolve(match);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
  });
  try {
    const match = await Promise.race([found, closed.then(() => undefined)]);
    if (match !== undefined) await then(match);
  } finally {
    if (child.exitCode === null && until !== undefined) child.kill("SIGKILL");
  }
  await closed;
  clearTimeout(limit);
  return { code: child.exitCode, words };
}

async function serveFile(file: string): Promise<{ url: string } & AsyncDisposable> {
  const body = await readFile(file);
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/javascript" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    // Deno caches modules by their URL, and a later test may get the same port.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${randomUUID()}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("bareImports() lists imports that need an import map or node_modules", () => {
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
