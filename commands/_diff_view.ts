import type { AllowedFinding } from "../lib/project/mod.ts";
import { usageError } from "../lib/errors.ts";
import {
  bumpOf,
  type ContractChange,
  type ContractDiff,
  DIFF_RULES,
  isDiffRule,
  type Severity,
  severityOf,
} from "../lib/compare/mod.ts";
import { CHECK_RULES } from "../lib/report/mod.ts";
import type { Contract } from "../lib/contract/mod.ts";

/** One change as it is shown. */
export interface ChangeView extends ContractChange {
  /** Why it is accepted; undefined where it is not. */
  readonly allowed: string | undefined;
}

/** TypeScript before and after; null where there was or is none. */
export interface TypeChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What `pyrpc diff` prints: JSON is this very value. */
export interface DiffView {
  readonly before: string;
  readonly after: string;
  /** Without what is allowed. */
  readonly severity: Severity | "none";
  /** With what is allowed: an accepted break is still a new major version. */
  readonly bump: ContractDiff["bump"];
  readonly changes: readonly ChangeView[];
  /** Signatures of the changed procedures. */
  readonly signatures: readonly TypeChange[];
  /** How many changed procedures `signatures` leaves out. */
  readonly signaturesLeftOut: number;
  /** Declarations of the types that changed with them. */
  readonly types: readonly TypeChange[];
  /** Allowances that nothing matched. */
  readonly unusedAllowances: readonly string[];
}

/** A contract and where it is from. */
export interface DiffSide {
  readonly contract: Contract;
  readonly where: string;
}

/** Builds the view of a diff; the types are generated for the procedures that changed only. */
export async function viewDiff(
  before: DiffSide,
  after: DiffSide,
  diff: ContractDiff,
  allowances: readonly AllowedFinding[],
): Promise<DiffView> {
  const used = new Set<AllowedFinding>();
  const changes = diff.changes.map((change): ChangeView => {
    const allowance = change.severity === "safe"
      ? undefined
      : allowances.find((each) =>
        each.rule === change.rule &&
        (each.procedure === undefined || each.procedure === (change.procedure ?? change.model))
      );
    if (allowance !== undefined) used.add(allowance);
    return { ...change, allowed: allowance?.reason };
  });
  const names = new Set(
    changes.flatMap(({ procedure, rule }) =>
      procedure === undefined || rule === "DOCUMENTATION_CHANGED" ? [] : [procedure]
    ),
  );
  for (const { rule, places } of changes) {
    if (rule === "PROCEDURE_RENAMED") names.add(places[0]?.after ?? "");
  }
  return {
    before: before.where,
    after: after.where,
    severity: severityOf(changes.filter(({ allowed }) => allowed === undefined)),
    bump: bumpOf(diff.changes),
    changes,
    ...await typeChanges(before.contract, after.contract, names),
    unusedAllowances: allowances.filter((each) => !used.has(each)).map(({ rule, procedure }) =>
      procedure === undefined ? rule : `${rule}:${procedure}`
    ),
  };
}

const MAX_TYPED = 60;

async function typeChanges(
  before: Contract,
  after: Contract,
  names: ReadonlySet<string>,
): Promise<Pick<DiffView, "signatures" | "signaturesLeftOut" | "types">> {
  if (names.size === 0) return { signatures: [], signaturesLeftOut: 0, types: [] };
  const { generateTypes, signatureOf } = await import("../lib/codegen/mod.ts");
  // Thousands of signatures help nobody; the first ones do.
  const shown = new Set([...names].sort().slice(0, MAX_TYPED));
  const [old, next] = [before, after].map(({ procedures, document }) =>
    generateTypes({
      procedures: new Map([...procedures].filter(([name]) => shown.has(name))),
      document,
    })
  );
  const signatures = (side: typeof old) =>
    new Map(side?.procedures.map((procedure) => [procedure.name, signatureOf(procedure)]));
  return {
    signaturesLeftOut: names.size - shown.size,
    signatures: pair(signatures(old), signatures(next)),
    types: pair(old?.declarations.types ?? new Map(), next?.declarations.types ?? new Map()),
  };
}

function pair(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): TypeChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort()
    .map((name) => ({
      name,
      before: before.get(name)?.trim() ?? null,
      after: after.get(name)?.trim() ?? null,
    }))
    .filter(({ before, after }) => before !== after);
}

/** Reads `--allow RULE[:procedure]`. @throws ToolError exit code 2 for a rule that is none */
export function parseAllowances(flags: readonly string[] | undefined): AllowedFinding[] {
  return (flags ?? []).map((text) => {
    const colon = text.indexOf(":");
    const rule = colon === -1 ? text : text.slice(0, colon);
    if (!isDiffRule(rule) && !Object.hasOwn(CHECK_RULES, rule)) {
      throw usageError(
        `No such rule: "${rule}"`,
        `The rules are ${[...Object.keys(DIFF_RULES), ...Object.keys(CHECK_RULES)].join(", ")}`,
      );
    }
    const reason = "allowed on the command line";
    return colon === -1 ? { rule, reason } : { rule, procedure: text.slice(colon + 1), reason };
  });
}
