import type { JsonSchema } from "../contract/mod.ts";
import { isJsonObject, resolvePointer } from "../contract/mod.ts";
import { WireFloat } from "../json/mod.ts";
import type { WireValue } from "./call.ts";
import { isOpaque } from "./unsendable.ts";

/** A {@link WireValue} with its floats marked. */
export type MarkedValue =
  | WireValue
  | WireFloat
  | readonly MarkedValue[]
  | { readonly [key: string]: MarkedValue };

/** Marks whole numbers that are floats in the schema. */
export function markFloats(value: WireValue, schema: JsonSchema): MarkedValue {
  return mark(value, schema, schema, 0);
}

const MAX_DEPTH = 200;

function mark(
  value: WireValue,
  schema: JsonSchema | undefined,
  root: JsonSchema,
  depth: number,
): MarkedValue {
  if (value === null || depth > MAX_DEPTH || !isJsonObject(schema)) return value;
  if (typeof value === "number") {
    return Number.isInteger(value) && numberKind(schema, root, 0) === "float"
      ? new WireFloat(value)
      : value;
  }
  if (typeof value !== "object" || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    const shape = shapeFor(value, schema, root, 0);
    const prefix = Array.isArray(shape["prefixItems"]) ? shape["prefixItems"] : [];
    return (value as readonly WireValue[]).map((item, index) =>
      mark(item, (prefix[index] ?? shape["items"]) as JsonSchema | undefined, root, depth + 1)
    );
  }
  // Kept as it is: the encoder decides about it.
  if (typeof (value as { readonly toJSON?: unknown }).toJSON === "function" || isOpaque(value)) {
    return value;
  }
  const shape = shapeFor(value, schema, root, 0);
  const properties = isJsonObject(shape["properties"]) ? shape["properties"] : {};
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const own = Object.hasOwn(properties, key) ? properties[key] : shape["additionalProperties"];
      return [key, mark(member as WireValue, own as JsonSchema | undefined, root, depth + 1)];
    }),
  );
}

type SchemaObject = Exclude<JsonSchema, boolean>;

function numberKind(
  schema: JsonSchema | undefined,
  root: JsonSchema,
  depth: number,
): "int" | "float" | undefined {
  if (!isJsonObject(schema) || depth > 20) return undefined;
  const { type } = schema;
  if (type === "integer") return "int";
  if (type === "number") return "float";
  const target = referenced(schema, root);
  if (target !== undefined) return numberKind(target, root, depth + 1);
  // Python's `int | float` keeps a whole number an int if both match.
  const kinds = unionOf(schema).map((branch) => numberKind(branch, root, depth + 1));
  return kinds.includes("int") ? "int" : kinds.includes("float") ? "float" : undefined;
}

/** The branch of a schema that has the most members of a value; references are resolved. */
export function shapeFor(
  value: WireValue,
  schema: SchemaObject,
  root: JsonSchema,
  depth: number,
): SchemaObject {
  if (depth > 20) return schema;
  const target = referenced(schema, root);
  if (isJsonObject(target)) return shapeFor(value, target, root, depth + 1);
  const branches = unionOf(schema).filter(isJsonObject)
    .map((branch) => shapeFor(value, branch, root, depth + 1));
  if (branches.length === 0) return schema;
  const scores = branches.map((branch) => fitOf(value, branch));
  return branches[scores.indexOf(Math.max(...scores))] ?? schema;
}

function fitOf(value: WireValue, { type, properties, prefixItems, items }: SchemaObject): number {
  if (Array.isArray(value)) {
    if (type !== "array") return -1;
    return Array.isArray(prefixItems) && prefixItems.length === value.length ? 2 : items ? 1 : 0;
  }
  if (type !== "object" || typeof value !== "object" || value === null) return -1;
  if (!isJsonObject(properties)) return 0;
  return Object.entries(value).reduce((score, [key, member]) => {
    if (!Object.hasOwn(properties, key)) return score;
    const own = properties[key];
    const constant = isJsonObject(own) ? own["const"] : undefined;
    return score + (constant === undefined ? 1 : constant === member ? 100 : -100);
  }, 0);
}

/** The target of a schema's reference, and the branches of a union. */
export function branchesOf(schema: SchemaObject, root: JsonSchema): readonly JsonSchema[] {
  const target = referenced(schema, root);
  return target === undefined ? unionOf(schema) : [target, ...unionOf(schema)];
}

function unionOf(schema: SchemaObject): readonly JsonSchema[] {
  return ["anyOf", "oneOf", "allOf"].flatMap((key) => {
    const branches = schema[key];
    return Array.isArray(branches) ? branches as JsonSchema[] : [];
  });
}

function referenced(schema: SchemaObject, root: JsonSchema): JsonSchema | undefined {
  const reference = schema["$ref"];
  if (typeof reference !== "string" || !reference.startsWith("#")) return undefined;
  return resolvePointer(root, reference);
}
