import { ANNOTATIONS, type JsonObject } from "../contract/mod.ts";

/** A keyword that affects the type beyond `type`. */
export const OTHER = 1;
export const ANY_OF = 2;
export const DESCRIPTION = 4;
export const BOUNDS = 8;
export const LENGTH = 16;
export const ITEMS = 32;
export const KEYS = 64;
export const FORMAT = 128;
export const DEFAULT = 256;
export const DEPRECATED = 512;
/** A keyword, besides `anyOf`, whose type is combined with that of the others. */
export const COMBINED = 1024;
/** A keyword that rejects values and that no TypeScript type expresses. */
export const NARROWING = 2048;

/** The groups that appear in a documentation comment. */
export const DOCUMENTED = ANY_OF | DESCRIPTION | BOUNDS | LENGTH | ITEMS | KEYS | FORMAT | DEFAULT |
  DEPRECATED;

const BOUND_KEYWORDS = [
  "minimum",
  "exclusiveMinimum",
  "maximum",
  "exclusiveMaximum",
  "multipleOf",
] as const;

const GROUPS: ReadonlyMap<string, number> = new Map<string, number>([
  ...[...ANNOTATIONS, "type"].map((keyword) => [keyword, 0] as const),
  ...["$ref", "oneOf", "allOf"].map((keyword) => [keyword, OTHER | COMBINED] as const),
  ...[
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "contains",
    "unevaluatedProperties",
    "unevaluatedItems",
    "$dynamicRef",
    "$recursiveRef",
  ].map((keyword) => [keyword, OTHER | NARROWING] as const),
  ...BOUND_KEYWORDS.map((keyword) => [keyword, BOUNDS] as const),
  ...["minLength", "maxLength", "pattern"].map((keyword) => [keyword, LENGTH] as const),
  ...["minItems", "maxItems", "uniqueItems"].map((keyword) => [keyword, OTHER | ITEMS] as const),
  ...["minProperties", "maxProperties", "propertyNames", "patternProperties"]
    .map((keyword) => [keyword, OTHER | KEYS] as const),
  ["anyOf", ANY_OF],
  ["description", DESCRIPTION],
  ["format", FORMAT],
  ["default", DEFAULT],
  ["deprecated", DEPRECATED],
]);

/** Returns true for a keyword of {@link NARROWING}. */
export function isNarrowing(keyword: string): boolean {
  return ((GROUPS.get(keyword) ?? OTHER) & NARROWING) !== 0;
}

/** Returns the groups of a schema's keywords as bits, so that each keyword is looked up only once. */
export function keywordGroups(schema: JsonObject): number {
  let groups = 0;
  for (const keyword in schema) groups |= GROUPS.get(keyword) ?? OTHER;
  return groups;
}
