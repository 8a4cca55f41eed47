import fc from "fast-check";
import type { Json, JsonObject, JsonSchema } from "../../lib/contract/mod.ts";

/** Schemas of the kinds that Pydantic emits, without bounds: what Ajv then refuses, it refuses for its shape. */
export const arbitrarySchema: fc.Arbitrary<JsonSchema> =
  fc.letrec<{ schema: JsonSchema }>((tie) => {
    const inner = tie("schema");
    // Not `constructor` and its like: every value has one, so TypeScript finds it where there is none.
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
