import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { type JsonSchema, parseContract } from "../../lib/contract/mod.ts";
import { compileCall } from "../../lib/validate/mod.ts";
import { uncheckedConstraints } from "../../lib/validate/unchecked.ts";

const ROWS: readonly [schema: JsonSchema, reports: readonly string[]][] = [
  [{ $dynamicRef: "#node" }, ['The keyword "$dynamicRef" at # is not validated']],
  [
    { type: "object", properties: { "a/b": { type: "string", format: "hostname" } } },
    ['The format "hostname" at #/properties/a~1b is not validated'],
  ],
  [{ anyOf: [{ items: [{}] }] }, ['The keyword "items" at #/anyOf/0 is not validated']],
  // Data, names and annotations are not constraints.
  [{ default: { $dynamicRef: "x" }, "x-order": 1, format: "money" }, []],
  [{ type: "object", properties: { max_digits: { type: "string", format: "date" } } }, []],
];

for (const [schema, reports] of ROWS) {
  test(`uncheckedConstraints() of ${JSON.stringify(schema)}`, () => {
    assert.deepEqual(uncheckedConstraints(schema), reports);
  });
}

test("compileCall() reports each unvalidated place once", () => {
  const schema: JsonSchema = { type: "array", items: { $ref: "https://example.com/a.json" } };
  const reports: string[] = [];
  const procedure = {
    name: "get",
    parameters: [{ name: "q", schema, required: true, default: null, type: "" }],
    result: { $dynamicRef: "#x" },
    resultType: "",
  };
  const validator = compileCall(procedure, { warn: (message) => reports.push(message) });
  for (let count = 0; count < 3; count++) {
    assert.ok(validator.checkCall([[1, 2]]).ok);
    assert.ok(validator.checkResult(1).ok);
  }
  assert.deepEqual(reports.sort(), [
    'get, parameter "q": The reference "https://example.com/a.json" cannot be resolved: every value is accepted',
    'get, result: The keyword "$dynamicRef" at # is not validated',
  ]);
});

test("everything of the example backend is validated", async () => {
  const path = new URL("../fixtures/shop.schema.json", import.meta.url);
  const contract = parseContract(JSON.parse(await readFile(path, "utf8")), { where: "shop" });
  for (const { parameters, result } of contract.procedures.values()) {
    for (const schema of [result, ...parameters.map((one) => one.schema)]) {
      assert.deepEqual(uncheckedConstraints(schema), []);
    }
  }
});
