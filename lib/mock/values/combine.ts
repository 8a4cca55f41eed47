import {
  isJsonObject,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  schemaList,
} from "../../contract/mod.ts";
import { isSameJson } from "../../validate/mod.ts";

type Mutable = Record<string, Json>;
type Combine = (a: Json, b: Json) => Json | undefined;

/**
 * Combines two schemas without references and applicators of their own to one that accepts what both accept, as far as
 * one schema can express it. Callers validate values against the originals.
 *
 * @returns undefined if no value fits both
 */
export function combineSchemas(a: JsonSchema, b: JsonSchema): JsonSchema | undefined {
  if (a === false || b === false) return undefined;
  if (a === true) return b;
  if (b === true) return a;
  const combined: Mutable = { ...withPatterns(a), ...propertyRules(a, b) };
  const other = withPatterns(b);
  for (const key of Object.keys(other)) {
    const [left, right] = [keyword(combined, key), keyword(other, key)];
    if (right === undefined || PROPERTY_KEYWORDS.has(key)) continue;
    const value = left === undefined ? right : RULES[key]?.(left, right) ?? left;
    if (value === NOTHING) return undefined;
    combined[key] = value;
  }
  const constant = combined["const"];
  const values = combined["enum"];
  if (
    constant !== undefined && Array.isArray(values) &&
    !values.some((value) => isSameJson(value, constant))
  ) return undefined;
  return combined;
}

function withPatterns(schema: JsonObject): JsonObject {
  const { pattern, ...rest } = schema;
  return pattern === undefined ? schema : { ...rest, [PATTERNS]: [pattern] };
}

/** A schema that both schemas must accept, at a place where references can be followed later. */
export function bothSchemas(a: JsonSchema, b: JsonSchema): JsonSchema {
  if (a === false || b === false) return false;
  if (a === true || typeof a === "object" && Object.keys(a).length === 0) return b;
  return b === true || isSameJson(a, b) ? a : { allOf: [a, b] };
}

/** Keyword of a combined schema: patterns that a text must all match. */
export const PATTERNS = "x-pyrpc-patterns";

/** The result of a rule if no value can fit. */
const NOTHING = "\0nothing";

const least: Combine = (a, b) => (a as number) < (b as number) ? a : b;
const most: Combine = (a, b) => (a as number) > (b as number) ? a : b;
const both: Combine = (a, b) => isSchema(a) && isSchema(b) ? bothSchemas(a, b) : a;
const union: Combine = (a, b) =>
  Array.isArray(a) && Array.isArray(b) ? [...new Set([...a as Json[], ...b as Json[]])] : a;
const bothMembers: Combine = (a, b) => {
  if (!isJsonObject(a) || !isJsonObject(b)) return a;
  const members = new Map<string, Json>(Object.entries(a));
  for (const [name, value] of Object.entries(b)) {
    const before = members.get(name);
    members.set(
      name,
      before === undefined
        ? value
        : Array.isArray(value)
        ? union(before, value) ?? value
        : both(before, value) ?? value,
    );
  }
  return Object.fromEntries(members);
};

const RULES: Readonly<Record<string, Combine>> = {
  type: combineTypes,
  enum(a, b) {
    if (!Array.isArray(a) || !Array.isArray(b)) return a;
    const values = (a as readonly Json[]).filter((value) =>
      (b as readonly Json[]).some((other) => isSameJson(value, other))
    );
    return values.length === 0 ? NOTHING : values;
  },
  const: (a, b) => isSameJson(a, b) ? a : NOTHING,
  minimum: most,
  exclusiveMinimum: most,
  maximum: least,
  exclusiveMaximum: least,
  multipleOf: combineMultiples,
  ge: most,
  gt: most,
  le: least,
  lt: least,
  minLength: most,
  maxLength: least,
  min_length: most,
  max_length: least,
  minItems: most,
  maxItems: least,
  minProperties: most,
  maxProperties: least,
  minContains: most,
  maxContains: least,
  uniqueItems: (a, b) => a === true || b === true,
  required: union,
  propertyNames: both,
  contains: both,
  items: both,
  unevaluatedItems: both,
  unevaluatedProperties: both,
  dependentRequired: bothMembers,
  not: (a, b) => ({ anyOf: [a, b] }),
  prefixItems(a, b) {
    const [left, right] = [schemaList(a), schemaList(b)];
    return Array.from(
      { length: Math.max(left.length, right.length) },
      (_, index) => bothSchemas(left[index] ?? true, right[index] ?? true),
    );
  },
  [PATTERNS]: union,
  examples: () => [],
};

const TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"];

function combineTypes(a: Json, b: Json): Json {
  const [left, right] = [typeList(a), typeList(b)];
  const types = left.flatMap((type) => {
    if (right.includes(type)) return [type];
    if (type === "integer" && right.includes("number")) return [type];
    return type === "number" && right.includes("integer") ? ["integer"] : [];
  });
  const [only] = types;
  if (only === undefined) return NOTHING;
  return types.length === 1 ? only : [...new Set(types)];
}

function typeList(type: Json): readonly string[] {
  // In pyRPC, "any" means no constraint.
  if (type === "any") return TYPES;
  return (Array.isArray(type) ? type as readonly Json[] : [type])
    .filter((name) => typeof name === "string");
}

function combineMultiples(a: Json, b: Json): Json {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return a;
  const [left, right] = [Number(a), Number(b)];
  let [divisor, rest] = [left, right];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return left / divisor * right;
}

const PROPERTY_KEYWORDS = new Set(["properties", "patternProperties", "additionalProperties"]);

/** Members that only one schema declares must also fit the other one's rules for undeclared members. */
function propertyRules(a: JsonObject, b: JsonObject): JsonObject {
  const rules: Mutable = {};
  const names = new Set([...membersOf(a, "properties"), ...membersOf(b, "properties")]);
  if (names.size > 0) {
    rules["properties"] = Object.fromEntries(
      [...names].map((name) => [name, bothSchemas(ruleFor(a, name), ruleFor(b, name))]),
    );
  }
  const patterns = bothMembers(
    keyword(a, "patternProperties") ?? {},
    keyword(b, "patternProperties") ?? {},
  );
  if (isJsonObject(patterns) && Object.keys(patterns).length > 0) {
    rules["patternProperties"] = patterns;
  }
  const [left, right] = [keyword(a, "additionalProperties"), keyword(b, "additionalProperties")];
  if (isSchema(left) || isSchema(right)) {
    rules["additionalProperties"] = bothSchemas(
      isSchema(left) ? left : true,
      isSchema(right) ? right : true,
    );
  }
  return rules;
}

function membersOf(schema: JsonObject, name: string): readonly string[] {
  const members = keyword(schema, name);
  return isJsonObject(members) ? Object.keys(members) : [];
}

function ruleFor(schema: JsonObject, name: string): JsonSchema {
  const properties = keyword(schema, "properties");
  const own = isJsonObject(properties) ? keyword(properties, name) : undefined;
  if (isSchema(own)) return own;
  // The pattern that matches the name stays in the combined schema.
  if (membersOf(schema, "patternProperties").length > 0) return true;
  const additional = keyword(schema, "additionalProperties");
  return isSchema(additional) ? additional : true;
}
