import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { parseContract } from "../../lib/contract/mod.ts";
import { createSampler } from "../../lib/mock/mod.ts";
import { parseExamples } from "../../lib/mock/files/mod.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const contract = parseContract(JSON.parse(read("examples/shop.schema.json")), { where: "shop" });
const accepts = new Ajv2020({ strict: false }).compile(
  JSON.parse(read("schemas/pyrpc-examples.schema.json")),
);

/** Files, and whether they are valid: the schema and the reader agree. */
const FILES: readonly (readonly [valid: boolean, yaml: string])[] = [
  [true, "{}"],
  [true, "$schema: x\nadd: { result: 3 }"],
  [true, "add: [{ result: 3 }, { error: Busy }]"],
  [true, "add: { answers: [{ error: { message: Busy, data: [1] } }] }"],
  [true, "add: { cases: [{ when: { a: 1 }, result: 3 }], result: 4 }"],
  [true, "add: { cases: [{ args: { a: 1, b: 2 }, result: 3 }] }"],
  [false, "add: { cases: [{ args: { a: 1, b: 2 }, when: { a: 1 }, result: 3 }] }"],
  [false, "add: { cases: [{ args: [1, 2], result: 3 }] }"],
  [true, "collections: { products: { get: get_product, list: [list_products], items: 3 } }"],
  [true, "collections: { p: { save: save_product, not_found: No, parameters: { key: id } } }"],
  [false, "add: 3"],
  [false, "add: {}"],
  [false, "add: []"],
  [false, "add: { result: 1, error: no }"],
  [false, "add: { results: 1 }"],
  [false, "add: { error: { code: 1 } }"],
  [false, "add: { error: { code: a, message: b } }"],
  [false, "add: { error: { message: b, more: 1 } }"],
  [false, "add: { cases: [{ when: { a: 1 } }] }"],
  [false, "add: { cases: [{ result: 1, answers: [{ result: 1 }] }] }"],
  [false, "collections: { p: { items: 3 } }"],
  [false, "collections: { p: { get: 1 } }"],
  [false, "collections: { p: { get: [] } }"],
  [false, "collections: { p: { get: get_product, items: -1 } }"],
  [false, "collections: { p: { get: get_product, items: [3] } }"],
  [false, "collections: { p: { get: get_product, name: x } }"],
  [false, "collections: { p: { get: get_product, parameters: { x: id } } }"],
];

for (const [valid, text] of FILES) {
  test(`the JSON Schema of examples ${valid ? "accepts" : "rejects"} ${text}, as the reader does`, () => {
    assert.equal(accepts(parse(text)), valid);
    const load = () => parseExamples(text, { contract, sampler: createSampler(), where: "x" });
    if (valid) load();
    else assert.throws(load);
  });
}

test("the JSON Schema accepts the examples of the shop", () => {
  assert.ok(accepts(parse(read("examples/shop.examples.yaml"))), JSON.stringify(accepts.errors));
});
