/** Keywords of JSON Schema 2020-12 (and `definitions` and array `items` of earlier drafts) that contain schemas. */

import { isObject } from "../is_object.ts";
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

/** Keywords for documentation, which do not constrain values. */
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

/** Deeper nesting (without a `$ref` in between) is ignored: handwritten types are never as deep. */
export const MAX_SCHEMA_DEPTH = 100;

/** Returns an own member of an object. Safe for `__proto__`. */
export function ownMember(object: JsonObject, key: string): JsonObject[string] | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Returns true for a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value);
}

/** Returns true for a value that can be a schema. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "boolean" || isJsonObject(value);
}

/** Calls `visit` for each schema directly inside `schema`, in the order of its keys. */
export function forEachSubschema(schema: JsonObject, visit: (subschema: JsonSchema) => void): void {
  // Most schemas have two or three keys: this is faster than a lookup of every keyword.
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

/** Returns how a keyword contains schemas: one, a list or an object of them. `undefined` for other keywords. */
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
