import type { Json } from "../contract/mod.ts";

/** The answer to "is every value of one schema a value of another?"; `maybe` if it cannot be decided. */
export type Verdict = "yes" | "no" | "maybe";

/**
 * Reasons for which a change is possibly breaking: the closed list of `docs/diff-rules.md`.
 */
export const UNDECIDED_CAUSES = {
  condition:
    "The schemas have conditions that cannot be compared (`not`, `if`, `contains`, `dependentRequired`, overlapping `oneOf`).",
  pattern: "The regular expressions, or a pattern and a length, cannot be compared.",
  format: "A text format is unknown.",
  multiple: "Steps of numbers (`multipleOf`) cannot be compared.",
  union: "Several cases of a union may together include the values of one case.",
  size: "The schemas are too large or too deep to compare.",
  "python-type":
    "The Python type checks more than its schema contains: `Decimal` accepts numeric texts only, `dict[int, …]` numeric keys only, and `AfterValidator` or `FutureDate` have rules of their own.",
  default: "A default changed: calls without the value may behave differently.",
  name: "An exported type was renamed or removed: code that imports it does not compile.",
} as const;

/** An identifier of {@link UNDECIDED_CAUSES}. */
export type UndecidedCause = keyof typeof UNDECIDED_CAUSES;

/** How the first schema has values that the second has not. */
export type ReasonKind =
  /** Single values, in {@link SubsetReason.values}. */
  | "values"
  /** Other cases of a union, or another type. */
  | "types"
  /** Values outside a bound, a pattern or a number of items. */
  | "range"
  /** A required member that may be absent. */
  | "optional"
  /** A required member that is not declared. */
  | "undeclared"
  /** A declared member that is refused. */
  | "refused"
  /** Undeclared members. */
  | "others"
  /** A declared member that the second does not declare; nothing is lost. */
  | "extra"
  /** An optional member that only the second declares; nothing is lost. */
  | "missing"
  /** An object without its tag. */
  | "tag";

/** The reason for which a schema is not, or possibly not, within another. */
export interface SubsetReason {
  readonly kind: ReasonKind;
  /** Path in the value: `$` (the value itself), `$.price.amount`, `$[]`, `${}` (any further member). */
  readonly path: string;
  /** Description of the values that the first schema allows. */
  readonly first: string;
  /** Description of the values that the second schema allows. */
  readonly second: string;
  readonly verdict: "no" | "maybe";
  /** The model that the reason is about. */
  readonly model?: string | undefined;
  /** The path within {@link model}: `.price`, or empty for the model itself. */
  readonly member: string;
  readonly values?: readonly Json[] | undefined;
  /** Description of the cases for `types` that the second schema does not have; empty if it has none of them. */
  readonly cases?: string | undefined;
  /** Present for `maybe`. */
  readonly cause?: UndecidedCause | undefined;
}

/** Returns true if the second schema has none of the cases of the first: the type is another one. */
export function isOtherType({ kind, cases = "" }: SubsetReason): boolean {
  return kind === "types" && cases === "";
}

/** The result of `compareSchemas`. */
export interface Inclusion {
  readonly verdict: Verdict;
  /** Empty for `yes`, else the first few. */
  readonly reasons: readonly SubsetReason[];
}

/** A proven inclusion. */
export const YES: Inclusion = { verdict: "yes", reasons: [] };
/** At most this many reasons are collected. */
export const MAX_REASONS = 40;

/** An inclusion that certainly fails. */
export function excluded(kind: ReasonKind, first: string, second: string): Inclusion {
  return {
    verdict: "no",
    reasons: [{ kind, path: "$", member: "", first, second, verdict: "no" }],
  };
}

/** An inclusion that cannot be decided. */
export function unclear(cause: UndecidedCause, first: string, second: string): Inclusion {
  return {
    verdict: "maybe",
    reasons: [{ kind: "range", path: "$", member: "", first, second, verdict: "maybe", cause }],
  };
}

/** Returns an inclusion whose reasons are about a model, unless they are about an inner one. */
export function within(model: string | undefined, inclusion: Inclusion): Inclusion {
  if (model === undefined || inclusion.verdict === "yes") return inclusion;
  return {
    verdict: inclusion.verdict,
    reasons: inclusion.reasons.map((reason) =>
      reason.model === undefined ? { ...reason, model } : reason
    ),
  };
}

/** Collects the reasons against an inclusion. */
export class Reasons {
  #verdict: Verdict = "yes";
  readonly #reasons: SubsetReason[] = [];

  no(kind: ReasonKind, first: string, second: string, path = ""): void {
    this.add(path, excluded(kind, first, second));
  }

  maybe(cause: UndecidedCause, first: string, second: string, path = ""): void {
    this.add(path, unclear(cause, first, second));
  }

  add(path: string, { verdict, reasons }: Inclusion): void {
    if (verdict === "yes") return;
    this.#verdict = verdict === "no" || this.#verdict === "no" ? "no" : "maybe";
    for (const reason of reasons) {
      if (this.#reasons.length >= MAX_REASONS) return;
      this.#reasons.push({
        ...reason,
        path: `$${path}${reason.path.slice(1)}`,
        member: reason.model === undefined ? `${path}${reason.member}` : reason.member,
      });
    }
  }

  inclusion(): Inclusion {
    return this.#verdict === "yes" ? YES : { verdict: this.#verdict, reasons: this.#reasons };
  }
}
