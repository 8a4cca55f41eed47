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
export function numberKeyword(schema: JsonSchema, name: string): number | undefined {
  const value = keyword(schema, name);
  return typeof value === "number" ? value : undefined;
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

/** The target of a local `$ref` and its name; `undefined` if the target does not exist. */
export function resolveReference(
  root: JsonSchema,
  reference: string,
): { readonly schema: JsonSchema; readonly name: string } | undefined {
  if (!reference.startsWith("#")) return undefined;
  let current: Json | undefined = root;
  let name = "";
  for (const part of reference.slice(1).split("/").slice(1)) {
    name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (name.includes("%")) {
      try {
        name = decodeURIComponent(name);
      } catch {
        // The percent sign is part of the name.
      }
    }
    if (Array.isArray(current)) current = (current as readonly Json[])[Number(name)];
    else if (isJsonObject(current)) current = keyword(current, name);
    else return undefined;
  }
  return isSchema(current) ? { schema: current, name } : undefined;
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
