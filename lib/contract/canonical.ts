import type { Json, JsonObject, JsonSchema } from "./contract.ts";
import {
  ANNOTATIONS,
  isJsonObject,
  isSchema,
  MAX_SCHEMA_DEPTH,
  placeOfSchemas,
} from "./keywords.ts";
import { NOT_CONTENT } from "./same_schema.ts";

/**
 * Formats a schema so that equal schemas have equal texts, whatever the order of their keys (Flask sorts them).
 * Annotations at the root (title, description, default …) are left out: Pydantic replaces them with those of the parameter
 * if it inlines a model.
 *
 * @param reference returns the text for a `$ref`
 */
export function canonicalSchema(schema: JsonSchema, reference: (ref: string) => string): string {
  return canonical(schema, reference, 0);
}

function canonical(schema: JsonSchema, reference: (ref: string) => string, depth: number): string {
  if (typeof schema === "boolean") return schema ? "T" : "F";
  if (depth > MAX_SCHEMA_DEPTH) return "…";
  let text = "{";
  for (const [key, value] of sortedEntries(schema)) {
    if (NOT_CONTENT.has(key) || (depth === 0 && ANNOTATIONS.has(key))) continue;
    text += `${quoted(key)}:${canonicalMember(key, value, reference, depth)},`;
  }
  return `${text}}`;
}

function canonicalMember(
  key: string,
  value: Json,
  reference: (ref: string) => string,
  depth: number,
): string {
  if (key === "$ref" && typeof value === "string") return reference(value);
  const place = placeOfSchemas(key);
  if (place === "one" && isSchema(value)) return canonical(value, reference, depth + 1);
  if ((place === "list" || key === "items") && Array.isArray(value)) {
    return `[${
      value.map((item) =>
        isSchema(item) ? canonical(item, reference, depth + 1) : canonicalJson(item)
      )
    }]`;
  }
  if (place === "map" && isJsonObject(value)) {
    return `{${
      sortedEntries(value).map(([name, item]) =>
        `${quoted(name)}:${
          isSchema(item) ? canonical(item, reference, depth + 1) : canonicalJson(item)
        }`
      )
    }}`;
  }
  // The mapping repeats the cases of `oneOf`, with local names.
  if (key === "discriminator" && isJsonObject(value)) {
    return canonicalJson(value["propertyName"] ?? null);
  }
  if (key === "required" && Array.isArray(value)) return canonicalJson([...value].sort());
  return canonicalJson(value);
}

/** Formats a value as JSON with sorted keys. Parts below the maximum depth are cut off. */
export function canonicalJson(value: Json, depth = 0): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (depth > MAX_SCHEMA_DEPTH) return "…";
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item, depth + 1))}]`;
  const object = value as JsonObject;
  return `{${
    sortedEntries(object).map(([key, member]) =>
      `${quoted(key)}:${canonicalJson(member, depth + 1)}`
    )
  }}`;
}

function sortedEntries(object: JsonObject): [string, Json][] {
  return Object.entries(object).sort(([a], [b]) => a < b ? -1 : 1);
}

const PLAIN = /^[\w $.-]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
