import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  pythonEnvironment,
  pythonSkip,
  type RunningServer,
  type ShopAdapter,
  startFixture,
  startPython,
} from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/results/", import.meta.url));
const MODULES: Readonly<Record<ShopAdapter, string>> = {
  fastapi: "main",
  flask: "main_flask",
  asgi: "main_asgi",
};
const ENV = { PYRPC_COUNT: "20", PYRPC_SEED: "3", PYTHONDONTWRITEBYTECODE: "1" };

for (const adapter of ["fastapi", "flask", "asgi"] as const) {
  test(
    `module, URL, snapshot, sync and dev write the same types (${adapter})`,
    { skip: pythonSkip() },
    async () => {
      await using server = await startFixture("results", adapter, "0.14", ENV);
      await using folder = await project(adapter);
      const written = await writeAll(folder, server, MODULES[adapter]);
      const [first = "", ...others] = written;
      assert.ok(first.includes("export type Outside ="), first.slice(0, 200));
      for (const other of others) assert.equal(other, first);
    },
  );
}

async function project(adapter: ShopAdapter): Promise<TempFolder> {
  const module = MODULES[adapter];
  return await tempFolder({
    "pyrpc.json": JSON.stringify({
      version: 1,
      framework: adapter,
      entrypoint: module,
      client_root: "client",
      distribution: "workspace",
    }),
    "results.py": await readFile(`${FIXTURE}results.py`, "utf8"),
    [`${module}.py`]: await readFile(`${FIXTURE}${module}.py`, "utf8"),
    "client/package.json": "{}",
    "synced/package.json": "{}",
  });
}

async function writeAll(
  folder: TempFolder,
  { url }: RunningServer,
  module: string,
): Promise<string[]> {
  const { python } = await pythonEnvironment("shop-0.14");
  const env = { ...ENV, PATH: "/usr/bin:/bin" };
  const run = async (args: readonly string[], cwd = folder.path) => {
    const { code, block } = await runCli(args, { cwd, env });
    assert.equal(code, 0, block);
  };
  await run(["codegen", module, "--python", python, "--out", "module.ts"]);
  await run(["codegen", url, "--out", "url.ts"]);
  await run(["pull", url, "--out", "schema.json"]);
  await run(["codegen", "schema.json", "--out", "snapshot.ts"]);
  await run(["sync", "--server-url", url], folder.at("synced"));
  let shown = "";
  let end = (_: "SIGINT") => {};
  const dev = await runCli(["dev", "--types-only", "--no-console", "--python", python], {
    cwd: folder.path,
    env,
    onStart: (signal) => end = signal,
    onStderr: (text) => {
      shown += text;
      if (/Types regenerated/.test(shown)) end("SIGINT");
    },
  });
  assert.match(dev.stderr, /Types regenerated/);
  const files = [
    "module.ts",
    "url.ts",
    "snapshot.ts",
    "synced/node_modules/@pyrpc/types/src/index.ts",
    "client/node_modules/@pyrpc/types/src/index.ts",
  ];
  return await Promise.all(files.map((file) => readFile(folder.at(file), "utf8")));
}

const FLOATS = `from typing import Annotated
from fastapi import FastAPI
from pydantic import Field
from pyrpc_core import rpc
from pyrpc_fastapi import mount_fastapi

app = FastAPI()
mount_fastapi(app)


@rpc
def half(a: Annotated[float, Field(ge=2.0, le=1e300)] = 5.0, b: int = 2**60, c: float = 0.0) -> float:
    return a / 2
`;

test("a module and its server have the same snapshot: floats stay floats", {
  skip: pythonSkip(),
}, async () => {
  const environment = await pythonEnvironment("shop-0.14");
  const { python } = environment;
  await using folder = await tempFolder({ "floats.py": FLOATS });
  const args = ["-m", "uvicorn", "floats:app", "--port", "0"];
  await using server = await startPython(environment, args, {
    cwd: folder.path,
    ready: /http:\/\/127\.0\.0\.1:(\d+)/,
  });
  const [fromModule, fromServer] = await Promise.all(
    [["floats", "--python", python], [server.url]].map(async (source) => {
      const run = await runCli(["pull", ...source], { cwd: folder.path, env: ENV });
      assert.equal(run.code, 0, run.block);
      return run.stdout;
    }),
  );
  assert.equal(fromModule, fromServer);
  const defaults = [...(fromServer ?? "").matchAll(/"(?:default|minimum|maximum)": ([^,\n]+)/g)];
  const numbers = defaults.map(([, number]) => number);
  assert.deepEqual([...new Set(numbers)].sort(), [
    "0.0",
    "1152921504606846976",
    "1e+300",
    "2.0",
    "5.0",
  ]);
});
