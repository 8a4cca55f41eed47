import { isJsonObject, type JsonSchema, resolvePointer } from "../schema/mod.ts";

/** A place of a result that the contract leaves to one of several scalar types, and the type that was there. */
export interface OpenKind {
  /** Members by name, items of lists as `[]`. */
  readonly path: string;
  /** The types that the contract allows. */
  readonly allowed: readonly string[];
  readonly found: string;
}

const SCALARS = new Set(["string", "number", "integer", "boolean"]);
const MAX_DEPTH = 40;
const MAX_ITEMS = 50;

/**
 * Finds where a value has one of several types that its schema allows: a `Decimal` is a number under one server and a
 * text under another, and both fit.
 */
export function openKinds(value: unknown, schema: JsonSchema): readonly OpenKind[] {
  const found = new Map<string, OpenKind>();
  visit(value, schema, schema, "", 0, found);
  return [...found.values()];
}

function visit(
  value: unknown,
  schema: JsonSchema | undefined,
  root: JsonSchema,
  path: string,
  depth: number,
  found: Map<string, OpenKind>,
): void {
  if (depth > MAX_DEPTH || !isJsonObject(schema)) return;
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    return visit(value, resolvePointer(root, reference), root, path, depth + 1, found);
  }
  const branches = ["anyOf", "oneOf"].flatMap((key) =>
    Array.isArray(schema[key]) ? schema[key] as JsonSchema[] : []
  );
  const kinds = branches.map((branch) => isJsonObject(branch) ? String(branch["type"]) : "");
  const allowed = [...new Set(kinds.filter((kind) => SCALARS.has(kind)))];
  if (allowed.length > 1 && value !== null && typeof value !== "object") {
    const kind = typeof value === "bigint" ? "number" : typeof value;
    found.set(`${path}:${kind}`, { path: path === "" ? "$" : path, allowed, found: kind });
    return;
  }
  for (const branch of branches) visit(value, branch, root, path, depth + 1, found);
  if (Array.isArray(value)) {
    const { prefixItems, items } = schema;
    value.slice(0, MAX_ITEMS).forEach((item, index) => {
      const own = Array.isArray(prefixItems) ? prefixItems[index] : undefined;
      visit(item, (own ?? items) as JsonSchema | undefined, root, `${path}[]`, depth + 1, found);
    });
  } else if (isJsonObject(value)) {
    const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
    for (const [key, member] of Object.entries(value)) {
      const own = Object.hasOwn(properties, key) ? properties[key] : schema["additionalProperties"];
      const at = path === "" ? key : `${path}.${key}`;
      visit(member, own as JsonSchema | undefined, root, at, depth + 1, found);
    }
  }
}
