import type { Json, JsonSchema } from "../../contract/mod.ts";

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
