import assert from "node:assert/strict";
import { test } from "node:test";
import { generateTypes } from "../../lib/codegen/mod.ts";
import type { Json, JsonSchema } from "../../lib/contract/mod.ts";
import { stringifyJson } from "../../lib/json/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { checkTypes } from "../support/check_types.ts";

// One row a rule: what Pydantic emits → the type of an argument → the type of a result, where that differs.
const REF = (name: string) => ({ $ref: `#/$defs/${name}` });
const NAMED = {
  title: "Item",
  type: "object",
  properties: { a: { type: "integer" } },
  required: ["a"],
};
const INT = { type: "integer" };
const EMPTY = { title: "Empty", type: "object", properties: {} };
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
    rule: "a duration is a text, or a number of seconds",
    given: { type: "array", items: { type: "string", format: "duration" } },
    want: "(number | string)[]",
  },
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
  {
    rule: "a dict with the keys of a str Enum and of a Literal",
    given: {
      type: "object",
      propertyNames: { const: "a" },
      additionalProperties: { type: "integer" },
    },
    want: '{ [key in "a"]?: number }',
  },
  {
    rule: "several patterns leave the other keys open",
    given: { type: "object", patternProperties: { "^x": { type: "integer" }, "^y": {} } },
    want: "Record<string, unknown>",
  },
  {
    rule: "a pattern beside members leaves the other keys open",
    given: {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      patternProperties: { "^x": { type: "integer" } },
    },
    want: "{ a: string; [key: string]: unknown }",
  },
  {
    rule: "a pattern beside members forbids the other keys if additionalProperties is false",
    given: {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      patternProperties: { "^x": { type: "integer" } },
      additionalProperties: false,
    },
    want: "{ a: string; [key: string]: number | string }",
  },
  {
    rule: "a result of a model without fields may be a subclass",
    given: { type: "object", properties: {} },
    want: "Record<string, never>",
    result: "Record<string, unknown>",
  },
  {
    rule: "so may one of a closed model",
    given: { type: "object", properties: {}, additionalProperties: false },
    want: "Record<string, never>",
    result: "Record<string, unknown>",
  },
  {
    rule: "a model without fields takes nothing away from an intersection",
    given: {
      $defs: { Empty: EMPTY },
      allOf: [REF("Empty"), { type: "object", properties: { a: INT }, required: ["a"] }],
    },
    want: "{ a: number }",
  },
  {
    rule: "a model without fields beside members",
    given: { $defs: { Empty: EMPTY }, ...REF("Empty"), properties: { a: INT }, required: ["a"] },
    want: "{ a: number }",
  },
  {
    rule: "a model beside no members of its own",
    given: { $defs: { Item: NAMED }, allOf: [REF("Item")], type: "object", properties: {} },
    want: "Item",
  },
  {
    rule: "a model without fields in a union of an intersection",
    given: {
      $defs: { Empty: EMPTY, Item: NAMED },
      anyOf: [REF("Empty"), REF("Item")],
      properties: { b: INT },
      required: ["b"],
    },
    want: "{ b: number }",
  },
  {
    rule: "a named closed model without fields",
    given: { $defs: { Empty: { ...EMPTY, additionalProperties: false } }, ...REF("Empty") },
    want: "EmptyInput",
    result: "Empty",
  },
  {
    rule: "nothing but models without fields is one of them",
    given: { $defs: { Empty: EMPTY }, allOf: [REF("Empty"), {}] },
    want: "EmptyInput",
    result: "Empty",
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
    rule: "a title alone is not a model",
    given: { type: "integer", title: "Amount" },
    want: "number",
  },
  {
    rule: "a field's title is not a model, even a model's",
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
    rule: "Json[Item] finds its $defs",
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

test("generateTypes() maps each schema to its type", () => {
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
  assert.deepEqual(await checkTypes(text, []), []);
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
    warning: /"type" "decimal" is not a type of JSON Schema/,
  },
  {
    rule: "items without a type",
    given: { items: { type: "string" } },
    want: "unknown",
    warning: /"items" without "type"/,
  },
  {
    rule: "additionalProperties that are not a schema do not close a model",
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
    rule: "an enum that is not a list",
    given: { enum: 5 },
    want: "unknown",
    warning: /"enum" is not a list/,
  },
  {
    rule: "a union that is not a list",
    given: { anyOf: {} },
    want: "unknown",
    warning: /"anyOf" is not a list/,
  },
  {
    rule: "a reference that is not a text",
    given: { $ref: 5 },
    want: "unknown",
    warning: /"\$ref"/,
  },
  {
    rule: "keys that the server rejects",
    given: {
      $defs: { Mixed: { enum: [1, "b"], title: "Mixed" } },
      type: "object",
      propertyNames: REF("Mixed"),
      additionalProperties: { type: "integer" },
    },
    want: '{ [key in "b"]?: number }',
    warning: /keys of JSON are strings/,
  },
  {
    rule: "only keys that the server rejects",
    given: {
      type: "object",
      propertyNames: { enum: [1, 2], type: "integer" },
      additionalProperties: { type: "integer" },
    },
    want: "Record<string, never>",
    warning: /keys of JSON are strings/,
  },
  {
    rule: "a cycle of nothing but references",
    given: { $defs: { A: REF("B"), B: REF("A") }, ...REF("A") },
    want: "A",
    warning: /refers only to itself/,
  },
];

test("generateTypes() warns of constraints that types cannot express and stays wide", () => {
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
    await checkTypes(text, [{ code: 'void c.f("a");', compiles: true }, {
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

test("generateTypes() makes a member without default optional in a result: it may be missing", () => {
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
    /export type Model = \{\n {2}a: number;\n {2}\/\*\* @default "x" \*\/\n {2}b: string;\n {2}c\?: unknown\[\];\n\}/,
  );
});

const SUB = {
  title: "Sub",
  type: "object",
  properties: { a: INT, b: { type: "integer", default: null } },
  required: ["a"],
};
const JSON_TEXT = {
  type: "string",
  contentMediaType: "application/json",
  contentSchema: { type: "array", items: INT },
};

// A member's schema and default → its type in a result.
const DEFAULTS: readonly (readonly [JsonSchema, Json, string])[] = [
  [{ type: "integer" }, 1, "number"],
  [{ type: "integer" }, 1.5, "number"],
  [{ type: "integer" }, 2n ** 63n, "number"],
  [{ type: "string" }, 2n ** 63n, "string | number"],
  [{ type: "integer" }, null, "number | null"],
  [{ type: "integer" }, "1", 'number | "1"'],
  [{ type: "integer", minimum: 5 }, 0, "number"],
  [{ type: "string" }, null, "string | null"],
  [{ type: "string" }, 8080, "string | 8080"],
  [{ type: "string", format: "date" }, "never", "string"],
  [{ type: "boolean" }, null, "boolean | null"],
  [{ type: "null" }, 1, "1 | null"],
  [{ type: "any" }, null, "unknown"],
  [{}, { a: 1 }, "unknown"],
  [true, null, "unknown"],
  [{ enum: ["a", "b"] }, "c", '"a" | "b" | "c"'],
  [{ const: "a" }, null, '"a" | null'],
  [{ const: "a" }, "a", '"a"'],
  [{ anyOf: [INT, { type: "null" }] }, null, "number | null"],
  [{ anyOf: [INT, { type: "string" }] }, null, "number | string | null"],
  [{ type: "array", items: INT }, [], "number[]"],
  [{ type: "array", items: INT }, null, "number[] | null"],
  [{ type: "array", items: INT }, ["a"], 'number[] | ["a"]'],
  [{ type: "object", additionalProperties: INT }, {}, "Record<string, number>"],
  [{ type: "object", additionalProperties: INT }, [], "Record<string, number> | []"],
  [
    { type: "object", additionalProperties: INT },
    { a: "b" },
    'Record<string, number> | { a: "b" }',
  ],
  [
    { type: "array", prefixItems: [INT, INT], minItems: 2, maxItems: 2 },
    [1],
    "[number, number] | [1]",
  ],
  [REF("Sub"), null, "Sub | null"],
  [REF("Sub"), { a: 1, b: 2 }, "Sub"],
  [REF("Sub"), { a: 1, b: null }, "Sub"],
  [REF("Sub"), { a: 1, b: 1, c: 1 }, "Sub"],
  [REF("Sub"), { a: 1 }, "Sub | { a: 1 }"],
  [REF("Sub"), {}, "Sub | Record<string, never>"],
  [{ type: "array", items: REF("Sub") }, [{ a: 1, b: 1 }], "Sub[]"],
  [JSON_TEXT, [1], "number[]"],
  [JSON_TEXT, "[1]", 'number[] | "[1]"'],
  [JSON_TEXT, null, "number[] | null"],
];

test("generateTypes() adds a default outside its type to the type of a result, and only there", async () => {
  const procedures = Object.fromEntries(DEFAULTS.map(([schema, value], index) => {
    const member = typeof schema === "boolean" ? schema : { ...schema, default: value };
    const model = {
      $defs: { Sub: SUB },
      type: "object",
      properties: { v: member },
    };
    return [`p${index}`, { parameters: [{ name: "m", schema: model }], result: model }];
  }));
  const { procedures: generated, text } = generateTypes(contractOf(procedures));
  for (const [index, [schema, value, want]] of DEFAULTS.entries()) {
    const procedure = generated.find(({ name }) => name === `p${index}`);
    const optional = schema === true ? "?" : "";
    const of = `${stringifyJson(schema)} = ${stringifyJson(value)}`;
    assert.equal(procedure?.result, `{ v${optional}: ${want} }`, of);
    const argument = generateTypes(
      contractOf({
        f: {
          parameters: [{
            name: "m",
            schema: typeof schema === "boolean" ? schema : { $defs: { Sub: SUB }, ...schema },
          }],
        },
      }),
    ).procedures[0]?.parameters[0]?.type;
    assert.equal(
      procedure?.parameters[0]?.type.replaceAll("SubInput", "Sub"),
      `{ v?: ${argument} }`,
      of,
    );
  }
  // The sent value is a value of the type. (A literal with more members than declared does not compile.)
  const checks = DEFAULTS.map(([, value], index) => ({
    code: `const v${index}: Awaited<ReturnType<api.Types["p${index}"]>> = { v: ${
      stringifyJson(value)
    } }; void v${index};`,
    compiles: true,
  })).filter(({ code }) => !code.includes('"c":'));
  assert.deepEqual(await checkTypes(text, checks), []);
});

test("generateTypes() adds the default of a RootModel to its type in results", () => {
  const root = { title: "Count", type: "integer", default: null };
  const list = { title: "Names", type: "array", items: { type: "string" }, default: null };
  const model = {
    $defs: { Count: root, Names: list },
    title: "Model",
    type: "object",
    properties: { a: REF("Count"), b: REF("Names"), c: { ...REF("Count"), default: null } },
    required: ["a", "b"],
  };
  const { text } = generateTypes(
    contractOf({ f: { parameters: [{ name: "v", schema: model }], result: model } }),
  );
  for (
    const declaration of [
      "export type Count = number | null;",
      "export type CountInput = number;",
      "export type Names = string[] | null;",
      "export type NamesInput = string[];",
    ]
  ) assert.ok(text.includes(declaration), `${declaration}\n${text}`);
  assert.match(text, /c: Count;/);
});

test("generateTypes() adds such defaults to a NamedTuple and to a model of --single-models", () => {
  const tuple = {
    type: "array",
    prefixItems: [INT, { type: "integer", default: null }],
    minItems: 1,
    maxItems: 2,
  };
  const contract = contractOf({
    f: { parameters: [{ name: "v", schema: tuple }], result: tuple },
    g: { parameters: [{ name: "v", schema: SUB }], result: SUB },
  });
  const [f] = generateTypes(contract).procedures;
  assert.equal(f?.parameters[0]?.type, "[number, number?]");
  assert.equal(f?.result, "[number, number | null]");
  assert.match(generateTypes(contract, { singleModels: true }).text, /b\?: number \| null;/);
});
