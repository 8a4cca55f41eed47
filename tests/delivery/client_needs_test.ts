import assert from "node:assert/strict";
import { test } from "node:test";
import { missingClient } from "../../lib/delivery/client_needs.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("missingClient() names the package manager's command unless the client can call already", async () => {
  const manifest = (dependencies: object = {}) => JSON.stringify({ name: "web", dependencies });
  const rows = [
    [{ "web/package.json": manifest() }, "npm install @pyrpc/client"],
    [{ "web/package.json": manifest(), "web/pnpm-lock.yaml": "" }, "pnpm add @pyrpc/client"],
    [{ "web/package.json": manifest(), "web/yarn.lock": "" }, "yarn add @pyrpc/client"],
    [{ "web/package.json": manifest(), "web/bun.lock": "" }, "bun add @pyrpc/client"],
    [
      { "package.json": '{"workspaces":["web"]}', "yarn.lock": "", "web/package.json": manifest() },
      "yarn add @pyrpc/client",
    ],
    [{ "web/package.json": manifest({ "@pyrpc/client": "1" }) }, undefined],
    [{ "web/package.json": manifest({ "@pyrpc/react": "1" }) }, undefined],
    [{ "web/package.json": manifest(), "web/src/pyrpc-client.ts": "" }, undefined],
    [
      { "web/package.json": manifest(), "web/node_modules/@pyrpc/client/package.json": "{}" },
      undefined,
    ],
    [{ "web/index.ts": "" }, undefined],
  ] as const;
  for (const [files, wanted] of rows) {
    await using folder = await tempFolder(files);
    assert.equal(missingClient(folder.at("web"), folder.at("web/src/api.ts")), wanted);
  }
});
