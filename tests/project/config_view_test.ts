import assert from "node:assert/strict";
import { test } from "node:test";
import { viewConfig } from "../../lib/project/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("viewConfig() shows the origin of each value, of the backend and of the client", async () => {
  await using folder = await tempFolder({
    "pyrpc.json": '{\n  "version": 1,\n  "framework": "flask",\n  "entrypoint": "main"\n}',
    "pyrpc-client.json": '{\n  "distribution": "server",\n  "server_url": "http://a"\n}',
  });
  const env = { PYRPC_DISTRIBUTION: "server", PYRPC_SERVER_URL: "http://b", PYRPC_HOST: "" };
  const overrides = { entry: "app.main" };
  const view = await viewConfig({ cwd: folder.path, env, overrides });
  assert.deepEqual([view.file, view.format, view.complete], [folder.at("pyrpc.json"), "v1", true]);
  const origins = Object.fromEntries(view.values.map(({ name, from }) => [name, from]));
  assert.deepEqual(origins, {
    framework: "pyrpc.json:3",
    entrypoint: "flag --entry",
    distribution: "environment PYRPC_DISTRIBUTION",
    client_root: "not set",
    host: "default",
    port: "default",
    debounce: "default",
    python: "not set",
    snapshot: "not set",
    cors_origins: "not set",
  });
  assert.deepEqual(view.client?.values, [
    { name: "distribution", value: "server", from: "pyrpc-client.json:2" },
    { name: "server_url", value: "http://b", from: "environment PYRPC_SERVER_URL" },
  ]);
});

test("viewConfig() of an incomplete or missing configuration is not complete", async () => {
  await using folder = await tempFolder({ "pyrpc.json": '{ "version": 1 }', "empty/x": "" });
  const incomplete = await viewConfig({ cwd: folder.path, env: {} });
  assert.deepEqual([incomplete.complete, incomplete.format], [false, "v1"]);
  await using empty = await tempFolder({});
  const missing = await viewConfig({ cwd: empty.path, env: {} });
  assert.deepEqual([missing.complete, missing.file, missing.client], [false, null, null]);
});
