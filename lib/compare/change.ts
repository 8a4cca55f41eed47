import { type Audiences, DIFF_RULES, type DiffRuleId, type Severity, worst } from "./diff_rules.ts";
import type { SubsetReason } from "./inclusion.ts";

/** A part of a value that a change affects. */
export interface ChangePlace {
  /** `$` for the value itself, `$.price.amount` for a part of it. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** One change between two contracts. */
export interface ContractChange extends Audiences {
  readonly rule: DiffRuleId;
  /** The worst of the three audiences. */
  readonly severity: Severity;
  /** Name of the procedure; the old one if it was removed or renamed. */
  readonly procedure: string | undefined;
  readonly parameter: string | undefined;
  readonly model: string | undefined;
  /** One sentence without a full stop. */
  readonly message: string;
  /** True if the change is guessed by likeness. */
  readonly isGuess: boolean;
  readonly places: readonly ChangePlace[];
}

interface ChangeDetails {
  readonly procedure?: string;
  readonly parameter?: string;
  readonly model?: string;
  readonly isGuess?: boolean;
  readonly places?: readonly ChangePlace[];
}

/** Makes a change with the severities of its rule. */
export function makeChange(
  rule: DiffRuleId,
  message: string,
  details: ChangeDetails,
): ContractChange {
  const { byPosition, byName, readers } = DIFF_RULES[rule];
  return {
    rule,
    severity: worst([byPosition, byName, readers]),
    byPosition,
    byName,
    readers,
    procedure: details.procedure,
    parameter: details.parameter,
    model: details.model,
    message,
    isGuess: details.isGuess ?? false,
    places: details.places ?? [],
  };
}

/** Returns the places of a failed inclusion of the old schema in the new one. */
export function placesOfOld(reasons: readonly SubsetReason[]): ChangePlace[] {
  return reasons.map(({ path, first, second }) => ({ path, before: first, after: second }));
}

/** Returns the places of a failed inclusion of the new schema in the old one. */
export function placesOfNew(reasons: readonly SubsetReason[]): ChangePlace[] {
  return reasons.map(({ path, first, second }) => ({ path, before: second, after: first }));
}
