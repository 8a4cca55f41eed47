import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { parseContract } from "../../lib/contract/mod.ts";
import { typesOf } from "../../lib/delivery/mod.ts";
import { Deliverer } from "../../lib/dev/deliverer.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

const procedure = (name: string) => ({
  name,
  parameters: [],
  return_type: "int",
  return_schema: { type: "integer" },
  doc: "",
});
const TYPES = typesOf(parseContract(
  Object.fromEntries(["shop.list", "admin.wipe"].map((name) => [name, procedure(name)])),
  { where: "test" },
));

test("Deliverer writes to each client the procedures and the target that pyrpc.json names for it", async () => {
  await using folder = await tempFolder({
    "web/package.json": "{}",
    "office/package.json": "{}",
    "office/src/x.ts": "",
    "all/package.json": "{}",
    "api/pyrpc.json": JSON.stringify({
      version: 1,
      framework: "fastapi",
      entrypoint: "main",
      distribution: "workspace",
      clients: [
        { root: "../web", exclude: ["admin.*"] },
        { root: "../office", include: ["admin.*"], target: "src/api.ts" },
        { root: "../all", target: "@org/all-types" },
      ],
    }),
  });
  const projectOf = async (flags: object = {}) => {
    const state = await loadProject({ cwd: folder.at("api"), env: {}, overrides: flags });
    assert.equal(state.kind, "ready");
    return state.kind === "ready" ? state.project : assert.fail();
  };
  const namesIn = async (path: string) => {
    const text = await readFile(folder.at(path), "utf8");
    return ["shop", "admin"].filter((name) => text.includes(name));
  };
  const deliverer = new Deliverer();
  const { deliveries } = deliverer.deliver(TYPES, await projectOf());
  assert.deepEqual(deliveries.map(({ state }) => state), ["written", "written", "written"]);
  assert.deepEqual(await namesIn("web/node_modules/@pyrpc/types/src/index.ts"), ["shop"]);
  assert.deepEqual(await namesIn("office/src/api.ts"), ["admin"]);
  assert.deepEqual(await namesIn("all/node_modules/@org/all-types/src/index.ts"), [
    "shop",
    "admin",
  ]);

  const narrowed = deliverer.deliver(TYPES, await projectOf({ exclude: ["admin.*"] }));
  assert.deepEqual(narrowed.deliveries.map(({ state }) => state), ["same", "failed", "written"]);
  assert.equal(narrowed.deliveries[1]?.error?.code, "NO_PROCEDURE_SELECTED");
  assert.deepEqual(await namesIn("all/node_modules/@org/all-types/src/index.ts"), ["shop"]);
});
