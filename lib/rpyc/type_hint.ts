/**
 * Number types of a result according to its JSON Schema. JavaScript has one number type, Python two that differ on the wire:
 * `3` must be sent as `3.0` for a `number` and as `3` for an `integer`, at any depth.
 */
import { isJsonObject, isSchema, type JsonObject, type JsonSchema } from "../contract/mod.ts";

/** Number types of one value. */
export interface TypeHint {
  /** The type of an integer; `undefined` if the schema allows both types or does not restrict it. */
  readonly number: "int" | "float" | undefined;
  /** Returns the hint of an array's item. */
  item(index: number): TypeHint | undefined;
  /** Returns the hint of an object's member. */
  member(key: string): TypeHint | undefined;
}

/** A result together with the hint of its schema. */
export class Hinted {
  readonly value: unknown;
  readonly hint: TypeHint | undefined;
  constructor(value: unknown, hint: TypeHint | undefined) {
    this.value = value;
    this.hint = hint;
  }
}

const MAX_REFERENCES = 50;

/** Returns the hint of a schema with its own `$defs`; `undefined` for a boolean schema. */
export function typeHintOf(schema: JsonSchema): TypeHint | undefined {
  return typeof schema === "boolean" ? undefined : hintOf([schema], schema);
}

function hintOf(candidates: readonly JsonSchema[], root: JsonObject): TypeHint | undefined {
  const schemas = candidates.flatMap((schema) => alternatives(schema, root, 0));
  if (schemas.length === 0) return undefined;
  return {
    get number() {
      const types = schemas.flatMap((schema) => schema["type"] ?? []);
      if (types.includes("integer")) return types.includes("number") ? undefined : "int";
      return types.includes("number") ? "float" : undefined;
    },
    item(index) {
      return hintOf(
        schemas.flatMap((schema) => {
          const prefix = schema["prefixItems"];
          const item = Array.isArray(prefix) && index < prefix.length
            ? prefix[index]
            : schema["items"];
          return isSchema(item) ? [item] : [];
        }),
        root,
      );
    },
    member(key) {
      return hintOf(
        schemas.flatMap((schema) => {
          const properties = schema["properties"];
          const own = isJsonObject(properties) && Object.hasOwn(properties, key)
            ? properties[key]
            : undefined;
          const member = own ?? schema["additionalProperties"];
          return isSchema(member) ? [member] : [];
        }),
        root,
      );
    },
  };
}

// Every object schema that may describe the value: resolves references and flattens unions and intersections.
function alternatives(schema: JsonSchema, root: JsonObject, depth: number): JsonObject[] {
  if (typeof schema === "boolean" || depth > MAX_REFERENCES) return [];
  const parts = [schema];
  const next = (part: JsonSchema) => parts.push(...alternatives(part, root, depth + 1));
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    const target = resolve(reference, root);
    if (target !== undefined) next(target);
  }
  for (const keyword of ["anyOf", "oneOf", "allOf"]) {
    const list = schema[keyword];
    if (Array.isArray(list)) list.filter(isSchema).forEach(next);
  }
  return parts;
}

function resolve(reference: string, root: JsonObject): JsonSchema | undefined {
  if (!reference.startsWith("#/")) return undefined;
  let at: unknown = root;
  for (const step of reference.slice(2).split("/")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isJsonObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return isSchema(at) ? at : undefined;
}
