import {
  isJsonObject,
  type Json,
  jsonContent,
  type JsonObject,
  type JsonSchema,
  mapInside,
  mayBeAbsent,
} from "../contract/mod.ts";
import { compileSchema } from "../validate/mod.ts";

/**
 * Returns the schema of a result as a client reads it, by the rules of the generated types: members with a default are
 * always sent, a default may be outside its type, and `Json[T]` is sent as its value.
 */
export function resultSchema(schema: JsonSchema): JsonSchema {
  const root = withPresentMembers(schema);
  return withDefaults(root, root);
}

function withPresentMembers(schema: JsonSchema): JsonSchema {
  if (!isJsonObject(schema)) return schema;
  const content = jsonContent(schema);
  if (content !== undefined) {
    const value = withPresentMembers(content);
    return isJsonObject(value) && schema["default"] !== undefined
      ? { ...value, default: schema["default"] }
      : value;
  }
  const { properties, required } = schema;
  const converted: Record<string, Json> = convertInside(schema, withPresentMembers);
  if (isJsonObject(properties)) {
    const names = Array.isArray(required) ? required as readonly Json[] : [];
    converted["required"] = Object.keys(properties).filter((name) =>
      names.includes(name) || !mayBeAbsent(properties, name, "output")
    );
  }
  return converted;
}

// Pydantic does not validate defaults: `name: str = None` is sent as null.
function withDefaults(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (!isJsonObject(schema)) return schema;
  const converted = convertInside(schema, (inner) => withDefaults(inner, root));
  const { default: value } = schema;
  if (value === undefined || compileSchema(schema, { root }).check(value) === undefined) {
    return converted;
  }
  const { $defs, ...own } = converted;
  const either = { anyOf: [own, { const: value }] };
  // References point into the definitions at the root.
  return $defs === undefined ? either : { ...either, $defs };
}

function convertInside(
  schema: JsonObject,
  convert: (schema: JsonSchema) => JsonSchema,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, mapInside(key, value, convert)]),
  );
}
