/** Where JSON Schema (2020-12, and `definitions`/array `items` of earlier drafts) keeps schemas inside a schema. */

import type { JsonObject, JsonSchema } from "./contract.ts";

/** Keywords whose value is one schema. */
export const SCHEMA_KEYWORDS = [
  "items",
  "additionalProperties",
  "propertyNames",
  "contentSchema",
] as const;
/** Keywords whose value is a list of schemas. */
export const SCHEMA_LIST_KEYWORDS = ["prefixItems", "anyOf", "oneOf", "allOf"] as const;
/** Keywords whose value is an object of schemas. */
export const SCHEMA_MAP_KEYWORDS = ["properties", "patternProperties"] as const;

/** Keywords that say something to people and narrow nothing. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "examples",
  "example",
  "deprecated",
  "readOnly",
  "writeOnly",
  "$comment",
]);

/** Deeper nesting (without a `$ref` in between) is not followed: it is no type that anybody wrote. */
export const MAX_SCHEMA_DEPTH = 100;

/** An own member of an object, `undefined` where there is none; safe for `__proto__`. */
export function ownMember(object: JsonObject, key: string): JsonObject[string] | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Whether a value is a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value can be a schema. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "boolean" || isJsonObject(value);
}

/** Calls `visit` for each schema directly inside `schema`, in the order of its keys. */
export function forEachSubschema(schema: JsonObject, visit: (subschema: JsonSchema) => void): void {
  // Over the keys that are there: most schemas have two or three.
  for (const key in schema) {
    if (!Object.hasOwn(schema, key)) continue;
    const value = schema[key];
    if (typeof value !== "object" && typeof value !== "boolean") continue;
    switch (PLACES.get(key)) {
      case undefined:
        break;
      case "one":
        if (Array.isArray(value)) visitAll(value, visit);
        else if (isSchema(value)) visit(value);
        break;
      case "list":
        if (Array.isArray(value)) visitAll(value, visit);
        break;
      case "map":
        if (isJsonObject(value)) visitAll(Object.values(value), visit);
    }
  }
}

/** How a keyword holds schemas: one, a list of them or an object of them; `undefined` for one that holds none. */
export function placeOfSchemas(keyword: string): "one" | "list" | "map" | undefined {
  return PLACES.get(keyword);
}

const PLACES: ReadonlyMap<string, "one" | "list" | "map"> = new Map([
  ...SCHEMA_KEYWORDS.map((keyword) => [keyword, "one"] as const),
  ...SCHEMA_LIST_KEYWORDS.map((keyword) => [keyword, "list"] as const),
  ...SCHEMA_MAP_KEYWORDS.map((keyword) => [keyword, "map"] as const),
]);

function visitAll(values: readonly unknown[], visit: (subschema: JsonSchema) => void): void {
  for (const value of values) if (isSchema(value)) visit(value);
}
