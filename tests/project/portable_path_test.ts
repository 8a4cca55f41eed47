import assert from "node:assert/strict";
import { test } from "node:test";
import { readClientConfig } from "../../lib/project/client_config.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { readPath, sharedPath } from "../../lib/project/portable_path.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("readPath() reads a relative path of Windows on POSIX", () => {
  assert.equal(readPath("..\\frontend", "/"), "../frontend");
  assert.equal(readPath("src/a\\b.ts", "/"), "src/a\\b.ts");
  assert.equal(readPath("..\\frontend", "\\"), "..\\frontend");
});

test("sharedPath() writes a path with forward slashes on Windows", () => {
  assert.equal(sharedPath(".\\frontend\\app", "\\"), "./frontend/app");
  assert.equal(sharedPath("a\\b", "/"), "a\\b");
});

test("configuration files that were written on Windows are read on every system", async () => {
  await using folder = await tempFolder({
    "backend/main.py": "",
    "backend/pyrpc.json": JSON.stringify({
      ...{ version: 1, framework: "fastapi", entrypoint: "main", distribution: "workspace" },
      client_root: "..\\web\\app",
      snapshot: "..\\schema\\api.json",
    }),
    "web/app/package.json": "{}",
    "client/package.json": "{}",
    "client/pyrpc-client.json": JSON.stringify({
      distribution: "server",
      server_url: "http://127.0.0.1:8000",
      target: "src\\api.ts",
    }),
  });
  const state = await loadProject({ cwd: folder.at("backend"), env: {} });
  assert.ok(state.kind === "ready");
  const { clients, snapshot } = state.project;
  assert.deepEqual(clients.map(({ root }) => root), [folder.at("web", "app")]);
  assert.equal(snapshot, folder.at("schema", "api.json"));
  const { target } = await readClientConfig(folder.at("client", "pyrpc-client.json"));
  assert.deepEqual(target, { kind: "file", path: folder.at("client", "src", "api.ts") });
});
