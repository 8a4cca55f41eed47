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
 * A schema as text, the same for equal schemas whatever the order of their keys (Flask sorts them). What stands at the
 * root for people only (title, description, default …) is left out, because Pydantic puts a parameter's own there when it
 * inlines a model.
 *
 * @param reference the text that stands for a `$ref`.
 */
export function canonicalSchema(schema: JsonSchema, reference: (ref: string) => string): string {
  return canonical(schema, reference, 0);
}

function canonical(schema: JsonSchema, reference: (ref: string) => string, depth: number): string {
  if (typeof schema === "boolean") return schema ? "T" : "F";
  if (depth > MAX_SCHEMA_DEPTH) return "…";
  let text = "{";
  for (const key of sortedKeys(schema)) {
    if (NOT_CONTENT.has(key) || (depth === 0 && ANNOTATIONS.has(key))) continue;
    text += `${quoted(key)}:${canonicalMember(key, schema[key]!, reference, depth)},`;
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
      sortedKeys(value).map((name) => {
        const item = value[name]!;
        return `${quoted(name)}:${
          isSchema(item) ? canonical(item, reference, depth + 1) : canonicalJson(item)
        }`;
      })
    }}`;
  }
  // The mapping only repeats, by local names, what `oneOf` says.
  if (key === "discriminator" && isJsonObject(value)) {
    return canonicalJson(value["propertyName"] ?? null);
  }
  if (key === "required" && Array.isArray(value)) return canonicalJson([...value].sort());
  return canonicalJson(value);
}

/** JSON text with sorted keys; too deep a value is cut. */
export function canonicalJson(value: Json, depth = 0): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (depth > MAX_SCHEMA_DEPTH) return "…";
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item, depth + 1))}]`;
  const object = value as JsonObject;
  return `{${
    sortedKeys(object).map((key) => `${quoted(key)}:${canonicalJson(object[key]!, depth + 1)}`)
  }}`;
}

// Schemas are many and small: two keys are sorted by comparing them.
function sortedKeys(object: JsonObject): string[] {
  const keys = Object.keys(object);
  if (keys.length > 2) return keys.sort();
  return keys.length === 2 && keys[0]! > keys[1]! ? [keys[1]!, keys[0]!] : keys;
}

const PLAIN = /^[\w $.-]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
