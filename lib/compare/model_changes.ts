import type { Direction } from "../contract/mod.ts";
import { type ChangePlace, type ContractChange, makeChange } from "./change.ts";
import type { DiffRuleId } from "./diff_rules.ts";
import { isOtherType, type SubsetReason } from "./inclusion.ts";
import { type Aspect, isOldFirst, predicateOf, reachOf } from "./sentences.ts";
import type { ValueChanges } from "./value_changes.ts";

/** The parameter or result that a comparison is about. */
export interface ValueSubject {
  readonly procedure: string;
  readonly parameter?: string;
  readonly direction: Direction;
}

interface ModelChange {
  readonly rule: DiffRuleId;
  readonly model: string;
  readonly member: string;
  readonly predicate: string;
  readonly direction: Direction;
  readonly reason: SubsetReason;
  readonly place: ChangePlace;
  readonly procedures: Set<string>;
}

const RULES = {
  input: { no: "INPUT_NARROWED", maybe: "INPUT_UNDECIDED", gained: "INPUT_WIDENED" },
  output: { no: "RESULT_WIDENED", maybe: "RESULT_UNDECIDED", gained: "RESULT_NARROWED" },
} as const;

/**
 * Collects the changes of parameters and results. A change of a model is one change, however many procedures use the
 * model.
 */
export class ValueChangeCollector {
  readonly #changes: ContractChange[];
  readonly #models = new Map<string, ModelChange>();

  constructor(changes: ContractChange[]) {
    this.#changes = changes;
  }

  add(subject: ValueSubject, { lost, gained }: ValueChanges): void {
    for (const verdict of ["no", "maybe"] as const) {
      const reasons = lost.filter((reason) => reason.verdict === verdict);
      this.#report(RULES[subject.direction][verdict], reasons, subject, true);
    }
    this.#report(RULES[subject.direction].gained, gained, subject, false);
  }

  /** Adds the changes of models. */
  finish(): void {
    for (const change of this.#models.values()) {
      const { rule, model, member, predicate, direction, reason, place } = change;
      const procedures = [...change.procedures];
      const path = `\`${plain(model)}${member === "" ? "" : plain(member)}\``;
      const message = `${path} ${predicate} ${reachOf(procedures, direction)}`;
      this.#changes.push(makeChange(rule, message, {
        model,
        member: member.replace(/^\./, ""),
        procedures,
        reason: reason.cause,
        places: [place],
      }));
    }
  }

  #report(
    rule: DiffRuleId,
    reasons: readonly SubsetReason[],
    subject: ValueSubject,
    isLost: boolean,
  ): void {
    const { procedure, parameter, direction } = subject;
    const aspect = { direction, isLost };
    const own: SubsetReason[] = [];
    for (const reason of reasons) {
      if (reason.model === undefined) own.push(reason);
      else this.#addModel(rule, reason, reason.model, subject, aspect);
    }
    const [first] = own;
    if (first === undefined) return;
    const predicates = new Set(own.map((reason) => predicateOf(reason, aspect)));
    const [predicate = ""] = predicates;
    const isWhole = first.path === "$" && (own.length === 1 || isOtherType(first));
    const name = parameter === undefined ? "the result" : `the parameter "${parameter}"`;
    this.#changes.push(
      makeChange(rule, `${name} ${isWhole ? predicate : GENERAL[rule] ?? predicate}`, {
        procedure,
        parameter,
        reason: own.find(({ cause }) => cause !== undefined)?.cause,
        places: own.map((reason) => placeOf(reason, reason.path, aspect)),
      }),
    );
  }

  #addModel(
    rule: DiffRuleId,
    reason: SubsetReason,
    model: string,
    { procedure, direction }: ValueSubject,
    aspect: Aspect,
  ): void {
    const predicate = predicateOf(reason, aspect);
    const place = placeOf(reason, `${model}${reason.member}`, aspect);
    const key = JSON.stringify([rule, model, reason.member, predicate]);
    const known = this.#models.get(key);
    if (known !== undefined) {
      known.procedures.add(procedure);
      return;
    }
    const { member } = reason;
    const procedures = new Set([procedure]);
    this.#models.set(key, { rule, model, member, predicate, direction, reason, place, procedures });
  }
}

// For several differences of one value.
const GENERAL: Readonly<Partial<Record<DiffRuleId, string>>> = {
  INPUT_NARROWED: "accepts fewer values",
  INPUT_UNDECIDED: "possibly accepts fewer values",
  INPUT_WIDENED: "accepts more values",
  RESULT_WIDENED: "may contain values it could not contain before",
  RESULT_UNDECIDED: "possibly contains values it could not contain before",
  RESULT_NARROWED: "has fewer possible values, or more members",
};

function placeOf({ first, second }: SubsetReason, path: string, aspect: Aspect): ChangePlace {
  const [before, after] = isOldFirst(aspect) ? [first, second] : [second, first];
  return { path, before, after };
}

function plain(name: string): string {
  return name.replaceAll("`", "'");
}
