/** Ajv as the reference for our strict mode, on generated schemas of the kinds that Pydantic emits and generated values. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import type { JsonSchema } from "../../lib/contract/mod.ts";
import { createSampler } from "../../lib/mock/values/mod.ts";
import { compileSchema } from "../../lib/validate/mod.ts";

// Intended differences from Ajv, which these generators therefore omit:
// - formats: ours are Pydantic's, which accept more dates, times and durations (Ajv ignores formats here);
// - multipleOf of a fraction: 19.99 is a multiple of 0.01 for Pydantic and us, not for Ajv;
// - `anyOf` of a number and a string is a Decimal: the text must be one;
// - patternProperties without additionalProperties are a dictionary whose keys must match;
// - whole numbers of 2^63 and above that came as a number: they were floats, which Pydantic refuses for an int;
// - \d, \w and \s hold for every script in Pydantic, for ASCII in Ajv;
// - names of prototypes (`__proto__`, `toString`) are members like any others; Ajv does not see or mistakes them;
// - oneOf without a discriminator: any member will do.
const limit = fc.integer({ min: -5, max: 5 });
const name = fc.constantFrom("a", "b", "c", "name", "hasOwnProperty");
const scalar = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  1,
  -1,
  2,
  5,
  1.5,
  1e10,
  "",
  "a",
  "b",
  "ab",
  "abc",
  "😀",
  "1",
);

const optional = (record: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(record, { requiredKeys: [] });

const { schema } = fc.letrec<{ schema: JsonSchema; leaf: JsonSchema }>((tie) => ({
  leaf: fc.oneof(
    optional({
      minimum: limit,
      maximum: limit,
      exclusiveMinimum: limit,
      exclusiveMaximum: limit,
      multipleOf: fc.integer({ min: 1, max: 3 }),
    })
      .chain((limits) => fc.constantFrom("integer", "number").map((type) => ({ type, ...limits }))),
    optional({
      minLength: fc.nat(3),
      maxLength: fc.nat(3),
      pattern: fc.constantFrom("^a", "b$", "^[a-c]{1,2}$", "(a|b)c?", "^(?!ab)"),
    })
      .map((limits) => ({ type: "string", ...limits })),
    fc.constantFrom({ type: "boolean" }, { type: "null" }, {}, {
      type: "string",
      format: "password",
    }),
    scalar.map((value) => ({ const: value })),
    fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }).map((values) => ({ enum: values })),
    fc.constant({ $ref: "#/$defs/Tree" }),
  ) as fc.Arbitrary<JsonSchema>,
  schema: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("leaf"),
    fc.tuple(
      optional({ minItems: fc.nat(3), maxItems: fc.nat(3), uniqueItems: fc.boolean() }),
      tie("schema"),
    )
      .map(([limits, items]) => ({ type: "array", items, ...limits })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 })
      .map((items) => ({
        type: "array",
        prefixItems: items,
        minItems: items.length,
        maxItems: items.length,
      })),
    fc.tuple(
      fc.dictionary(name, tie("schema")),
      fc.subarray(["a", "b", "c"]),
      fc.oneof(fc.boolean(), tie("schema")),
    )
      .map(([properties, required, additionalProperties]) => ({
        type: "object",
        properties,
        required: required.filter((key) => Object.hasOwn(properties, key)),
        additionalProperties,
      })),
    fc.tuple(optional({ minProperties: fc.nat(2), maxProperties: fc.nat(2) }), tie("schema"))
      .map(([limits, additionalProperties]) => ({
        type: "object",
        additionalProperties,
        ...limits,
      })),
    fc.array(tie("schema"), { minLength: 2, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ) as fc.Arbitrary<JsonSchema>,
}));

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom("a", "b", "c", "name", "children", "hasOwnProperty"),
      tie("value"),
      {
        maxKeys: 4,
      },
    ),
  ),
}));

const Tree = {
  type: "object",
  title: "Tree",
  properties: {
    name: { type: "string" },
    children: { type: "array", items: { $ref: "#/$defs/Tree" } },
  },
  required: ["name"],
};

/** A neighbour of a value: one part of it changed. */
function spoiled(value: unknown, index: number): unknown {
  const others = [null, -1, 1.5, "zzzzzzzzzz", [], {}];
  if (Array.isArray(value) && value.length > 0 && index % 3 > 0) {
    return value.map((item, at) => at === index % value.length ? spoiled(item, index + 1) : item);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value) && index % 3 > 0) {
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map((
        [key, item],
        at,
      ) => [key, at === index % entries.length ? spoiled(item, index + 1) : item]),
    );
  }
  return others[index % others.length];
}

function hasDecimal(one: unknown): boolean {
  if (typeof one !== "object" || one === null) return false;
  const members = (one as { anyOf?: { type?: string }[] }).anyOf?.filter(({ type }) =>
    type !== "null"
  );
  if (members?.[0]?.type === "number" && members[1]?.type === "string") return true;
  return Object.values(one).some(hasDecimal);
}

test("compileSchema() in strict mode agrees with Ajv on generated schemas and values", () => {
  const ajv = new Ajv2020({
    strict: false,
    ownProperties: true,
    validateFormats: false,
    unicodeRegExp: true,
    logger: false,
  });
  let [accepted, refused] = [0, 0];
  fc.assert(
    fc.property(schema, fc.array(value, { minLength: 20, maxLength: 20 }), (generated, values) => {
      fc.pre(!hasDecimal(generated));
      const whole = { allOf: [generated], $defs: { Tree } } as JsonSchema;
      const accepts = ajv.compile(whole as object);
      const validator = compileSchema(whole);
      const sampler = createSampler();
      // Few values that were not made for the schema fit it.
      const fitting = Array.from({ length: 10 }, (_, index) => sampler.value(whole, String(index)));
      for (const one of [...values, ...fitting, ...fitting.map(spoiled)]) {
        const verdict = validator.check(one) === undefined;
        if (verdict) accepted++;
        else refused++;
        assert.equal(
          verdict,
          accepts(one),
          JSON.stringify({ schema: generated, value: one, errors: accepts.errors }),
        );
      }
      ajv.removeSchema();
    }),
    { numRuns: 120, seed: 7 },
  );
  assert.ok(accepted > 500 && refused > 300, `accepted ${accepted}, refused ${refused}`);
});
