import type { Json, JsonSchema } from "./contract.ts";
import { isJsonObject, isSchema, ownMember } from "./keywords.ts";

/** Returns a keyword of a schema; `undefined` for boolean schemas and inherited members. */
export function keyword(schema: JsonSchema, name: string): Json | undefined {
  return typeof schema === "object" ? ownMember(schema, name) : undefined;
}

/** Returns a keyword if it is a number. */
export function numberKeyword(schema: JsonSchema, name: string): number | bigint | undefined {
  const value = keyword(schema, name);
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}

/** Returns a keyword that is a length or a count. */
export function countKeyword(schema: JsonSchema, name: string): number | undefined {
  const value = numberKeyword(schema, name);
  return value === undefined ? undefined : Number(value);
}

/** Returns the schemas in a list; empty for any other value. */
export function schemaList(value: Json | undefined): readonly JsonSchema[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isSchema) : [];
}

/** Returns the strings in a list; empty for any other value. */
export function nameList(value: Json | undefined): readonly string[] {
  return Array.isArray(value)
    ? (value as readonly Json[]).filter((name) => typeof name === "string")
    : [];
}

/** Returns the schemas in a keyword with their names, in the order of the document. */
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
