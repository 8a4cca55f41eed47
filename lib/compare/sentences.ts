import { stringifyJson } from "../json/mod.ts";
import type { Direction, Json } from "../contract/mod.ts";
import { IGNORED_OTHERS, NO_OTHERS } from "./describe_branch.ts";
import { isOtherType, type SubsetReason } from "./inclusion.ts";

/** The side of a change that a sentence is about. */
export interface Aspect {
  readonly direction: Direction;
  /** True for what breaks, false for what affects no client. */
  readonly isLost: boolean;
}

/** Describes what changed, as the second half of a sentence: `was removed`, `may now be null`. */
export function predicateOf(reason: SubsetReason, aspect: Aspect): string {
  const { verdict, first, second } = reason;
  if (verdict === "maybe" && aspect.isLost) {
    return aspect.direction === "input"
      ? "possibly accepts fewer values"
      : "possibly contains values it could not contain before";
  }
  if (isOtherType(reason)) {
    const [before, after] = isOldFirst(aspect) ? [first, second] : [second, first];
    return `changed from ${before} to ${after}`;
  }
  const texts = aspect.direction === "input"
    ? aspect.isLost ? INPUT_LOST : INPUT_GAINED
    : aspect.isLost
    ? OUTPUT_LOST
    : OUTPUT_GAINED;
  return texts[reason.kind](reason);
}

/** Returns true if the first schema of a reason is the old one. */
export function isOldFirst({ direction, isLost }: Aspect): boolean {
  return (direction === "input") === isLost;
}

type Predicates = Readonly<Record<SubsetReason["kind"], (reason: SubsetReason) => string>>;

const always = (text: string) => () => text;
const isNull = ({ values = [] }: SubsetReason) => values.length === 1 && values[0] === null;
const named = (values: readonly Json[] = []) => {
  const list = values.map((value) => typeof value === "string" ? value : stringifyJson(value));
  const shown = list.slice(0, 10).join(", ");
  return `value${list.length === 1 ? "" : "s"}: ${shown}${list.length > 10 ? ", …" : ""}`;
};
const some = (values: readonly Json[] = []) =>
  values.length === 1 ? `a new ${named(values)}` : `new ${named(values)}`;

const OUTPUT_LOST: Predicates = {
  values: (reason) => isNull(reason) ? "may now be null" : `has ${some(reason.values)}`,
  types: ({ cases = "" }) => `may now be ${cases}`,
  range: always("may contain values it could not contain before"),
  optional: always("may now be absent"),
  undeclared: always("was removed"),
  refused: always("was added"),
  others: always("may now have undeclared members"),
  extra: always("was added"),
  missing: always("was removed"),
  tag: always("may now be absent"),
};

const OUTPUT_GAINED: Predicates = {
  values: (reason) =>
    isNull(reason) ? "is no longer null" : `no longer has the ${named(reason.values)}`,
  types: ({ cases = "" }) => `is no longer ${cases}`,
  range: always("has fewer possible values"),
  optional: always("is now always present"),
  undeclared: always("was added"),
  refused: always("was removed"),
  others: ({ first }) =>
    `${first === NO_OTHERS ? "may now have" : "no longer has"} undeclared members`,
  extra: always("was removed"),
  missing: always("was added"),
  tag: always("is now always present"),
};

const INPUT_LOST: Predicates = {
  values: (reason) =>
    isNull(reason) ? "may no longer be null" : `no longer accepts the ${named(reason.values)}`,
  types: ({ cases = "" }) => `no longer accepts ${cases}`,
  range: always("accepts fewer values"),
  optional: always("is now required"),
  undeclared: always("was added and is required"),
  refused: always("was removed and is now rejected"),
  others: always("no longer accepts undeclared members"),
  extra: always("was removed"),
  missing: always("was added"),
  tag: always("is now required, because the server reads it to choose a member of the union"),
};

const INPUT_GAINED: Predicates = {
  values: (reason) => isNull(reason) ? "may now be null" : `accepts ${some(reason.values)}`,
  types: ({ cases = "" }) => `now accepts ${cases}`,
  range: always("accepts more values"),
  optional: always("is now optional"),
  undeclared: always("was removed and is now ignored"),
  refused: always("was added"),
  others: ({ first, second }) =>
    second === NO_OTHERS
      ? "accepts undeclared members now"
      : `${first === IGNORED_OTHERS ? "now" : "no longer"} ignores undeclared members`,
  extra: always("was added"),
  missing: always("was removed and is now ignored"),
  tag: always("is now optional"),
};

const MAX_NAMES = 2;

/** Lists the procedures that a change reaches: `(results of get_product, list_products and 1 more)`. */
export function reachOf(procedures: readonly string[], direction: Direction): string {
  const shown = procedures.slice(0, MAX_NAMES);
  const left = procedures.length - shown.length;
  const list = left > 0 ? `${shown.join(", ")} and ${left} more` : shown.join(" and ");
  return `(${direction === "input" ? "parameters" : "results"} of ${list})`;
}
