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

/** Calls `visit` for each schema directly inside `schema`, with the JSON pointer from it. */
export function forEachSubschema(
  schema: JsonObject,
  visit: (subschema: JsonSchema, pointer: string) => void,
): void {
  for (const keyword of SCHEMA_KEYWORDS) {
    const value = ownMember(schema, keyword);
    if (isSchema(value)) visit(value, `/${keyword}`);
    else if (Array.isArray(value)) visitList(value, keyword, visit);
  }
  for (const keyword of SCHEMA_LIST_KEYWORDS) {
    const value = ownMember(schema, keyword);
    if (Array.isArray(value)) visitList(value, keyword, visit);
  }
  for (const keyword of SCHEMA_MAP_KEYWORDS) {
    const value = ownMember(schema, keyword);
    if (!isJsonObject(value)) continue;
    for (const [key, subschema] of Object.entries(value)) {
      if (isSchema(subschema)) visit(subschema, `/${keyword}/${key}`);
    }
  }
}

function visitList(
  list: readonly unknown[],
  keyword: string,
  visit: (subschema: JsonSchema, pointer: string) => void,
): void {
  list.forEach((subschema, index) => {
    if (isSchema(subschema)) visit(subschema, `/${keyword}/${index}`);
  });
}
