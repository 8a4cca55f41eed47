import assert from "node:assert/strict";
import { test } from "node:test";
import { generateTypes } from "../../lib/codegen/mod.ts";
import type { JsonSchema } from "../../lib/contract/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { judgeTypes } from "../support/judge_types.ts";

// One row a rule: what Pydantic emits → the type of an argument → the type of a result, where that differs.
const REF = (name: string) => ({ $ref: `#/$defs/${name}` });
const NAMED = {
  title: "Item",
  type: "object",
  properties: { a: { type: "integer" } },
  required: ["a"],
};
const DEFAULTED = {
  title: "Model",
  type: "object",
  properties: {
    a: { type: "integer" },
    b: { type: "string", default: "x" },
    c: { type: "array", items: {} },
  },
  required: ["a"],
};

interface Row {
  readonly rule: string;
  readonly given: JsonSchema;
  readonly want: string;
  readonly result?: string;
}

const ROWS: readonly Row[] = [
  { rule: "no annotation is unknown (pyRPC's own word)", given: { type: "any" }, want: "unknown" },
  { rule: "Any is unknown", given: {}, want: "unknown" },
  { rule: "None is null", given: { type: "null" }, want: "null" },
  { rule: "int is number", given: { type: "integer" }, want: "number" },
  { rule: "float is number", given: { type: "number" }, want: "number" },
  { rule: "bool is boolean", given: { type: "boolean" }, want: "boolean" },
  { rule: "a format changes nothing", given: { type: "string", format: "uuid" }, want: "string" },
  {
    rule: "Decimal may come as number or text",
    given: {
      anyOf: [{ type: "number" }, { type: "string", pattern: "^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$" }],
    },
    want: "number | string",
  },
  {
    rule: "null comes last in a union",
    given: { anyOf: [{ type: "null" }, { type: "string" }] },
    want: "string | null",
  },
  { rule: "a union of one is that one", given: { anyOf: [{ type: "string" }] }, want: "string" },
  {
    rule: "equal members of a union are one",
    given: { anyOf: [{ type: "integer" }, { type: "number" }] },
    want: "number",
  },
  {
    rule: "a literal beside its own type adds nothing",
    given: { anyOf: [{ const: "a" }, { type: "string" }] },
    want: "string",
  },
  { rule: "allOf of one is that one", given: { allOf: [{ type: "string" }] }, want: "string" },
  { rule: "a list", given: { type: "array", items: { type: "integer" } }, want: "number[]" },
  {
    rule: "a list of a union has parentheses",
    given: { type: "array", items: { anyOf: [{ type: "integer" }, { type: "null" }] } },
    want: "(number | null)[]",
  },
  { rule: "a bare list", given: { type: "array" }, want: "unknown[]" },
  {
    rule: "a set",
    given: { type: "array", items: { type: "string" }, uniqueItems: true },
    want: "string[]",
  },
  {
    rule: "a bounded list keeps its type",
    given: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 },
    want: "string[]",
  },
  {
    rule: "a tuple",
    given: {
      type: "array",
      prefixItems: [{ type: "integer" }, { type: "string" }],
      minItems: 2,
      maxItems: 2,
    },
    want: "[number, string]",
  },
  {
    rule: "the empty tuple has no items",
    given: { type: "array", minItems: 0, maxItems: 0 },
    want: "[]",
  },
  {
    rule: "an open tuple",
    given: {
      type: "array",
      prefixItems: [{ type: "integer" }],
      items: { type: "string" },
      minItems: 1,
    },
    want: "[number, ...string[]]",
  },
  {
    rule: "a NamedTuple's default may be left out of an argument and is always there in a result",
    given: {
      type: "array",
      prefixItems: [{ type: "integer" }, { type: "integer", default: 0 }],
      minItems: 1,
      maxItems: 2,
    },
    want: "[number, number?]",
    result: "[number, number]",
  },
  {
    rule: "what follows an optional element is optional",
    given: {
      type: "array",
      prefixItems: [{ type: "integer" }, { type: "integer", default: 0 }],
      minItems: 0,
      maxItems: 2,
    },
    want: "[number?, number?]",
  },
  {
    rule: "a dict",
    given: { type: "object", additionalProperties: { type: "integer" } },
    want: "Record<string, number>",
  },
  { rule: "a bare dict", given: { type: "object" }, want: "Record<string, unknown>" },
  {
    rule: "an open dict",
    given: { type: "object", additionalProperties: true },
    want: "Record<string, unknown>",
  },
  {
    rule: "a dict with literal keys may lack some",
    given: {
      type: "object",
      propertyNames: { enum: ["a", "b"] },
      additionalProperties: { type: "integer" },
    },
    want: '{ [key in "a" | "b"]?: number }',
  },
  {
    rule: "a dict with an enum as key",
    given: {
      $defs: { Color: { enum: ["red"], title: "Color", type: "string" } },
      type: "object",
      propertyNames: REF("Color"),
      additionalProperties: { type: "integer" },
    },
    want: "{ [key in Color]?: number }",
  },
  {
    rule: "a dict with an IntEnum as key",
    given: {
      $defs: { Level: { enum: [1, 2], title: "Level", type: "integer" } },
      type: "object",
      propertyNames: REF("Level"),
      additionalProperties: { type: "string" },
    },
    want: "{ [key in Level]?: string }",
  },
  {
    rule: "a dict with bounded keys",
    given: {
      type: "object",
      propertyNames: { minLength: 2 },
      additionalProperties: { type: "integer" },
    },
    want: "Record<string, number>",
  },
  {
    rule: "a dict with a pattern for its keys",
    given: { type: "object", patternProperties: { "^x": { type: "integer" } } },
    want: "Record<string, number>",
  },
  { rule: "a model is its title", given: NAMED, want: "Item" },
  {
    rule: "a reference is the model's title, not its key",
    given: { $defs: { Page_int_: { ...NAMED, title: "Page[int]" } }, ...REF("Page_int_") },
    want: "PageInt",
  },
  {
    rule: "siblings of a reference say nothing about the type",
    given: {
      $defs: { Item: NAMED },
      ...REF("Item"),
      description: "d",
      default: null,
      deprecated: true,
    },
    want: "Item",
  },
  {
    rule: "a type alias has a key and no title",
    given: { $defs: { Ids: { type: "array", items: { type: "integer" } } }, ...REF("Ids") },
    want: "Ids",
  },
  {
    rule: "a title alone is no model",
    given: { type: "integer", title: "Amount" },
    want: "number",
  },
  {
    rule: "a field's title is no model, even a model's",
    given: {
      $defs: { Item: NAMED },
      type: "array",
      items: { title: "Item", type: "object", additionalProperties: { type: "integer" } },
    },
    want: "Record<string, number>[]",
  },
  { rule: "an enum is its title", given: { enum: ["a", 1, null], title: "Mixed" }, want: "Mixed" },
  { rule: "a literal", given: { enum: ["a", "b"], type: "string" }, want: '"a" | "b"' },
  { rule: "a single literal", given: { const: "a", type: "string" }, want: '"a"' },
  {
    rule: "a mixed literal",
    given: { enum: ["a", 1, -1.5, true, null] },
    want: '"a" | 1 | -1.5 | true | null',
  },
  { rule: "both booleans are boolean", given: { enum: [true, false] }, want: "boolean" },
  { rule: "an enum of tuples", given: { enum: [[1, 2]] }, want: "[1, 2]" },
  { rule: "an integer beyond a double is any number", given: { const: 2 ** 60 }, want: "number" },
  {
    rule: "Json[list] is text in an argument and the value in a result",
    result: "unknown[]",
    given: {
      type: "string",
      contentMediaType: "application/json",
      contentSchema: { type: "array" },
    },
    want: "string",
  },
  {
    rule: "Json[Item] knows its $defs",
    given: {
      $defs: { Item: NAMED },
      type: "string",
      contentMediaType: "application/json",
      contentSchema: REF("Item"),
    },
    want: "string",
    result: "Item",
  },
  {
    rule: "a model that a text or a list would pass for refuses them",
    given: { type: "object", properties: { length: { type: "integer" } }, required: ["length"] },
    want: "{ length: number; readonly [Symbol.iterator]?: never }",
  },
  { rule: "a list of types", given: { type: ["string", "null"] }, want: "string | null" },
  {
    rule: "a field with a default differs by direction",
    given: DEFAULTED,
    want: "ModelInput",
    result: "Model",
  },
  { rule: "true accepts anything", given: true, want: "unknown" },
  { rule: "false accepts nothing", given: false, want: "never" },
];

