import {
  bumpOf,
  changedTypes,
  type ContractChange,
  type ContractDiff,
  diffContracts,
  isNote,
  type Severity,
  severityOf,
  type TypeChanges,
  UNDECIDED_CAUSES,
} from "../compare/mod.ts";
import type { Contract } from "../contract/mod.ts";
import type { Allowance } from "./allowances.ts";
import type { Finding } from "./finding.ts";
import { type BrokenLine, type ClientImpact, type CompiledClient, impactLines } from "./impact.ts";

/** A change of a diff with the allowance that matches it. */
export interface ReportedChange extends ContractChange {
  /** Reason for which the change is accepted. */
  readonly allowed: string | undefined;
  /** The effect on the compiled clients; absent if no client was compiled. */
  readonly impact?: ClientImpact;
}

/** The value that `pyrpc diff --json` prints. */
export interface DiffReport extends TypeChanges {
  /** Origin of the old contract. */
  readonly before: string;
  /** Origin of the new contract. */
  readonly after: string;
  /** The worst severity among the changes that are not allowed. */
  readonly severity: Severity | "none";
  /** Allowed changes count: an accepted break is still a new major version. */
  readonly bump: ContractDiff["bump"];
  readonly changes: readonly ReportedChange[];
  /** Allowances that match no change. */
  readonly unusedAllowances: readonly string[];
  /** The compiled clients; absent if none was asked for. */
  readonly clients?: readonly CompiledClient[];
  /** Lines of clients that break, without a known cause. */
  readonly otherLines?: readonly BrokenLine[];
}

/** A contract and its origin. */
export interface DiffSide {
  readonly contract: Contract;
  readonly where: string;
}

/** Compares two contracts. TypeScript is generated for the changed procedures only. */
export async function reportDiff(
  before: DiffSide,
  after: DiffSide,
  allowances: readonly Allowance[] = [],
): Promise<DiffReport> {
  const diff = diffContracts(before.contract, after.contract);
  const used = new Set<Allowance>();
  const changes = diff.changes.map((change): ReportedChange => {
    const found = change.severity === "safe" ? [] : allowancesOf(change, allowances);
    for (const allowance of found) used.add(allowance);
    return { ...change, allowed: found[0]?.reason };
  });
  return {
    before: before.where,
    after: after.where,
    severity: severityOf(changes.filter(({ allowed }) => allowed === undefined)),
    bump: bumpOf(diff.changes),
    changes,
    ...await changedTypes(before.contract, after.contract, changes),
    unusedAllowances: allowances.filter((each) => !used.has(each)).map(({ rule, procedure }) =>
      procedure === undefined ? rule : `${rule}:${procedure}`
    ),
  };
}

// A change of a model is allowed as a whole, by its name, or for each of the procedures that it reaches.
function allowancesOf(
  { rule, procedure, model, procedures = [] }: ContractChange,
  allowances: readonly Allowance[],
): readonly Allowance[] {
  const matching = allowances.filter((each) => each.rule === rule);
  const whole = matching.find((each) =>
    each.procedure === undefined || each.procedure === (procedure ?? model)
  );
  if (whole !== undefined) return [whole];
  const each = procedures.map((name) => matching.find((allowance) => allowance.procedure === name));
  const found = each.filter((allowance) => allowance !== undefined);
  return found.length === procedures.length ? found : [];
}

const LEVELS: Readonly<Record<Severity, Finding["level"]>> = {
  breaking: "error",
  "possibly-breaking": "warning",
  safe: "notice",
};

/** Returns the changes of a diff as findings. */
export function findingsOf({ changes }: DiffReport, file?: string): Finding[] {
  return changes.map((change) => changeFinding(change, file));
}

/** Returns one change as a finding. */
export function changeFinding(change: ReportedChange, file?: string): Finding {
  return {
    rule: change.rule,
    level: LEVELS[change.severity],
    subject: subjectOf(change),
    message: `${change.message}${change.isGuess ? " (a guess)" : ""}`,
    details: [
      ...change.places.map(({ path, before, after }) => `${path}: ${before} → ${after}`),
      ...(change.reason === undefined ? [] : [UNDECIDED_CAUSES[change.reason]]),
      ...audiencesOf(change),
      ...clientDetails(change),
    ],
    allowed: change.allowed,
    file,
  };
}

// A safe change that breaks no line has no effect worth a remark.
function clientDetails({ impact, severity }: ReportedChange): string[] {
  if (impact === undefined || (severity === "safe" && impact.status !== "breaks")) return [];
  return impactLines(impact);
}

/** Returns each broken line of a client as a finding at that line. */
export function lineFindings({ changes, otherLines = [] }: DiffReport): Finding[] {
  const finding = (
    { file, line, column, uses, code, message }: BrokenLine,
    rule: string,
    level: Finding["level"],
    allowed: string | undefined,
  ): Finding => ({
    rule,
    level,
    subject: uses,
    message: `${code} ${message.split("\n")[0]}`,
    details: [],
    allowed,
    file,
    line,
    column,
  });
  return [
    ...changes.flatMap((change) =>
      (change.impact?.lines ?? []).map((line) =>
        finding(line, change.rule, LEVELS[change.severity], change.allowed)
      )
    ),
    ...otherLines.map((line) => finding(line, "CLIENT_LINE_BREAKS", "warning", undefined)),
  ];
}

/** Returns the findings of a report that lists broken lines below the change that causes them. */
export function withoutCausedLines(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ rule, line }) => line === undefined || rule === "CLIENT_LINE_BREAKS");
}

function subjectOf({ procedure, parameter, model, member }: ReportedChange): string {
  if (procedure === undefined) return `${model ?? ""}${member ? `.${member}` : ""}`;
  return parameter === undefined ? procedure : `${procedure}(${parameter})`;
}

// Only if the change does not affect all audiences alike.
function audiencesOf({ severity, byPosition, byName, readers }: ReportedChange): string[] {
  if (severity === "safe") return [];
  const affected = [
    byPosition === severity ? "callers by position" : "",
    byName === severity ? "callers by name" : "",
    readers === severity ? "readers of the result" : "",
  ].filter((name) => name !== "");
  return affected.length === 3 ? [] : [`for ${affected.join(" and ")}`];
}

/** Formats the counts: `2 breaking, 3 safe; the next version is a major one`, or `No changes`. */
export function summaryOf({ changes: all, bump }: DiffReport): string {
  const changes = all.filter((change) => !isNote(change));
  if (changes.length === 0) return "No changes";
  const count = (severity: Severity) =>
    changes.filter((change) => change.severity === severity && change.allowed === undefined)
      .length;
  const allowed = changes.filter((change) => change.allowed !== undefined).length;
  const parts = [
    [count("breaking"), "breaking"],
    [count("possibly-breaking"), "possibly breaking"],
    [allowed, "allowed"],
    [count("safe"), "safe"],
  ] as const;
  const counts = parts.filter(([number]) => number > 0).map((part) => part.join(" "));
  return `${counts.join(", ")}; the next version is a ${bump} one`;
}
