import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { compareSchemas, type Verdict } from "../../lib/compare/mod.ts";
import type { Json, JsonSchema } from "../../lib/contract/mod.ts";
import { arbitrarySchemaPair, arbitraryValue } from "../support/arbitrary_schema.ts";

const SLOW = { timeout: 60_000 };
const INPUT = { direction: "input" } as const;
const ajv = new Ajv2020({
  strict: false,
  validateFormats: false,
  logger: false,
  addUsedSchema: false,
});

// "any" is pyRPC's word for no constraint and no JSON Schema.
function accepts(schema: JsonSchema): (value: Json) => boolean {
  const text = JSON.stringify(schema).replaceAll(`"type":"any"`, `"title":"any"`);
  return ajv.compile(JSON.parse(text)) as (value: Json) => boolean;
}

test(
  "compareSchemas() returns yes only where Ajv finds every value of the first in the second",
  SLOW,
  () => {
    let decided = 0;
    let yes = 0;
    let refuted = 0;
    let no = 0;
    fc.assert(
      fc.property(
        arbitrarySchemaPair,
        fc.array(arbitraryValue, { minLength: 20, maxLength: 30 }),
        ([first, second], values) => {
          const { verdict, reasons } = compareSchemas(first, second, INPUT);
          assert.equal(reasons.length === 0, verdict === "yes");
          const [inFirst, inSecond] = [accepts(first), accepts(second)];
          decided += verdict === "maybe" ? 0 : 1;
          const witness = values.find((value) => inFirst(value) && !inSecond(value));
          if (verdict === "yes") {
            yes++;
            assert.equal(witness, undefined, "a value is lost that was called safe");
          }
          if (verdict === "no") {
            no++;
            if (witness !== undefined) refuted++;
          }
        },
      ),
      { numRuns: 700, seed: 9 },
    );
    // The property would hold for one who never decides: most pairs are decided, and "no" is often shown by a value.
    assert.ok(yes > 200 && no > 60 && decided > 400, `yes ${yes}, no ${no}, decided ${decided}`);
    assert.ok(refuted > no / 3, `${refuted} of ${no} refused pairs have a witness`);
  },
);

test("compareSchemas() of a schema with itself is yes or maybe, never no", () => {
  fc.assert(
    fc.property(arbitrarySchemaPair, ([schema]) => {
      assert.notEqual(compareSchemas(schema, structuredClone(schema), INPUT).verdict, "no");
    }),
    { numRuns: 1000, seed: 11 },
  );
});

const INT = { type: "integer" };
const NUMBER = { type: "number" };
const STRING = { type: "string" };
const NULL = { type: "null" };
const object = (properties: Record<string, unknown>, required: string[] = [], rest = {}) => ({
  type: "object",
  properties,
  required,
  ...rest,
});
const tagged = (...kinds: string[]) => ({
  oneOf: kinds.map((kind) => object({ kind: { const: kind }, x: INT }, ["kind"])),
  discriminator: { propertyName: "kind" },
});
const tree = (leaf: unknown) => ({
  $ref: "#/$defs/Tree",
  $defs: {
    Tree: object({ value: leaf, children: { type: "array", items: { $ref: "#/$defs/Tree" } } }, [
      "value",
    ]),
  },
});

