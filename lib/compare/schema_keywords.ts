import { type Json, type JsonObject, ownMember } from "../contract/mod.ts";
import type { NumberBranch } from "./branch.ts";

const TYPES = ["null", "boolean", "number", "string", "array", "object"] as const;

/** Returns the JSON types that a schema names; undefined for an unknown type. */
export function typesOf(schema: JsonObject): readonly string[] | undefined {
  const type = ownMember(schema, "type");
  // pyRPC writes "any" for a missing annotation.
  if (type === undefined || type === "any") return TYPES;
  const list = Array.isArray(type) ? type : [type];
  const known = list.filter((name): name is string =>
    name === "integer" || TYPES.some((type) => type === name)
  );
  if (known.length < list.length) return undefined;
  // Every integer is a number, so "number" includes "integer".
  return known.includes("number") ? known.filter((name) => name !== "integer") : known;
}

/** Returns the branch of a schema for numbers. */
export function numberOf(schema: JsonObject, integer: boolean): NumberBranch {
  const bound = (name: string) => {
    const value = ownMember(schema, name);
    return typeof value === "number" || typeof value === "bigint" ? value : undefined;
  };
  let min = bound("minimum") ?? -Infinity;
  let max = bound("maximum") ?? Infinity;
  let minOpen = schema["exclusiveMinimum"] === true;
  let maxOpen = schema["exclusiveMaximum"] === true;
  const above = bound("exclusiveMinimum");
  const below = bound("exclusiveMaximum");
  if (above !== undefined && above >= min) [min, minOpen] = [above, true];
  if (below !== undefined && below <= max) [max, maxOpen] = [below, true];
  const step = bound("multipleOf");
  return {
    kind: "number",
    integer,
    min,
    minOpen,
    max,
    maxOpen,
    multiples: step === undefined ? [] : [Number(step)],
    opaque: [],
  };
}

/** Returns the list in a keyword; empty for anything else. */
export function listOf(schema: JsonObject, key: string): readonly Json[] {
  const value = ownMember(schema, key);
  return Array.isArray(value) ? value : [];
}

/** Returns the string in a keyword as a list; empty for anything else. */
export function texts(schema: JsonObject, key: string): string[] {
  const value = ownMember(schema, key);
  return typeof value === "string" ? [value] : [];
}

/** Returns the number in a keyword. */
export function count(schema: JsonObject, key: string, fallback: number): number {
  const value = ownMember(schema, key);
  return typeof value === "number" && value >= 0 ? value : fallback;
}
