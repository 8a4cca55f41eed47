import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { type Contract, formatContract, parseContract } from "../../../lib/contract/mod.ts";
import { parseJson } from "../../../lib/json/mod.ts";
import { readSnapshot, writeSnapshot } from "../../../lib/mock/files/snapshot.ts";
import { createSampler } from "../../../lib/mock/values/mod.ts";
import { compileCall } from "../../../lib/validate/mod.ts";
import { tempFolder } from "../../support/temp_folder.ts";

const ROW = {
  type: "object",
  title: "Row",
  properties: {
    name: { type: "string" },
    zeta: { type: "integer", minimum: 9007199254740993n },
    age: { type: "integer", default: 9223372036854775807n },
    alpha: { type: "number", exclusiveMinimum: 1e300 },
  },
  required: ["name", "zeta", "alpha"],
};
const DOCUMENT = {
  get: {
    parameters: [{ name: "row", required: true, default: null, type: "", schema_: ROW }],
    return_schema: { $defs: { Row: ROW }, type: "array", items: { $ref: "#/$defs/Row" } },
  },
};

/** The answer to a call, and the first errors of wrong ones. */
function behaviour(contract: Contract): unknown {
  const procedure = contract.procedures.get("get");
  assert.ok(procedure !== undefined);
  const sampler = createSampler();
  const validator = compileCall(procedure, { mode: "lax" });
  const wrong = [{}, { zeta: 9007199254740992n, name: "x" }, { name: 1, zeta: "x", alpha: 1e300 }];
  return [
    sampler.result(procedure, new Map([["row", null]])),
    sampler.arguments(procedure),
    ...wrong.map((value) => validator.checkCall([value])),
  ];
}

test("a contract behaves the same from its source, a snapshot and the cache", async () => {
  await using folder = await tempFolder({});
  const source = parseContract(DOCUMENT, { where: "source" });
  const text = formatContract(source);
  const snapshot = parseContract(parseJson(text), { where: "snapshot" });
  const path = join(folder.path, "cached.json");
  await writeSnapshot(path, source);
  const cached = await readSnapshot(path);
  assert.ok(cached !== undefined);
  const expected = behaviour(source);
  assert.deepEqual(behaviour(snapshot), expected);
  assert.deepEqual(behaviour(cached.contract), expected);
});

test("a server that sorts keys has the same answers and first errors of required fields", () => {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)]),
    );
  };
  const flask = parseContract(sorted(DOCUMENT), { where: "flask" });
  assert.deepEqual(behaviour(flask), behaviour(parseContract(DOCUMENT, { where: "source" })));
});