const ROWS: readonly (readonly [
  name: string,
  first: unknown,
  second: unknown,
  forward: Verdict,
  back: Verdict,
])[] = [
  ["an integer is a number", INT, NUMBER, "yes", "no"],
  ["a union holds its parts", STRING, { anyOf: [STRING, NULL] }, "yes", "no"],
  [
    "a list of types is a union",
    { type: ["string", "null"] },
    { anyOf: [NULL, STRING] },
    "yes",
    "yes",
  ],
  ["anything holds all", INT, {}, "yes", "no"],
  ["no annotation is anything", INT, { type: "any" }, "yes", "no"],
  ["an enum that grows", { enum: ["a"] }, { enum: ["a", "b"] }, "yes", "no"],
  ["an enum of texts", { enum: ["a"] }, STRING, "yes", "no"],
  ["a constant is an enum of one", { const: 1 }, { enum: [1] }, "yes", "yes"],
  [
    "bounds",
    { type: "integer", minimum: 1 },
    { type: "integer", exclusiveMinimum: 0 },
    "yes",
    "yes",
  ],
  [
    "bounds of fractions",
    { ...NUMBER, minimum: 1 },
    { ...NUMBER, exclusiveMinimum: 0 },
    "yes",
    "no",
  ],
  [
    "multiples",
    { type: "integer", multipleOf: 4 },
    { type: "integer", multipleOf: 2 },
    "yes",
    "no",
  ],
  ["lengths", { ...STRING, minLength: 2 }, { ...STRING, minLength: 1 }, "yes", "no"],
  ["a format narrows", { ...STRING, format: "uuid" }, STRING, "yes", "no"],
  [
    "a date is a datetime at midnight for the server",
    { ...STRING, format: "date" },
    { ...STRING, format: "date-time" },
    "yes",
    "no",
  ],
  [
    "formats without a common text",
    { ...STRING, format: "date" },
    { ...STRING, format: "uuid" },
    "no",
    "no",
  ],
  [
    "formats that are not known",
    { ...STRING, format: "color" },
    { ...STRING, format: "phone" },
    "maybe",
    "maybe",
  ],
  ["a format that nothing checks", STRING, { ...STRING, format: "password" }, "yes", "yes"],
  [
    "texts of a pattern",
    { ...STRING, pattern: "^(red|blue)$" },
    { ...STRING, format: "date" },
    "no",
    "no",
  ],
  ["a pattern narrows", { ...STRING, pattern: "^a$" }, STRING, "yes", "no"],
  [
    "patterns are decided",
    { ...STRING, pattern: "^[A-Z]{3}-\\d{4}$" },
    { ...STRING, pattern: "^[A-Z]+-\\d+$" },
    "yes",
    "no",
  ],
  [
    "patterns of one language",
    { ...STRING, pattern: "^(a|b)+$" },
    { ...STRING, pattern: "^[ab][ab]*$" },
    "yes",
    "yes",
  ],
  [
    "patterns that are not decided",
    { ...STRING, pattern: "^(?=a)\\w+$" },
    { ...STRING, pattern: "^(?=a)\\w*$" },
    "maybe",
    "maybe",
  ],
  [
    "the length of a pattern",
    { ...STRING, pattern: "^(red|blue)$" },
    { ...STRING, minLength: 3, maxLength: 4 },
    "yes",
    "no",
  ],
  [
    "a pattern for the keys of a dictionary",
    { type: "object", patternProperties: { "^a": INT } },
    { type: "object", additionalProperties: INT },
    "yes",
    "no",
  ],
  ["a member more is required", object({ a: INT }, ["a"]), object({ a: INT }), "yes", "no"],
  ["a member more is named", object({ a: INT }), object({ a: INT, b: INT }), "yes", "yes"],
  [
    "a member more is named in an open object",
    object({ a: INT }, [], { additionalProperties: true }),
    object({ a: INT, b: INT }),
    "no",
    "yes",
  ],
  [
    "a closed object",
    object({ a: INT }, [], { additionalProperties: false }),
    object({ a: INT, b: INT }, [], { additionalProperties: false }),
    "yes",
    "no",
  ],
  [
    "a map",
    { type: "object", additionalProperties: INT },
    { type: "object", additionalProperties: NUMBER },
    "yes",
    "no",
  ],
  [
    "names of a map",
    { type: "object", propertyNames: { enum: ["a"] } },
    { type: "object" },
    "yes",
    "no",
  ],
  ["items", { type: "array", items: INT }, { type: "array", items: NUMBER }, "yes", "no"],
  [
    "a tuple is a list",
    { type: "array", prefixItems: [INT, INT], minItems: 2, maxItems: 2 },
    { type: "array", items: INT },
    "yes",
    "no",
  ],
  [
    "a set accepts repeated values",
    { type: "array", uniqueItems: true },
    { type: "array" },
    "yes",
    "yes",
  ],
  [
    "a set counts distinct values",
    { type: "array", uniqueItems: true, minItems: 2 },
    { type: "array", minItems: 2 },
    "yes",
    "no",
  ],
  [
    "a member of a discriminated union needs its tag",
    object({ kind: { const: "a", default: "a" }, x: INT }),
    {
      oneOf: [object({ kind: { const: "a", default: "a" }, x: INT })],
      discriminator: { propertyName: "kind" },
    },
    "no",
    "yes",
  ],
  [
    "the content of Json[T]",
    { ...STRING, contentMediaType: "application/json", contentSchema: INT },
    { ...STRING, contentMediaType: "application/json", contentSchema: NUMBER },
    "yes",
    "no",
  ],
  [
    "Json[T] accepts less than a text",
    { ...STRING, contentMediaType: "application/json" },
    STRING,
    "yes",
    "no",
  ],
  [
    "Pydantic's own bounds beside a union",
    { anyOf: [INT, NUMBER], ge: 5 },
    { anyOf: [INT, NUMBER], ge: 4 },
    "yes",
    "no",
  ],
  [
    "a number's bound beside a union excludes texts",
    { anyOf: [INT, STRING], ge: 3 },
    INT,
    "yes",
    "no",
  ],
  [
    "except the texts of a Decimal, which are not compared",
    { anyOf: [NUMBER, STRING], ge: 3 },
    { anyOf: [NUMBER, STRING] },
    "yes",
    "no",
  ],
  [
    "the texts of a Decimal beside a bound",
    STRING,
    { anyOf: [NUMBER, STRING], ge: 3 },
    "maybe",
    "no",
  ],
  [
    "a length beside a union counts items",
    { anyOf: [{ type: "array", items: INT }, STRING], minLength: 3 },
    { anyOf: [{ type: "array", items: INT, minItems: 2 }, STRING] },
    "yes",
    "no",
  ],
  [
    "a length beside a reference counts members",
    { $ref: "#/$defs/M", minLength: 2, $defs: { M: object({ a: INT }) } },
    object({ a: INT }),
    "yes",
    "no",
  ],
  ["a tagged union that grows", tagged("a", "b"), tagged("a", "b", "c"), "yes", "no"],
  [
    "a tag of two values",
    object({ kind: { enum: ["a", "b"] }, x: INT }, ["kind"]),
    tagged("b", "a"),
    "yes",
    "yes",
  ],
  ["a recursive schema", tree(INT), tree(NUMBER), "yes", "no"],
  ["recursive schemas that are equal", tree(INT), tree(INT), "yes", "yes"],
  [
    "integers of a range are their values",
    { ...INT, minimum: 1, maximum: 3 },
    { enum: [3, 2, 1] },
    "yes",
    "yes",
  ],
  ["what is not modelled is not decided", { not: INT }, { not: STRING }, "maybe", "maybe"],
  [
    "what is not modelled but equal",
    { not: INT, maximum: 1 },
    { not: INT, maximum: 2 },
    "yes",
    "maybe",
  ],
  ["a reference that leads nowhere", { $ref: "#/$defs/None" }, INT, "maybe", "maybe"],
  ["a reference to itself", { $ref: "#" }, INT, "maybe", "maybe"],
];

