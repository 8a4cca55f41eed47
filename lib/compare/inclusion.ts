/** The answer to "is every value of one schema a value of another?"; `maybe` if it cannot be decided. */
export type Verdict = "yes" | "no" | "maybe";

/** The reason for which a schema is not, or possibly not, within another. */
export interface SubsetReason {
  /** Path in the value: `$` (the value itself), `$.price.amount`, `$[]`, `${}` (any further member). */
  readonly path: string;
  /** Description of the values that the first schema allows. */
  readonly first: string;
  /** Description of the values that the second schema allows. */
  readonly second: string;
  readonly verdict: "no" | "maybe";
}

/** The result of `compareSchemas`. */
export interface Inclusion {
  readonly verdict: Verdict;
  /** Empty for `yes`, else the first few. */
  readonly reasons: readonly SubsetReason[];
}

/** An inclusion that certainly holds. */
export const YES: Inclusion = { verdict: "yes", reasons: [] };
/** At most this many reasons are collected. */
export const MAX_REASONS = 4;

/** An inclusion that certainly fails. */
export function excluded(first: string, second: string): Inclusion {
  return { verdict: "no", reasons: [{ path: "$", first, second, verdict: "no" }] };
}

/** An inclusion that cannot be decided. */
export function unclear(first: string, second: string): Inclusion {
  return { verdict: "maybe", reasons: [{ path: "$", first, second, verdict: "maybe" }] };
}

/** Collects the reasons against an inclusion. */
export class Reasons {
  #verdict: Verdict = "yes";
  readonly #reasons: SubsetReason[] = [];

  no(first: string, second: string, path = ""): void {
    this.add(path, excluded(first, second));
  }

  maybe(first: string, second: string, path = ""): void {
    this.add(path, unclear(first, second));
  }

  add(path: string, { verdict, reasons }: Inclusion): void {
    if (verdict === "yes") return;
    this.#verdict = verdict === "no" || this.#verdict === "no" ? "no" : "maybe";
    for (const reason of reasons) {
      if (this.#reasons.length >= MAX_REASONS) return;
      this.#reasons.push({ ...reason, path: `$${path}${reason.path.slice(1)}` });
    }
  }

  inclusion(): Inclusion {
    return this.#verdict === "yes" ? YES : { verdict: this.#verdict, reasons: this.#reasons };
  }
}
