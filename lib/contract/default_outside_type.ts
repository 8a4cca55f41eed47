import type { Json, JsonObject, JsonSchema } from "./contract.ts";
import { isJsonObject, isSchema, MAX_SCHEMA_DEPTH, ownMember } from "./keywords.ts";
import { resolvePointer } from "./pointer.ts";
import { jsonContent, leastItems, mayBeAbsent } from "./server_rules.ts";

/**
 * Returns the default of a schema if it is not a value of the schema's type, else `undefined`. Pydantic does not validate
 * defaults, so that results contain it: `age: int = None`. Bounds, patterns and formats do not count.
 *
 * @param root The document, which `$ref`s point into.
 */
export function defaultOutsideType(schema: JsonSchema, root: JsonSchema): Json | undefined {
  if (typeof schema === "boolean") return undefined;
  const value = ownMember(schema, "default");
  return value === undefined || isOfType(value, schema, root, 0) ? undefined : value;
}

// A result may contain the default of any schema, whether it is of its type or not.
function fits(value: Json, schema: JsonSchema, root: JsonSchema, depth: number): boolean {
  if (typeof schema === "boolean") return schema;
  const other = ownMember(schema, "default");
  return (other !== undefined && isSameValue(value, other)) || isOfType(value, schema, root, depth);
}

function isOfType(value: Json, schema: JsonObject, root: JsonSchema, depth: number): boolean {
  if (depth > MAX_SCHEMA_DEPTH) return true;
  const accepts = (subschema: Json | undefined) =>
    !isSchema(subschema) || fits(value, subschema, root, depth + 1);
  const ref = ownMember(schema, "$ref");
  if (typeof ref === "string" && !accepts(resolvePointer(root, ref))) return false;
  for (const keyword of ["anyOf", "oneOf"]) {
    const members = ownMember(schema, keyword);
    if (Array.isArray(members) && !members.some(accepts)) return false;
  }
  const all = ownMember(schema, "allOf");
  if (Array.isArray(all) && !all.every(accepts)) return false;
  const constant = ownMember(schema, "const");
  if (constant !== undefined) return isSameValue(value, constant);
  const values = ownMember(schema, "enum");
  if (Array.isArray(values)) return values.some((item: Json) => isSameValue(value, item));
  const type = ownMember(schema, "type");
  const types: readonly Json[] = Array.isArray(type) ? type : [type ?? "any"];
  return types.some((name) => fitsType(value, name, schema, root, depth));
}

function fitsType(
  value: Json,
  type: Json,
  schema: JsonObject,
  root: JsonSchema,
  depth: number,
): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "integer":
    case "number":
      return typeof value === "number" || typeof value === "bigint";
    case "string": {
      const content = jsonContent(schema);
      return content === undefined
        ? typeof value === "string"
        : fits(value, content, root, depth + 1);
    }
    case "array":
      return Array.isArray(value) && fitsItems(value, schema, root, depth);
    case "object":
      return isJsonObject(value) && fitsMembers(value, schema, root, depth);
    default:
      return true;
  }
}

function fitsItems(
  value: readonly Json[],
  schema: JsonObject,
  root: JsonSchema,
  depth: number,
): boolean {
  const prefix = ownMember(schema, "prefixItems");
  const first: readonly Json[] = Array.isArray(prefix) ? prefix : [];
  const least = ownMember(schema, "minItems");
  if (value.length < leastItems(first, typeof least === "number" ? least : 0, "output")) {
    return false;
  }
  const items = ownMember(schema, "items");
  return value.every((item, index) => {
    const of = first[index] ?? items;
    return !isSchema(of) || fits(item, of, root, depth + 1);
  });
}

function fitsMembers(
  value: JsonObject,
  schema: JsonObject,
  root: JsonSchema,
  depth: number,
): boolean {
  const declared = ownMember(schema, "properties");
  const properties = isJsonObject(declared) ? declared : {};
  const required = ownMember(schema, "required");
  const additional = ownMember(schema, "additionalProperties");
  const isPresent = (name: string) => Object.hasOwn(value, name);
  if (Array.isArray(required) && !required.every((name) => isPresent(String(name)))) return false;
  for (const name in properties) {
    if (!isPresent(name) && !mayBeAbsent(properties, name, "output")) return false;
  }
  const names = Object.keys(value);
  const declaredNames = Object.keys(properties);
  // TypeScript accepts further members, but not instead of all declared ones.
  if (
    names.length > 0 && declaredNames.length > 0 && !isSchema(additional) &&
    !names.some((name) => Object.hasOwn(properties, name))
  ) return false;
  return names.every((name) => {
    const of = ownMember(properties, name) ?? additional;
    return !isJsonObject(of) || fits(value[name] ?? null, of, root, depth + 1);
  });
}

function isSameValue(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length &&
      a.every((item: Json, index) => isSameValue(item, b[index] ?? null));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => isSameValue(a[name] ?? null, ownMember(b, name) ?? null));
}