for (const [name, first, second, forward, back] of ROWS) {
  test(`compareSchemas() decides: ${name}`, () => {
    const a = first as JsonSchema;
    const b = second as JsonSchema;
    const there = compareSchemas(a, b, INPUT);
    assert.equal(there.verdict, forward, JSON.stringify(there));
    const again = compareSchemas(b, a, INPUT);
    assert.equal(again.verdict, back, JSON.stringify(again));
  });
}

test("compareSchemas() returns location and reason", () => {
  const a = object({ price: object({ amount: { anyOf: [NUMBER, STRING] } }) }) as JsonSchema;
  const b = object({ price: object({ amount: INT }) }) as JsonSchema;
  const [reason] = compareSchemas(a, b, INPUT).reasons;
  const { path, first, second, kind, verdict } = reason ?? {};
  assert.deepEqual(
    [path, first, second, kind, verdict],
    ["$.price.amount", "number | string", "integer", "types", "no"],
  );
});

const OUTPUT_ROWS: typeof ROWS = [
  [
    "a default is always sent",
    object({ a: { ...INT, default: 1 } }),
    object({ a: INT }, ["a"]),
    "yes",
    "yes",
  ],
  [
    "a default outside its type is a value of the result",
    object({ a: { ...INT, default: null } }),
    object({ a: INT }, ["a"]),
    "no",
    "yes",
  ],
  [
    "a member with a default that is gone",
    object({}, [], { additionalProperties: false }),
    object({ a: { ...INT, default: 1 } }, [], { additionalProperties: false }),
    "no",
    "yes",
  ],
  [
    "a member of any type that is gone",
    object({ b: INT }),
    object({ b: INT, a: { default: null } }),
    "no",
    "yes",
  ],
  [
    "a reader ignores members of a closed model",
    object({ a: INT, b: INT }, ["a", "b"], { additionalProperties: false }),
    object({ a: INT }, ["a"], { additionalProperties: false }),
    "yes",
    "no",
  ],
  [
    "a tuple with a default is complete",
    { type: "array", prefixItems: [INT, { ...INT, default: 0 }], minItems: 1, maxItems: 2 },
    { type: "array", prefixItems: [INT, INT], minItems: 2, maxItems: 2 },
    "yes",
    "yes",
  ],
  [
    "Json[T] is answered as its value",
    { ...STRING, contentMediaType: "application/json", contentSchema: INT },
    INT,
    "yes",
    "yes",
  ],
  [
    "a set is sent without repeated values",
    { type: "array", uniqueItems: true },
    { type: "array" },
    "yes",
    "no",
  ],
];

