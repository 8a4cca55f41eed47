import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  ownMember,
} from "../contract/mod.ts";
import type { Branch } from "./branch.ts";
import { count, listOf, numberOf } from "./schema_keywords.ts";

/** Pydantic's names of the bounds that it compares with the validated value of a union, a reference or an enum. */
export const OUTER_BOUNDS: Readonly<Record<string, string>> = {
  ge: "minimum",
  gt: "exclusiveMinimum",
  le: "maximum",
  lt: "exclusiveMaximum",
  multiple_of: "multipleOf",
};
const OUTER_LENGTHS = new Set(["min_length", "max_length", "minLength", "maxLength"]);

/** Returns true for a schema with bounds that apply to more than one type. */
export function hasOuterBounds(schema: JsonObject): boolean {
  for (const keyword in schema) {
    if (Object.hasOwn(OUTER_BOUNDS, keyword) || OUTER_LENGTHS.has(keyword)) return true;
  }
  return false;
}

/** Returns a branch within the outer bounds of a schema; nothing if no value of the branch can be compared with them. */
export function withOuterBounds(branch: Branch, schema: JsonObject): Branch | [] {
  const bounds: Record<string, Json> = {};
  for (const [name, keyword] of Object.entries(OUTER_BOUNDS)) {
    const value = ownMember(schema, name);
    if (value !== undefined) bounds[keyword] = value;
  }
  if (branch.kind === "number") {
    const { min, minOpen, max, maxOpen, multiples } = numberOf(bounds, false);
    const isLow = min > branch.min || (min === branch.min && minOpen);
    const isHigh = max < branch.max || (max === branch.max && maxOpen);
    return {
      ...branch,
      ...(isLow ? { min, minOpen } : {}),
      ...(isHigh ? { max, maxOpen } : {}),
      multiples: [...new Set([...branch.multiples, ...multiples])],
    };
  }
  if (Object.keys(bounds).length > 0) {
    // Python cannot compare other values with a number. The text of a `Decimal` is a number.
    return branch.kind === "string" && mayBeDecimal(schema)
      ? { ...branch, opaque: [...branch.opaque, `text:${canonicalJson(bounds)}`] }
      : [];
  }
  const least = Math.max(count(schema, "min_length", 0), count(schema, "minLength", 0));
  const most = Math.min(
    count(schema, "max_length", Infinity),
    count(schema, "maxLength", Infinity),
  );
  switch (branch.kind) {
    case "string":
      return {
        ...branch,
        minLength: Math.max(branch.minLength, least),
        maxLength: Math.min(branch.maxLength, most),
      };
    case "array":
      return {
        ...branch,
        minItems: Math.max(branch.minItems, least),
        maxItems: Math.min(branch.maxItems, most),
      };
    case "object":
      return {
        ...branch,
        minProperties: Math.max(branch.minProperties, least),
        maxProperties: Math.min(branch.maxProperties, most),
      };
    default:
      return branch;
  }
}

// Pydantic describes a `Decimal` as a number and a text.
function mayBeDecimal(schema: JsonObject): boolean {
  const types = listOf(schema, "anyOf").map((each) =>
    isJsonObject(each) ? ownMember(each, "type") : undefined
  );
  return types.some((type, index) => type === "string" && types[index - 1] === "number");
}
