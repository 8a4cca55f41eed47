import type { Json, JsonObject, JsonSchema } from "./contract.ts";
import { isJsonObject } from "./keywords.ts";

// Keywords whose value is data, not schemas.
const DATA = new Set(["const", "enum", "default", "examples", "required"]);
// Keywords whose value maps names of the user's to schemas.
const MAPS = new Set(["properties", "patternProperties", "$defs", "definitions"]);

/** The value of a schema's keyword with each schema in it converted; data stays as it is. */
export function mapInside(
  key: string,
  value: Json,
  convert: (schema: JsonSchema) => JsonSchema,
): Json {
  if (DATA.has(key)) return value;
  if (MAPS.has(key)) return mapSchemas(value, convert);
  if (Array.isArray(value)) return listSchemas(value, convert);
  return isJsonObject(value) ? convert(value) : value;
}

/** An object of schemas by name, each converted. */
export function mapSchemas(value: Json, convert: (schema: JsonSchema) => JsonSchema): Json {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [name, convert(schema as JsonSchema)]),
  );
}

/** A list of schemas, each converted. */
export function listSchemas(value: Json, convert: (schema: JsonSchema) => JsonSchema): Json {
  if (!Array.isArray(value)) return value;
  return (value as readonly Json[]).map((item) => isJsonObject(item) ? convert(item) : item);
}

/** A copy of an object with each member under a key made anew; keys such as `__proto__` are members like any other. */
export function mapMembers(
  object: JsonObject,
  make: (key: string, value: Json) => Json,
): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, make(key, value)]));
}
