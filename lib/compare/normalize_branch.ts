import type { Branch, NumberBranch } from "./branch.ts";
import { matchesPattern } from "./three_valued.ts";

/** Normalizes the bounds of a branch, so that equal ranges have equal bounds. */
export function normalizeBranch(branch: Branch): Branch {
  if (branch.kind === "number" && branch.integer) {
    const min = inclusive(branch.min, branch.minOpen, 1);
    const max = inclusive(branch.max, branch.maxOpen, -1);
    if (min === undefined || max === undefined) return branch;
    return { ...branch, min, minOpen: false, max, maxOpen: false };
  }
  if (branch.kind === "array") {
    let { maxItems } = branch;
    if (branch.items.schema === false) maxItems = Math.min(maxItems, branch.prefix.length);
    const closed = branch.prefix.findIndex(({ schema }) => schema === false);
    if (closed >= 0) maxItems = Math.min(maxItems, closed);
    return maxItems === branch.maxItems ? branch : { ...branch, maxItems };
  }
  return branch;
}

/** Returns the integer at or next to a bound; undefined for a float beyond 2^53, where adding one changes nothing. */
function inclusive(
  bound: number | bigint,
  isOpen: boolean,
  step: 1 | -1,
): number | bigint | undefined {
  if (typeof bound === "bigint") return isOpen ? bound + BigInt(step) : bound;
  const rounded = step > 0 ? Math.ceil(bound) : Math.floor(bound);
  const integer = isOpen && rounded === bound ? bound + step : rounded;
  return !Number.isFinite(integer) || Math.abs(integer) < Number.MAX_SAFE_INTEGER
    ? integer
    : undefined;
}

/** Returns true if the bounds of a branch exclude every value. */
export function hasEmptyBounds(branch: Branch): boolean {
  switch (branch.kind) {
    case "number":
      return branch.min > branch.max ||
        (branch.min === branch.max && (branch.minOpen || branch.maxOpen)) || hasNoMultiple(branch);
    case "string":
      return branch.minLength > branch.maxLength ||
        (branch.maxLength === 0 &&
          branch.patterns.some((pattern) => matchesPattern(pattern, "") === false));
    case "array":
      return branch.minItems > branch.maxItems;
    case "object":
      return branch.minProperties > branch.maxProperties ||
        branch.required.size > branch.maxProperties;
    case "literal":
      return false;
  }
}

// True if the range does not contain a multiple of a step.
function hasNoMultiple({ min, minOpen, max, maxOpen, multiples }: NumberBranch): boolean {
  return multiples.some((step) => {
    if (typeof min === "bigint" || typeof max === "bigint") return false;
    if (!Number.isInteger(step) || !Number.isFinite(min) || !Number.isFinite(max)) return false;
    let first = Math.ceil(min / step) * step;
    if (minOpen && first === min) first += step;
    return first > max || (maxOpen && first === max);
  });
}
