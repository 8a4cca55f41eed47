import type { Json, JsonObject, JsonSchema } from "../../contract/mod.ts";

/** An own member of a schema; `undefined` if it does not have it. */
export function keyword(schema: JsonSchema, name: string): Json | undefined {
  return typeof schema === "object" && Object.hasOwn(schema, name) ? schema[name] : undefined;
}

/** Returns true for objects, except lists. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns true for booleans and objects. */
export function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === "boolean" || isJsonObject(value);
}

/** The schemas in a list of schemas; empty for any other value. */
export function schemaList(value: Json | undefined): readonly JsonSchema[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isSchema) : [];
}

/** A member of a schema if it is a number. */
export function numberKeyword(schema: JsonSchema, name: string): number | bigint | undefined {
  const value = keyword(schema, name);
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}

/** A member of a schema if it is a length or a count. */
export function countKeyword(schema: JsonSchema, name: string): number | undefined {
  const value = numberKeyword(schema, name);
  return value === undefined ? undefined : Number(value);
}

/** The texts in a list; empty for any other value. */
export function nameList(value: Json | undefined): readonly string[] {
  return Array.isArray(value)
    ? (value as readonly Json[]).filter((name) => typeof name === "string")
    : [];
}

/** Members and their schemas in the order of the document. */
export function memberSchemas(
  schema: JsonSchema,
  name: string,
): readonly (readonly [string, JsonSchema])[] {
  const value = keyword(schema, name);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    isSchema(member) ? [[key, member] as const] : []
  );
}

/** Sets a member, which may be named `__proto__`. */
export function setMember(object: Record<string, Json>, name: string, value: Json): void {
  if (name === "__proto__") {
    Object.defineProperty(object, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else object[name] = value;
}

/** Adds the definitions of a document to an inner schema, so that its references can be resolved. */
export function withDefinitions(schema: JsonSchema, definitions: Json | undefined): JsonSchema {
  return typeof schema === "object" && definitions !== undefined
    ? { ...schema, $defs: definitions }
    : schema;
}
