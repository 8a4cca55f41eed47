import fc from "fast-check";
import type { Json, JsonObject, JsonSchema } from "../../lib/contract/mod.ts";

/** Schemas of the kinds that Pydantic emits, without bounds: what Ajv then refuses, it refuses for its shape. */
export const arbitrarySchema: fc.Arbitrary<JsonSchema> =
  fc.letrec<{ schema: JsonSchema }>((tie) => {
    const inner = tie("schema");
    // Not `constructor` and its like: every value has one, so TypeScript finds it in every value.
    const name = fc.constantFrom("a", "b", "c", "kind", "x-y", "1st", "class", "ünï");
    const scalar: fc.Arbitrary<JsonSchema> = fc.constantFrom<JsonSchema>(
      { type: "integer" },
      { type: "number" },
      { type: "string" },
      { type: "boolean" },
      { type: "null" },
      { type: "string", format: "uuid" },
    );
    const literal: fc.Arbitrary<JsonSchema> = fc.uniqueArray(
      fc.constantFrom<Json>("a", "b", "it's", 1, 2, -1, true, null, ""),
      { minLength: 1, maxLength: 4 },
    ).map((values) => values.length === 1 ? { const: values[0]! } : { enum: values });
    const list = inner.map((items): JsonSchema => ({ type: "array", items }));
    const tuple = fc.tuple(fc.array(inner, { minLength: 1, maxLength: 3 }), fc.nat(2)).map((
      [prefixItems, missing],
    ) => ({
      type: "array",
      prefixItems,
      minItems: Math.max(0, prefixItems.length - missing),
      maxItems: prefixItems.length,
    }));
    const emptyTuple = fc.constant<JsonSchema>({ type: "array", minItems: 0, maxItems: 0 });
    const dict = inner.map((additionalProperties): JsonSchema => ({
      type: "object",
      additionalProperties,
    }));
    const keyed = inner.map((additionalProperties): JsonSchema => ({
      type: "object",
      propertyNames: { enum: ["a", "b"] },
      additionalProperties,
    }));
    const properties = fc.dictionary(name, fc.tuple(inner, fc.boolean()), {
      minKeys: 1,
      maxKeys: 4,
    });
    const model = fc.tuple(
      properties,
      fc.constantFrom("Item", "item", "Page[int]", "Promise", "Order"),
    ).map(
      ([fields, title]): JsonSchema => ({
        type: "object",
        title,
        properties: Object.fromEntries(
          Object.entries(fields).map(([key, [schema]]) => [key, schema]),
        ),
        required: Object.entries(fields).filter(([, [, required]]) => required).map(([key]) => key),
      }),
    );
    const union = fc.array(inner, { minLength: 2, maxLength: 3 }).map((anyOf): JsonSchema => ({
      anyOf,
    }));
    const tagged = fc.tuple(inner, inner).map(([left, right]): JsonSchema => ({
      discriminator: { propertyName: "tag" },
      oneOf: [left, right].map((schema, index) => ({
        type: "object",
        title: `Tagged${index}`,
        properties: { tag: { const: `t${index}`, type: "string" }, value: schema },
        required: ["tag"],
      })),
    }));
    return {
      schema: fc.oneof(
        { maxDepth: 3, depthSize: "small", withCrossShrink: true },
        scalar,
        literal,
        fc.constant<JsonSchema>({}),
        emptyTuple,
        list,
        tuple,
        dict,
        keyed,
        model,
        union,
        tagged,
      ),
    };
  }).schema;

/** The schema with each of its models in `$defs`, as Pydantic writes what is not at the root. */
export function withDefinitions(schema: JsonSchema): JsonSchema {
  const definitions: Record<string, Json> = {};
  const lift = (schema: Json, root: boolean): Json => {
    if (typeof schema !== "object" || schema === null) return schema;
    if (Array.isArray(schema)) return schema.map((item: Json) => lift(item, false));
    const object = schema as JsonObject;
    const lifted = Object.fromEntries(
      Object.entries(object).map(([key, value]) => [
        key,
        key === "properties"
          ? Object.fromEntries(
            Object.entries(value as JsonObject).map(([name, field]) => [name, lift(field, false)]),
          )
          : key === "enum" || key === "const"
          ? value
          : lift(value, false),
      ]),
    );
    if (root || !Object.hasOwn(object, "properties")) return lifted;
    const key = `m${Object.keys(definitions).length}__Model`;
    definitions[key] = lifted;
    return { $ref: `#/$defs/${key}` };
  };
  const root = lift(schema as Json, true) as JsonObject;
  return Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions };
}

