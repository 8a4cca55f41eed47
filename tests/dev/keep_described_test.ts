import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { typesOf } from "../../lib/delivery/mod.ts";
import { Deliverer } from "../../lib/dev/deliverer.ts";
import { keepDescribed } from "../../lib/dev/keep_described.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { tempFolder } from "../support/temp_folder.ts";

const problem = (name: string) => ({ name, part: null, reason: "no schema", place: null });

test("keepDescribed() keeps procedures that cannot be described, and drops removed ones", () => {
  const before = contractOf({ a: {}, b: {}, gone: {} });
  const now = contractOf({ a: {}, d: {} });
  const { contract, unknown } = keepDescribed(
    now,
    { problems: [problem("b"), problem("c")] },
    before,
  );
  assert.deepEqual([...contract.procedures.keys()], ["a", "d", "b"]);
  assert.deepEqual(Object.keys(contract.document), ["a", "d", "b"]);
  assert.deepEqual(unknown, ["c"]);
  assert.equal(keepDescribed(now, { problems: [] }, before).contract, now);
});

test("Deliverer keeps a file with types of procedures that were never described in this session", async () => {
  await using folder = await tempFolder({
    "web/package.json": "{}",
    "pyrpc.json": JSON.stringify({
      version: 1,
      framework: "asgi",
      entrypoint: "main",
      distribution: "workspace",
      client_root: "web",
    }),
  });
  const state = await loadProject({ cwd: folder.path, env: {} });
  assert.ok(state.kind === "ready");
  const both = typesOf(contractOf({ a: {}, b: {} }));
  const one = typesOf(contractOf({ a: {} }));
  const path = folder.at("web/node_modules/@pyrpc/types/src/index.ts");
  new Deliverer().deliver(both, state.project);
  const kept = new Deliverer().deliver(one, state.project, { unknown: ["b"] });
  assert.deepEqual(kept.deliveries.map(({ state }) => state), ["kept"]);
  assert.equal(await readFile(path, "utf8"), both(undefined).text);
  const other = new Deliverer().deliver(one, state.project, { unknown: ["never_there"] });
  assert.deepEqual(other.deliveries.map(({ state }) => state), ["written"]);
});
