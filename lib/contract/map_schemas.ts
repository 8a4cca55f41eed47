import { WireFloat } from "../json/mod.ts";
import type { Json, JsonObject, JsonSchema } from "./contract.ts";
import { isJsonObject } from "./keywords.ts";

// Keywords with data instead of schemas.
const DATA = new Set([
  "const",
  "enum",
  "default",
  "examples",
  "required",
  "dependentRequired",
  "discriminator",
]);
// Keywords with an object of schemas by user-defined names.
const MAPS = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "$defs",
  "definitions",
]);

/** Converts each schema in the value of a keyword. Data is returned unchanged. */
export function mapInside(
  key: string,
  value: Json,
  convert: (schema: JsonSchema) => JsonSchema,
): Json {
  if (DATA.has(key)) return value;
  if (MAPS.has(key)) return mapSchemas(value, convert);
  if (Array.isArray(value)) return listSchemas(value, convert);
  return isSchemaObject(value) ? convert(value) : value;
}

/** Converts each schema of an object of schemas. */
export function mapSchemas(value: Json, convert: (schema: JsonSchema) => JsonSchema): Json {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [name, convert(schema as JsonSchema)]),
  );
}

/** Converts each schema of a list. */
export function listSchemas(value: Json, convert: (schema: JsonSchema) => JsonSchema): Json {
  if (!Array.isArray(value)) return value;
  return (value as readonly Json[]).map((item) => isSchemaObject(item) ? convert(item) : item);
}

// A document whose numbers are kept as they are written has a `WireFloat` for 5.0.
function isSchemaObject(value: Json): value is JsonObject {
  return isJsonObject(value) && !(value instanceof WireFloat);
}

/** Returns a copy of an object with converted values. Keys such as `__proto__` are members like any other. */
export function mapMembers(
  object: JsonObject,
  convert: (key: string, value: Json) => Json,
): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, convert(key, value)]),
  );
}
