import assert from "node:assert/strict";
import { relative } from "node:path";
import { test } from "node:test";
import { findSnapshot } from "../../lib/snapshot/mod.ts";
import { documentOf } from "../support/contracts.ts";
import { tempFolder } from "../support/temp_folder.ts";

const CONTRACT = JSON.stringify(documentOf({ add: {} }));
const PROJECT = JSON.stringify({ version: 1 });

test("findSnapshot() prefers the environment, then pyrpc.json, then a contract with a usual name", async () => {
  const rows: readonly (readonly [Record<string, string>, Record<string, string>, unknown])[] = [
    [{}, { PYRPC_SNAPSHOT: "given.json" }, "api/given.json"],
    [{ "schema.json": CONTRACT }, { PYRPC_SNAPSHOT: "../x.json" }, "x.json"],
    [
      {
        "pyrpc.json": JSON.stringify({ version: 1, snapshot: "kept/s.json" }),
        "api/schema.json": CONTRACT,
      },
      {},
      "kept/s.json",
    ],
    [{ "pyrpc.json": PROJECT, "contract.json": CONTRACT }, {}, "contract.json"],
    [
      { "pyrpc.json": PROJECT, "schema.json": CONTRACT, "api/contract.json": CONTRACT },
      {},
      "api/contract.json",
    ],
    [
      { "api/pyrpc.schema.json": CONTRACT, "api/contract.json": CONTRACT },
      {},
      "api/pyrpc.schema.json",
    ],
    // Files with a usual name that are not contracts.
    [{ "api/schema.json": "{", "api/contract.json": CONTRACT }, {}, "api/contract.json"],
    [{ "api/schema.json": `{"openapi":"3.1.0"}`, "api/contract.json": "[]" }, {}, undefined],
    [{ "schema.json": CONTRACT }, {}, undefined],
  ];
  for (const [files, env, wanted] of rows) {
    await using folder = await tempFolder({ "api/keep": "", ...files });
    const found = await findSnapshot({ cwd: folder.at("api"), env });
    const path = found && relative(folder.path, found).replaceAll("\\", "/");
    assert.equal(path, wanted, JSON.stringify([Object.keys(files), env]));
  }
});
