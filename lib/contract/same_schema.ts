import type { Json, JsonObject, JsonSchema } from "./contract.ts";
import {
  ANNOTATIONS,
  isJsonObject,
  isSchema,
  MAX_SCHEMA_DEPTH,
  ownMember,
  placeOfSchemas,
} from "./keywords.ts";

/** Members that do not constrain the values of the schema. */
export const NOT_CONTENT: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "$schema",
  "$id",
]);

/**
 * Returns true if two schemas have the same content, whatever the order of their keys. Annotations at the root do not
 * count: two schemas are the same exactly if their `canonicalSchema` texts are equal.
 *
 * @param sameReference compares a `$ref` of `a` with one of `b`.
 */
export function sameSchema(
  a: JsonSchema,
  b: JsonSchema,
  sameReference: (a: string, b: string) => boolean,
): boolean {
  return same(a, b, sameReference, 0);
}

type SameReference = (a: string, b: string) => boolean;

function same(a: JsonSchema, b: JsonSchema, sameReference: SameReference, depth: number): boolean {
  if (typeof a === "boolean" || typeof b === "boolean") return a === b;
  if (depth > MAX_SCHEMA_DEPTH) return true;
  const counts = depth === 0 ? isContentOfRoot : isContent;
  let members = 0;
  for (const key in a) {
    if (!counts(key)) continue;
    const value = a[key];
    if (value === undefined) continue;
    members++;
    if (!sameMember(key, value, ownMember(b, key), sameReference, depth)) return false;
  }
  for (const key in b) if (counts(key)) members--;
  return members === 0;
}

function isContent(key: string): boolean {
  return !NOT_CONTENT.has(key);
}

function isContentOfRoot(key: string): boolean {
  return !NOT_CONTENT.has(key) && !ANNOTATIONS.has(key);
}

function sameMember(
  key: string,
  a: Json,
  b: Json | undefined,
  sameReference: SameReference,
  depth: number,
): boolean {
  if (!isObjectOrList(a) || !isObjectOrList(b)) {
    return key === "$ref" && typeof a === "string" && typeof b === "string"
      ? sameReference(a, b)
      : a === b;
  }
  const place = placeOfSchemas(key);
  if (Array.isArray(a)) {
    if (!Array.isArray(b)) return false;
    if (place === "list" || key === "items") return sameSchemas(a, b, sameReference, depth);
    return sameJson(a, b, 0) || (key === "required" && sameJson([...a].sort(), [...b].sort(), 0));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  if (place === "one") return same(a, b, sameReference, depth + 1);
  if (place === "map") return sameMembers(a, b, sameReference, depth);
  // The mapping repeats the cases of `oneOf`, with local names.
  if (key === "discriminator") {
    return sameJson(a["propertyName"] ?? null, b["propertyName"] ?? null, 0);
  }
  return sameJson(a, b, 0);
}

function sameItem(
  a: Json,
  b: Json | undefined,
  sameReference: SameReference,
  depth: number,
): boolean {
  return isSchema(a) && isSchema(b)
    ? same(a, b, sameReference, depth + 1)
    : b !== undefined && sameJson(a, b, 0);
}

function sameSchemas(
  a: readonly Json[],
  b: readonly Json[],
  sameReference: SameReference,
  depth: number,
): boolean {
  return a.length === b.length &&
    a.every((item, index) => sameItem(item, b[index], sameReference, depth));
}

function sameMembers(
  a: JsonObject,
  b: JsonObject,
  sameReference: SameReference,
  depth: number,
): boolean {
  let members = 0;
  for (const key in a) {
    const value = a[key];
    if (value === undefined) continue;
    members++;
    if (!sameItem(value, ownMember(b, key), sameReference, depth)) return false;
  }
  for (const _ in b) members--;
  return members === 0;
}

// Equal JSON values, whatever the order of their keys. Parts below the maximum depth are ignored.
function sameJson(a: Json, b: Json, depth: number): boolean {
  if (!isObjectOrList(a) || !isObjectOrList(b)) return a === b;
  if (depth > MAX_SCHEMA_DEPTH) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length &&
      a.every((item: Json, index) => sameJson(item, b[index], depth + 1));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  let members = 0;
  for (const key in a) {
    const [value, other] = [a[key], ownMember(b, key)];
    if (value === undefined) continue;
    members++;
    if (other === undefined || !sameJson(value, other, depth + 1)) return false;
  }
  for (const _ in b) members--;
  return members === 0;
}

function isObjectOrList(value: Json | undefined): value is readonly Json[] | JsonObject {
  return typeof value === "object" && value !== null;
}
