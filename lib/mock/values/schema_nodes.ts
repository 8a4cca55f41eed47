import type { Json, JsonObject, JsonSchema } from "../../contract/mod.ts";

/** A member of a schema; nothing where it is none of its own. */
export function keyword(schema: JsonSchema, name: string): Json | undefined {
  return typeof schema === "object" && Object.hasOwn(schema, name) ? schema[name] : undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === "boolean" || isJsonObject(value);
}

export function schemaList(value: Json | undefined): readonly JsonSchema[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isSchema) : [];
}

export function numberKeyword(schema: JsonSchema, name: string): number | undefined {
  const value = keyword(schema, name);
  return typeof value === "number" ? value : undefined;
}

/** Members and their schemas, in the order of the document. */
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

/** Where a local `$ref` leads, and the name there. */
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
        // Then it is a name with a percent sign.
      }
    }
    if (Array.isArray(current)) current = (current as readonly Json[])[Number(name)];
    else {current = isJsonObject(current) && Object.hasOwn(current, name)
        ? current[name]
        : undefined;}
  }
  return isSchema(current) ? { schema: current, name } : undefined;
}

/** Sets a member whatever its name is: `__proto__` is one like any other. */
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
