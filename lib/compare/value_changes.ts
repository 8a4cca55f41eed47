import type { Direction, JsonSchema } from "../contract/mod.ts";
import type { Inclusion, SubsetReason, UndecidedCause, Verdict } from "./inclusion.ts";
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
  const forward = withTypes(first, second, { direction, isOldFirst });
  const back = withTypes(second, first, { direction, isExact: true, isOldFirst: !isOldFirst });
  const isLost = ({ path }: SubsetReason) => forward.reasons.some((reason) => reason.path === path);
  return {
    verdict: forward.verdict,
    lost: forward.reasons,
    gained: back.reasons.filter((reason) => !isLost(reason)),
  };
}

// Compares the values and, if that finds nothing, what the generated types allow: a list of two items is not a pair.
function withTypes(
  first: JsonSchema,
  second: JsonSchema,
  options: CompareSchemasOptions,
): Inclusion {
  const values = compareSchemas(first, second, options);
  if (values.verdict === "no") return values;
  const types = compareSchemas(first, second, { ...options, asTypes: true });
  return types.verdict === "yes" || (types.verdict === "maybe" && values.verdict === "maybe")
    ? values
    : types;
}

/** Returns the cause of an undecided comparison. */
export function causeOf(reasons: readonly SubsetReason[]): UndecidedCause {
  return reasons.find(({ cause }) => cause !== undefined)?.cause ?? "condition";
}
