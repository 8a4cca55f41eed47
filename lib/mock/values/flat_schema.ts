import { type Json, type JsonObject, keyword, numberKeyword } from "../../contract/mod.ts";
import { isSameJson } from "../../validate/mod.ts";
import { PATTERNS } from "./combine.ts";

/** Names by which Pydantic writes a constraint beside a union or a validator, with the standard name. */
const STANDARD_NAMES = [
  ["ge", "minimum"],
  ["gt", "exclusiveMinimum"],
  ["le", "maximum"],
  ["lt", "exclusiveMaximum"],
  ["multiple_of", "multipleOf"],
  ["min_length", "minLength"],
  ["max_length", "maxLength"],
] as const;

/** Lengths that Pydantic applies to lists and dictionaries as well. */
const LENGTHS = [
  ["array", "minLength", "minItems"],
  ["array", "maxLength", "maxItems"],
  ["object", "minLength", "minProperties"],
  ["object", "maxLength", "maxProperties"],
] as const;

/** Returns the schema with the constraints under their standard names. */
export function withStandardNames(schema: JsonObject): JsonObject {
  const standard: Record<string, Json> = { ...schema };
  const move = (from: string, to: string) => {
    const [value, present] = [numberKeyword(standard, from), numberKeyword(standard, to)];
    if (value === undefined) return;
    const isLower = /^(?:min|exclusiveMin)/.test(to);
    standard[to] = present === undefined || isLower === value > present ? value : present;
  };
  for (const [from, to] of STANDARD_NAMES) move(from, to);
  const type = keyword(standard, "type");
  for (const [owner, from, to] of LENGTHS) {
    if (type === owner) move(from, to);
  }
  return standard;
}

/** Returns the values of `const` and `enum`; undefined without them. */
export function valuesOf(schema: JsonObject): readonly Json[] | undefined {
  const constant = keyword(schema, "const");
  const members = keyword(schema, "enum");
  if (!Array.isArray(members)) return constant === undefined ? undefined : [constant];
  const values = members as readonly Json[];
  return constant === undefined ? values : values.filter((value) => isSameJson(value, constant));
}

/** Returns the patterns that a text must match. */
export function patternsOf(schema: JsonObject): readonly string[] {
  const combined = keyword(schema, PATTERNS);
  const patterns = [
    ...Array.isArray(combined) ? combined as readonly Json[] : [],
    keyword(schema, "pattern"),
  ];
  return patterns.filter((pattern) => typeof pattern === "string");
}

const KEYWORDS_BY_TYPE: ReadonlyMap<string, readonly string[]> = new Map([
  ["object", [
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "unevaluatedProperties",
  ]],
  ["array", [
    "prefixItems",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "unevaluatedItems",
  ]],
  ["string", ["minLength", "maxLength", "pattern", PATTERNS]],
  ["number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]],
]);

const EVERY_TYPE = ["string", "integer", "boolean", "null", "array", "object"];

/** Returns the types of values to generate; none if any value fits. */
export function typesOf(schema: JsonObject): readonly string[] {
  const type = keyword(schema, "type");
  if (Array.isArray(type)) {
    return (type as readonly Json[]).filter((name) => typeof name === "string");
  }
  if (typeof type === "string" && type !== "any") return [type];
  const implied = [...KEYWORDS_BY_TYPE].flatMap(([name, keywords]) =>
    keywords.some((key) => Object.hasOwn(schema, key)) ? [name] : []
  );
  if (implied.length > 0) return implied;
  return Object.hasOwn(schema, "not") ? EVERY_TYPE : [];
}