/** The schema whose models refuse members that they do not declare. */
export function closed(schema: Json): Json {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((item: Json) => closed(item));
  const object = schema as JsonObject;
  const inside = Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      key === "properties"
        ? Object.fromEntries(
          Object.entries(value as JsonObject).map(([name, field]) => [name, closed(field)]),
        )
        : key === "enum" || key === "const"
        ? value
        : closed(value),
    ]),
  );
  return Object.hasOwn(object, "properties") ? { ...inside, additionalProperties: false } : inside;
}

/** A value that a schema of {@link arbitrarySchema} accepts; `random` gives numbers from 0 to 1. */
export function sampleValue(schema: Json, random: () => number, depth = 0): Json {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  if (typeof schema !== "object" || schema === null) return null;
  const object = schema as JsonObject;
  if ("const" in object) return object["const"]!;
  if (Array.isArray(object["enum"])) return pick(object["enum"] as Json[]);
  const members = object["anyOf"] ?? object["oneOf"];
  if (Array.isArray(members)) return sampleValue(pick(members as Json[]), random, depth + 1);
  const items = () => Array.from({ length: Math.floor(random() * 3) });
  switch (object["type"]) {
    case "integer":
      return Math.floor(random() * 10);
    case "number":
      return random() < 0.5 ? 1.5 : 2;
    case "string":
      return pick(["a", "zz", "", "it's"]);
    case "boolean":
      return random() < 0.5;
    case "null":
      return null;
    case "array": {
      const prefix = object["prefixItems"] as Json[] | undefined;
      if (prefix === undefined) {
        return object["maxItems"] === 0
          ? []
          : items().map(() => sampleValue(object["items"]!, random, depth + 1));
      }
      const least = object["minItems"] as number;
      const length = least + Math.floor(random() * (prefix.length - least + 1));
      return prefix.slice(0, length).map((item) => sampleValue(item, random, depth + 1));
    }
    case "object": {
      const properties = object["properties"] as JsonObject | undefined;
      if (properties !== undefined) {
        const required = (object["required"] ?? []) as string[];
        return Object.fromEntries(
          Object.entries(properties)
            .filter(([key]) => required.includes(key) || random() < 0.5)
            .map(([key, field]) => [key, sampleValue(field, random, depth + 1)]),
        );
      }
      const keys = Array.isArray((object["propertyNames"] as JsonObject | undefined)?.["enum"])
        ? ["a", "b"]
        : ["k", "l"];
      return Object.fromEntries(
        keys.slice(0, Math.floor(random() * 3)).map((
          key,
        ) => [key, sampleValue(object["additionalProperties"]!, random, depth + 1)]),
      );
    }
    default:
      return pick<Json>([1, "x", null, [], { k: 1 }]);
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

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
export const arbitraryKeywordSchema: fc.Arbitrary<JsonSchema> = fc.tuple(
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
export const arbitrarySchemaPair: fc.Arbitrary<readonly [JsonSchema, JsonSchema]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(arbitraryKeywordSchema, fc.nat(), fc.nat(), arbitraryKeywordSchema).map(
      ([schema, place, change, other]) => [schema, changed(schema, place, change, other)] as const,
    ),
  },
  { weight: 1, arbitrary: fc.tuple(arbitraryKeywordSchema, arbitraryKeywordSchema) },
);

/** JSON values made of what the schemas speak of. */
export const arbitraryValue: fc.Arbitrary<Json> = fc.letrec<{ any: Json }>((tie) => ({
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
        // A definition may change but not vanish: its references would not resolve.
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
