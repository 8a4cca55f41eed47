import { defined } from "../defined.ts";
import { type Audiences, DIFF_RULES, type DiffRuleId, type Severity, worst } from "./diff_rules.ts";
import type { UndecidedCause } from "./inclusion.ts";

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
  /** Name of the procedure; the old one if it was removed or renamed. Absent for a change of a model. */
  readonly procedure: string | undefined;
  readonly parameter: string | undefined;
  readonly model: string | undefined;
  /** The member of {@link model} that changed: `in_stock`, or empty for the model itself. */
  readonly member?: string;
  /** Procedures that a change of a model reaches. */
  readonly procedures?: readonly string[];
  /** One sentence without a full stop. */
  readonly message: string;
  /** The reason of a possibly breaking change: an identifier of `docs/diff-rules.md`. */
  readonly reason?: UndecidedCause;
  /** True if the change is guessed by likeness. */
  readonly isGuess: boolean;
  readonly places: readonly ChangePlace[];
}

interface ChangeDetails {
  readonly procedure?: string | undefined;
  readonly parameter?: string | undefined;
  readonly model?: string;
  readonly member?: string;
  readonly procedures?: readonly string[];
  readonly reason?: UndecidedCause | undefined;
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
  const { member, procedures } = details;
  const severity = worst([byPosition, byName, readers]);
  const reason = severity === "possibly-breaking" ? details.reason : undefined;
  return {
    rule,
    severity,
    byPosition,
    byName,
    readers,
    procedure: details.procedure,
    parameter: details.parameter,
    model: details.model,
    message,
    isGuess: details.isGuess ?? false,
    places: details.places ?? [],
    ...defined({ member, procedures, reason }),
  };
}

/** Returns true for a note, which affects neither verdict nor version. */
export function isNote({ rule }: Pick<ContractChange, "rule">): boolean {
  return rule === "HOOK_INPUT_CHANGED";
}