test("generateTypes() gives each schema its type", () => {
  const procedures = Object.fromEntries(ROWS.map(({ given }, index) => [
    `p${index}`,
    { parameters: [{ name: "v", schema: given }, { name: "n" }], result: given },
  ]));
  for (const [index, { rule, given, want, result }] of ROWS.entries()) {
    const name = `p${index}`;
    const { procedures: [procedure], warnings } = generateTypes(
      contractOf({ [name]: procedures[name]! }),
    );
    assert.equal(procedure?.parameters[0]?.type, want, `${rule}: ${JSON.stringify(given)}`);
    assert.equal(procedure?.result, result ?? want, `${rule}: ${JSON.stringify(given)}`);
    assert.deepEqual(warnings, [], rule);
  }
});

test("generateTypes() makes one file of all of them that compiles", async () => {
  const { text } = generateTypes(contractOf(Object.fromEntries(ROWS.map(({ given }, index) => [
    `p${index}`,
    { parameters: [{ name: "v", schema: given }, { name: "n" }], result: given },
  ]))));
  assert.deepEqual(await judgeTypes(text, []), []);
});

const WARNED: readonly (Row & { readonly warning: RegExp })[] = [
  {
    rule: "not",
    given: { type: "string", not: { const: "a" } },
    want: "string",
    warning: /"not" has no type/,
  },
  {
    rule: "a dangling reference",
    given: REF("Nowhere"),
    want: "unknown",
    warning: /points to "#\/\$defs\/Nowhere"/,
  },
  {
    rule: "a reference to elsewhere",
    given: { $ref: "https://example.com/x.json" },
    want: "unknown",
    warning: /points to/,
  },
  {
    rule: "an unknown type",
    given: { type: "decimal" },
    want: "unknown",
    warning: /"type" "decimal" is not known/,
  },
  {
    rule: "items without a type",
    given: { items: { type: "string" } },
    want: "unknown",
    warning: /"items" without "type"/,
  },
  {
    rule: "additionalProperties that are no schema do not close a model",
    given: { type: "object", additionalProperties: 5 },
    want: "Record<string, unknown>",
    warning: /"additionalProperties" is not a JSON Schema, it is ignored/,
  },
  {
    rule: "properties that are a list",
    given: { type: "object", properties: [1] },
    want: "Record<string, unknown>",
    warning: /"properties" is not an object/,
  },
  {
    rule: "an enum that is no list",
    given: { enum: 5 },
    want: "unknown",
    warning: /"enum" is not a list/,
  },
  {
    rule: "a union that is no list",
    given: { anyOf: {} },
    want: "unknown",
    warning: /"anyOf" is not a list/,
  },
  { rule: "a reference that is no text", given: { $ref: 5 }, want: "unknown", warning: /"\$ref"/ },
  {
    rule: "a cycle of nothing but references",
    given: { $defs: { A: REF("B"), B: REF("A") }, ...REF("A") },
    want: "A",
    warning: /refers only to itself/,
  },
];

