import fc from "fast-check";
import type { Json, JsonObject, JsonSchema } from "../../lib/contract/mod.ts";

const NAMES = ["a", "b", "c", "kind"];
const PATTERNS = ["^a", "^[a-c]+$", "b$", "^[a-z]{1,3}$", "^(ab|c)*$", "a|b", "^\\d+$", "^[^a]$"];
const LITERALS: Json[] = [
  null,
  true,
  false,
  0,
  1,
  2,
  -1,
  1.5,
  "",
  "a",
  "ab",
  "abc",
  [],
  {},
  ["a"],
  { a: 1 },
];

/** Small numbers, so that bounds meet. */
const bound = fc.integer({ min: -3, max: 5 });
const size = fc.integer({ min: 0, max: 3 });

function optional<T extends Record<string, fc.Arbitrary<unknown>>>(keywords: T) {
  return fc.record(keywords, { requiredKeys: [] });
}

/** Schemas of every keyword that narrowing is decided on, and of some that it is not; references among them. */
export const schemaArbitrary: fc.Arbitrary<JsonSchema> = fc.tuple(
  fc.letrec<{ any: JsonSchema }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.constantFrom<JsonSchema>(
        {},
        true,
        false,
        { type: "string" },
        { type: "integer" },
        {
          type: "null",
        },
        { type: "boolean" },
        { type: "any" },
      ),
      fc.record({
        type: fc.constantFrom("number", "integer"),
      }).chain((type) =>
        optional({
          minimum: bound,
          maximum: bound,
          exclusiveMinimum: bound,
          exclusiveMaximum: bound,
          multipleOf: fc.constantFrom(1, 2, 3, 4, 0.5),
        }).map((rest) => ({ ...type, ...rest }))
      ),
      optional({ minLength: size, maxLength: size, pattern: fc.constantFrom(...PATTERNS) })
        .map((rest) => ({ type: "string", ...rest })),
      fc.uniqueArray(fc.constantFrom(...LITERALS), { minLength: 1, maxLength: 4 })
        .map((values) => ({ enum: values })),
      fc.constantFrom(...LITERALS).map((value) => ({ const: value })),
      optional({
        items: tie("any"),
        prefixItems: fc.array(tie("any"), { minLength: 1, maxLength: 2 }),
        minItems: size,
        maxItems: size,
        uniqueItems: fc.boolean(),
      }).map((rest) => ({ type: "array", ...rest })),
      optional({
        properties: fc.dictionary(fc.constantFrom(...NAMES), tie("any"), { maxKeys: 3 }),
        required: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
        additionalProperties: tie("any"),
        propertyNames: fc.constantFrom({ pattern: "^[a-b]$" }, { enum: ["a", "kind"] }, {
          maxLength: 1,
        }),
        patternProperties: fc.constantFrom({ "^a": { type: "integer" } }),
        minProperties: size,
        maxProperties: size,
      }).map((rest) => ({ type: "object", ...rest })),
      fc.record({ anyOf: fc.array(tie("any"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ oneOf: fc.array(tie("any"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ allOf: fc.array(tie("any"), { minLength: 1, maxLength: 2 }) }),
      fc.record({ not: tie("any") }),
      fc.record({
        type: fc.constantFrom(["string", "null"], ["integer", "array"], ["object", "number"]),
      }),
      fc.constantFrom({ $ref: "#/$defs/Node" }, { $ref: "#/$defs/Other" }),
    ) as fc.Arbitrary<JsonSchema>,
  })).any,
  fc.constantFrom<JsonSchema>(
    { type: "object", properties: { a: { $ref: "#/$defs/Node" }, b: { type: "integer" } } },
    { type: "array", items: { $ref: "#/$defs/Node" } },
    {
      type: "object",
      properties: {
        a: { anyOf: [{ $ref: "#/$defs/Node" }, { type: "null" }] },
        b: { type: "number" },
      },
      required: ["b"],
    },
    { anyOf: [{ type: "integer" }, { type: "array", items: { $ref: "#/$defs/Node" } }] },
  ),
).map(([schema, node]) =>
  typeof schema === "boolean"
    ? schema
    : { ...schema, $defs: { Node: node, Other: { type: "string", minLength: 1 } } } as JsonSchema
);

/** A schema and the same one with a change somewhere inside. */
export const schemaPairArbitrary: fc.Arbitrary<readonly [JsonSchema, JsonSchema]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(schemaArbitrary, fc.nat(), fc.nat(), schemaArbitrary).map(
      ([schema, place, change, other]) => [schema, changed(schema, place, change, other)] as const,
    ),
  },
  { weight: 1, arbitrary: fc.tuple(schemaArbitrary, schemaArbitrary) },
);

/** JSON values made of what the schemas speak of. */
export const valueArbitrary: fc.Arbitrary<Json> = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(...LITERALS),
    fc.constantFrom<Json>(3, 4, 5, 0.5, 2.5, -3, 6, "b", "c", "cab", "zz", "1", "12", "é"),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES, "other"), tie("any"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ) as fc.Arbitrary<Json>,
})).any;

function changed(schema: JsonSchema, place: number, change: number, other: JsonSchema): JsonSchema {
  const copy = structuredClone(schema);
  if (typeof copy === "boolean") return other;
  const objects: Record<string, unknown>[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null) {
      objects.push(value as Record<string, unknown>);
      for (const [key, inner] of Object.entries(value)) {
        // A definition may change but not vanish: a reference to nothing is no schema.
        if (key === "$defs") Object.values(inner as object).forEach(visit);
        else visit(inner);
      }
    }
  };
  visit(copy);
  const object = objects[place % objects.length] ?? {};
  const keys = Object.keys(object).filter((key) => key !== "$defs");
  const key = keys[change % Math.max(keys.length, 1)];
  if (key === undefined) return copy;
  const value = object[key];
  if (typeof value === "number") {
    object[key] = Math.max(0, value + (change % 2 === 0 ? 1 : -1)) || 1;
  } else if (Array.isArray(value) && value.length > 1) object[key] = value.slice(1);
  else if (value === "integer") object[key] = "number";
  else if (value === "number") object[key] = "integer";
  else if (change % 3 === 0 && key !== "type") delete object[key];
  else if (key === "items" || key === "additionalProperties" || key === "a" || key === "b") {
    object[key] = inner(other);
  }
  return copy;
}

function inner(schema: JsonSchema): JsonSchema {
  if (typeof schema === "boolean") return schema;
  const { $defs: _, ...rest } = schema as JsonObject;
  return rest;
}
