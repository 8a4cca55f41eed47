import {
  type Direction,
  isDuration,
  isJsonObject,
  type Json,
  type JsonSchema,
  MAX_SCHEMA_DEPTH,
  ownMember,
} from "../contract/mod.ts";
import { Branches } from "./branches.ts";
import {
  type Inclusion,
  isOtherType,
  type SubsetReason,
  type UndecidedCause,
  type Verdict,
} from "./inclusion.ts";
import { OUTER_BOUNDS } from "./outer_bounds.ts";
import { compareSchemas, type CompareSchemasOptions } from "./schema_inclusion.ts";

/** How the values of a parameter or a result changed. */
export interface ValueChanges {
  /** `yes`: every old argument is accepted, or every new result fits the old type. */
  readonly verdict: Verdict;
  /** Reasons for which the change is, or may be, breaking. */
  readonly lost: readonly SubsetReason[];
  /** Other differences, which affect no client. */
  readonly gained: readonly SubsetReason[];
}

/** Compares two schemas of a parameter (`input`) or of a result (`output`). */
export function compareValues(
  old: JsonSchema,
  next: JsonSchema,
  direction: Direction,
): ValueChanges {
  const [first, second] = direction === "input" ? [old, next] : [next, old];
  const isOldFirst = direction === "input";
  const cached = {
    values: new Branches({ direction }),
    types: new Branches({ direction, asTypes: true }),
  };
  const forward = withTypes(first, second, { direction, isOldFirst }, cached);
  const options = { direction, isExact: true, isOldFirst: !isOldFirst };
  const back = forward.verdict === "no"
    ? compareSchemas(second, first, options, cached.values)
    : withTypes(second, first, options, cached);
  const isLost = ({ path }: SubsetReason) =>
    forward.reasons.some((reason) =>
      reason.path === path || (isOtherType(reason) && isPart(path, reason.path))
    );
  return {
    verdict: forward.verdict,
    lost: forward.reasons,
    gained: back.reasons.filter((reason) => !isLost(reason)),
  };
}

// Returns true for a path of a part of the value at another path.
function isPart(path: string, whole: string): boolean {
  return path.startsWith(whole) && /^[.[{]/.test(path.slice(whole.length));
}

// Compares the values and, if that finds nothing, what the generated types allow: a list of two items is not a pair.
function withTypes(
  first: JsonSchema,
  second: JsonSchema,
  options: CompareSchemasOptions,
  cached: { readonly values: Branches; readonly types: Branches },
): Inclusion {
  const values = compareSchemas(first, second, options, cached.values);
  if (values.verdict === "no") return values;
  const isExact = !mayDiffer(first) && !mayDiffer(second) && !cached.values.hasImpossible;
  if (values.verdict === "yes" && isExact) return values;
  const types = compareSchemas(first, second, { ...options, asTypes: true }, cached.types);
  return types.verdict === "yes" || (types.verdict === "maybe" && values.verdict === "maybe")
    ? values
    : types;
}

// Keywords with types that allow less than their schemas, or more: tuples, known keys, values, bounds beside a union.
const NARROW = new Set([
  "const",
  "enum",
  "prefixItems",
  "propertyNames",
  "patternProperties",
  ...Object.keys(OUTER_BOUNDS),
]);

// Returns false if the types of a schema certainly allow what the schema allows, apart from bounds and texts.
function mayDiffer(schema: Json | undefined, depth = 0): boolean {
  if (depth > MAX_SCHEMA_DEPTH) return true;
  if (Array.isArray(schema)) return schema.some((item: Json) => mayDiffer(item, depth + 1));
  if (!isJsonObject(schema)) return false;
  if (isDuration(schema)) return true;
  const properties = ownMember(schema, "properties");
  const required = ownMember(schema, "required");
  // TypeScript has a rule of its own for types whose members are all optional.
  if (properties !== undefined && !(Array.isArray(required) && required.length > 0)) return true;
  for (const keyword in schema) {
    if (NARROW.has(keyword) || keyword === "maxItems") return true;
    const value = schema[keyword];
    const isNamed = keyword === "properties" || keyword === "$defs";
    if (isNamed && isJsonObject(value)) {
      if (Object.values(value).some((each) => mayDiffer(each, depth + 1))) return true;
    } else if (SUBSCHEMAS.has(keyword) && mayDiffer(value, depth + 1)) return true;
  }
  return false;
}

const SUBSCHEMAS = new Set([
  "items",
  "additionalProperties",
  "anyOf",
  "oneOf",
  "allOf",
  "contentSchema",
]);

/** Returns the cause of an undecided comparison. */
export function causeOf(reasons: readonly SubsetReason[]): UndecidedCause {
  return reasons.find(({ cause }) => cause !== undefined)?.cause ?? "condition";
}
