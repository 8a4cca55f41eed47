import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalSchema, type Json, type JsonSchema } from "../../lib/contract/mod.ts";
import { sameSchema } from "../../lib/contract/same_schema.ts";
import { arbitraryKeywordSchema, arbitrarySchemaPair } from "../support/arbitrary_schema.ts";

const SEED = Number(process.env["PYRPC_SEED"] ?? 20261128);
const RUNS = { seed: SEED, numRuns: 2000 };

const same = (a: JsonSchema, b: JsonSchema) => sameSchema(a, b, (ref, other) => ref === other);
const text = (schema: JsonSchema) => canonicalSchema(schema, (ref) => `@${ref}`);

function reversed(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  const entries = Object.entries(value).map(([key, member]) => [key, reversed(member)] as const);
  return Object.fromEntries(entries.reverse());
}

test("sameSchema() agrees with canonicalSchema() on any two schemas", () => {
  fc.assert(
    fc.property(arbitrarySchemaPair, ([a, b]) => assert.equal(same(a, b), text(a) === text(b))),
    RUNS,
  );
});

test("sameSchema() ignores the order of keys", () => {
  fc.assert(
    fc.property(
      arbitraryKeywordSchema,
      (schema) => assert(same(schema, reversed(schema) as JsonSchema)),
    ),
    RUNS,
  );
});

const ROWS: readonly (readonly [rule: string, a: JsonSchema, b: JsonSchema, isSame: boolean])[] = [
  ["annotations at the root do not count", { title: "A", default: 1 }, { description: "x" }, true],
  [
    "annotations inside count",
    { items: { title: "A" }, type: "array" },
    { items: { title: "B" }, type: "array" },
    false,
  ],
  ["`$defs` do not count", { $defs: { A: true }, type: "null" }, { type: "null" }, true],
  ["required names in any order", { required: ["a", "b"] }, { required: ["b", "a"] }, true],
  ["other lists in their order", { enum: ["a", "b"] }, { enum: ["b", "a"] }, false],
  [
    "a discriminator by its property only",
    { discriminator: { propertyName: "kind", mapping: { a: "#/$defs/A" } } },
    { discriminator: { propertyName: "kind", mapping: { a: "#/$defs/mod__A" } } },
    true,
  ],
  ["a member more", { type: "object" }, { type: "object", properties: {} }, false],
  ["references as the caller compares them", { $ref: "#/$defs/A" }, { $ref: "#/$defs/B" }, false],
  [
    "`__proto__` as a property",
    JSON.parse('{"properties":{"__proto__":{}}}'),
    { properties: { a: {} } },
    false,
  ],
];

for (const [rule, a, b, isSame] of ROWS) {
  test(`sameSchema() compares ${rule}`, () => {
    assert.equal(same(a, b), isSame);
    assert.equal(same(b, a), isSame);
    assert.equal(text(a) === text(b), isSame);
  });
}