for (const [name, first, second, forward, back] of OUTPUT_ROWS) {
  test(`compareSchemas() decides for results: ${name}`, () => {
    const options = { direction: "output" } as const;
    const there = compareSchemas(first as JsonSchema, second as JsonSchema, options);
    assert.equal(there.verdict, forward, JSON.stringify(there));
    const again = compareSchemas(second as JsonSchema, first as JsonSchema, options);
    assert.equal(again.verdict, back, JSON.stringify(again));
  });
}

const TYPE_ROWS: typeof ROWS = [
  [
    "a list of two is not a pair",
    { type: "array", items: INT, minItems: 2, maxItems: 2 },
    {
      type: "array",
      prefixItems: [INT, INT],
      minItems: 2,
      maxItems: 2,
    },
    "no",
    "yes",
  ],
  [
    "a range is not a list of values",
    { ...INT, minimum: 1, maximum: 2 },
    { enum: [1, 2] },
    "no",
    "yes",
  ],
  ["bounds do not count", INT, { ...NUMBER, minimum: 1 }, "yes", "yes"],
  ["types without a common member", object({ a: INT }), object({ b: INT }), "no", "no"],
];

for (const [name, first, second, forward, back] of TYPE_ROWS) {
  test(`compareSchemas() decides for types: ${name}`, () => {
    const options = { direction: "input", asTypes: true } as const;
    assert.equal(
      compareSchemas(first as JsonSchema, second as JsonSchema, options).verdict,
      forward,
    );
    assert.equal(compareSchemas(second as JsonSchema, first as JsonSchema, options).verdict, back);
  });
}

test("compareSchemas() ends soon for schemas that grow without end", () => {
  const wide = (depth: number): unknown =>
    depth === 0 ? INT : { anyOf: [wide(depth - 1), { type: "array", items: wide(depth - 1) }] };
  const doubling = {
    $ref: "#/$defs/A",
    $defs: {
      A: { anyOf: [{ $ref: "#/$defs/B" }, { $ref: "#/$defs/B" }] },
      B: { allOf: [{ $ref: "#/$defs/A" }, { $ref: "#/$defs/A" }] },
    },
  };
  const deep = (): unknown => {
    let schema: unknown = INT;
    for (let index = 0; index < 5000; index++) schema = { type: "array", items: schema };
    return schema;
  };
  // Without bounds on the work these comparisons would not end.
  for (const make of [() => wide(9), () => structuredClone(doubling), deep]) {
    compareSchemas(make() as JsonSchema, make() as JsonSchema, INPUT);
  }
});
