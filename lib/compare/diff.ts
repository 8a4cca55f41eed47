import { canonicalJson, type Contract, type Procedure } from "../contract/mod.ts";
import { type ContractChange, makeChange, placesOfNew, placesOfOld } from "./change.ts";
import { diffModels } from "./diff_models.ts";
import { diffParameters } from "./diff_parameters.ts";
import { type Severity, worst } from "./diff_rules.ts";
import { guessRenames } from "./likeness.ts";
import { isSame } from "./same_value.ts";
import { compareSchemas } from "./schema_inclusion.ts";

/** All changes, the worst first, then by procedure. */
export interface ContractDiff {
  readonly changes: readonly ContractChange[];
  /** `none` without changes. */
  readonly severity: Severity | "none";
  /** The next version of the types: major for a breaking change, minor for an addition, else patch. */
  readonly bump: "major" | "minor" | "patch" | "none";
}

/**
 * Compares two contracts. Narrowing and widening are decided on the schemas; an undecided change is possibly breaking,
 * never safe. A member that only one side has (such as kinds, which old snapshots lack) is not a change.
 */
export function diffContracts(before: Contract, after: Contract): ContractDiff {
  const changes: ContractChange[] = [];
  const renames = renamedProcedures(before, after);
  const renamedTo = new Set(renames.values());
  const unchanged = new Set<string>();
  for (const [name, old] of before.procedures) {
    const next = after.procedures.get(name);
    if (next !== undefined) {
      if (diffProcedure(old, next, changes)) unchanged.add(name);
      continue;
    }
    const newName = renames.get(name);
    if (newName === undefined) {
      changes.push(makeChange("PROCEDURE_REMOVED", `"${name}" was removed`, { procedure: name }));
      continue;
    }
    changes.push(makeChange("PROCEDURE_RENAMED", `"${name}" is probably "${newName}" now`, {
      procedure: name,
      isGuess: true,
      places: [{ path: "name", before: name, after: newName }],
    }));
  }
  for (const name of after.procedures.keys()) {
    if (before.procedures.has(name) || renamedTo.has(name)) continue;
    changes.push(makeChange("PROCEDURE_ADDED", `"${name}" was added`, { procedure: name }));
  }
  if (unchanged.size < Math.max(before.procedures.size, after.procedures.size)) {
    diffModels(before, after, unchanged, changes);
  }
  const sorted = changes.sort(compareChanges);
  return { changes: sorted, severity: severityOf(sorted), bump: bumpOf(sorted) };
}

/** Returns the worst severity of some changes; `none` without changes. */
export function severityOf(changes: readonly ContractChange[]): Severity | "none" {
  return changes.length === 0 ? "none" : worst(changes.map(({ severity }) => severity));
}

/** Returns the next version after some changes. */
export function bumpOf(changes: readonly ContractChange[]): ContractDiff["bump"] {
  if (changes.length === 0) return "none";
  const severity = severityOf(changes);
  if (severity === "breaking") return "major";
  if (severity === "possibly-breaking") return "minor";
  return changes.some(({ rule }) => rule !== "DOCUMENTATION_CHANGED") ? "minor" : "patch";
}

const RANK: Readonly<Record<Severity, number>> = { breaking: 0, "possibly-breaking": 1, safe: 2 };

function compareChanges(a: ContractChange, b: ContractChange): number {
  const order = RANK[a.severity] - RANK[b.severity];
  if (order !== 0) return order;
  const [x, y] = [a.procedure ?? `\uffff${a.model}`, b.procedure ?? `\uffff${b.model}`];
  // The sort is stable: changes of one procedure keep their order.
  return x < y ? -1 : x > y ? 1 : 0;
}

// Returns true if the schemas of parameters and result are the same.
function diffProcedure(old: Procedure, next: Procedure, changes: ContractChange[]): boolean {
  const procedure = old.name;
  if (old.kind !== undefined && next.kind !== undefined && old.kind !== next.kind) {
    changes.push(makeChange("KIND_CHANGED", `it was a ${old.kind} and is a ${next.kind}`, {
      procedure,
      places: [{ path: "kind", before: old.kind, after: next.kind }],
    }));
  }
  const isSameInput = isSame(old.parameters, next.parameters);
  const isSameResult = isSame(old.result, next.result);
  if (!isSameInput) diffParameters(old, next, changes);
  if (!isSameResult) diffResult(old, next, changes);
  if (old.doc.trim() !== next.doc.trim()) {
    changes.push(makeChange("DOCUMENTATION_CHANGED", "its documentation changed", { procedure }));
  }
  return isSameInput && isSameResult;
}

function diffResult(old: Procedure, next: Procedure, changes: ContractChange[]): void {
  const procedure = old.name;
  const output = compareSchemas(next.result, old.result, { direction: "output" });
  const places = placesOfNew(output.reasons);
  switch (output.verdict) {
    case "no": {
      const message = "the result may contain values it could not contain before";
      changes.push(makeChange("RESULT_WIDENED", message, { procedure, places }));
      break;
    }
    case "maybe": {
      const message = "the result possibly contains values it could not contain before";
      changes.push(makeChange("RESULT_UNDECIDED", message, { procedure, places }));
      break;
    }
    case "yes": {
      const back = compareSchemas(old.result, next.result, { direction: "input" });
      if (back.verdict === "yes") return;
      const message = "the result has fewer possible values, or more members";
      const lost = placesOfOld(back.reasons);
      changes.push(makeChange("RESULT_NARROWED", message, { procedure, places: lost }));
    }
  }
}

function renamedProcedures(before: Contract, after: Contract): Map<string, string> {
  const candidate = ({ name, parameters, result }: Procedure) => {
    const shape = canonicalJson([
      parameters.map(({ name, schema, required }) => [name, schema, required]),
      result,
    ]);
    return { name, shape, isDistinctive: parameters.length > 1 || shape.length > 200 };
  };
  const only = (from: Contract, other: Contract) =>
    [...from.procedures.values()].filter(({ name }) => !other.procedures.has(name));
  const removed = only(before, after);
  const added = only(after, before);
  if (removed.length === 0 || added.length === 0) return new Map();
  return guessRenames(removed.map(candidate), added.map(candidate));
}