test("generateTypes() warns of what the types cannot say and stays wide", () => {
  for (const { rule, given, want, warning } of WARNED) {
    const { procedures: [procedure], warnings } = generateTypes(
      contractOf({ f: { parameters: [{ name: "v", schema: given }] } }),
    );
    assert.equal(procedure?.parameters[0]?.type, want, rule);
    assert.equal(warnings[0]?.procedure, "f", rule);
    assert.match(warnings[0]?.message ?? "", warning, rule);
    assert.match(warnings[0]?.path ?? "", /^parameter "v"/, rule);
  }
});

test("generateTypes() writes a union that names itself without itself", async () => {
  const schema = {
    $defs: {
      A: { anyOf: [REF("B"), { type: "string" }] },
      B: { anyOf: [REF("A"), { type: "integer" }] },
    },
    ...REF("A"),
  };
  const { text } = generateTypes(contractOf({ f: { parameters: [{ name: "v", schema }] } }));
  assert.match(text, /export type A = number \| string;/);
  assert.deepEqual(
    await judgeTypes(text, [{ code: 'void c.f("a");', compiles: true }, {
      code: "void c.f(1);",
      compiles: true,
    }]),
    [],
  );
});

test("generateTypes() keeps --single-models to one type, wide enough for both directions", () => {
  const contract = contractOf({
    f: { parameters: [{ name: "v", schema: DEFAULTED }], result: DEFAULTED },
  });
  const { types, text } = generateTypes(contract, { singleModels: true });
  assert.deepEqual(types, ["Model"]);
  assert.match(text, /\n {2}b\?: string;/);
  const json = {
    type: "string",
    contentMediaType: "application/json",
    contentSchema: { type: "integer" },
  };
  const { procedures: [procedure] } = generateTypes(contractOf({ f: { result: json } }), {
    singleModels: true,
  });
  assert.equal(procedure?.result, "string | number");
});

test("generateTypes() makes a field without default optional in a result unless the model is known to be none of a TypedDict", () => {
  const notRequired = {
    title: "Movie",
    type: "object",
    properties: { a: { type: "string" }, b: { type: "integer" } },
    required: ["a"],
  };
  const { text } = generateTypes(
    contractOf({ f: { result: notRequired }, g: { result: DEFAULTED } }),
  );
  assert.match(text, /export type Movie = \{\n {2}a: string;\n {2}b\?: number;\n\}/);
  assert.match(
    text,
    /export type Model = \{\n {2}a: number;\n {2}\/\*\* @default "x" \*\/\n {2}b: string;\n {2}c: unknown\[\];\n\}/,
  );
});
