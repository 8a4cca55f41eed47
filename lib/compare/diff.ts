import { canonicalJson, type Contract, type Procedure } from "../contract/mod.ts";
import { type ContractChange, isNote, makeChange } from "./change.ts";
import { diffModels } from "./diff_models.ts";
import { diffParameters } from "./diff_parameters.ts";
import { type DiffRuleId, type Severity, worst } from "./diff_rules.ts";
import { hookInputOf, isHookInputKept } from "./hook_input.ts";
import { guessRenames } from "./likeness.ts";
import { ValueChangeCollector } from "./model_changes.ts";
import { isSame } from "./same_value.ts";
import { textChanges } from "./text_changes.ts";
import { compareValues } from "./value_changes.ts";

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
  const values = new ValueChangeCollector(changes);
  const renames = renamedProcedures(before, after);
  const renamedTo = new Set(renames.values());
  const unchanged = new Set<string>();
  for (const [name, old] of before.procedures) {
    const next = after.procedures.get(name);
    if (next !== undefined) {
      if (diffProcedure(old, next, changes, values)) unchanged.add(name);
      continue;
    }
    const newName = renames.get(name);
    if (newName === undefined) {
      changes.push(makeChange("PROCEDURE_REMOVED", `"${name}" was removed`, { procedure: name }));
      continue;
    }
    changes.push(makeChange("PROCEDURE_RENAMED", `"${name}" was probably renamed to "${newName}"`, {
      procedure: name,
      isGuess: true,
      places: [{ path: "name", before: name, after: newName }],
    }));
  }
  for (const name of after.procedures.keys()) {
    if (before.procedures.has(name) || renamedTo.has(name)) continue;
    changes.push(makeChange("PROCEDURE_ADDED", `"${name}" was added`, { procedure: name }));
  }
  values.finish();
  if (unchanged.size < Math.max(before.procedures.size, after.procedures.size)) {
    diffModels(before, after, unchanged, changes);
  }
  if (hasUnexplained(before, after, unchanged, changes)) {
    changes.push(...textChanges(before, after, changes));
  }
  const sorted = changes.sort(compareChanges);
  return { changes: sorted, severity: severityOf(sorted), bump: bumpOf(sorted) };
}

/** Returns the worst severity of some changes; `none` without changes. */
export function severityOf(all: readonly ContractChange[]): Severity | "none" {
  const changes = all.filter((change) => !isNote(change));
  return changes.length === 0 ? "none" : worst(changes.map(({ severity }) => severity));
}

/** Returns the next version after some changes. */
export function bumpOf(all: readonly ContractChange[]): ContractDiff["bump"] {
  const changes = all.filter((change) => !isNote(change));
  if (changes.length === 0) return "none";
  const severity = severityOf(changes);
  if (severity === "breaking") return "major";
  if (severity === "possibly-breaking") return "minor";
  return changes.every(({ rule }) => TEXT_RULES.has(rule)) ? "patch" : "minor";
}

// Changes of the text of the types only.
const TEXT_RULES: ReadonlySet<DiffRuleId> = new Set(["DOCUMENTATION_CHANGED", "TYPES_REWRITTEN"]);

const RANK: Readonly<Record<Severity, number>> = { breaking: 0, "possibly-breaking": 1, safe: 2 };

function compareChanges(a: ContractChange, b: ContractChange): number {
  const order = RANK[a.severity] - RANK[b.severity];
  if (order !== 0) return order;
  const [x, y] = [a.procedure ?? `\uffff${a.model}`, b.procedure ?? `\uffff${b.model}`];
  // The sort is stable: changes of one procedure keep their order.
  return x < y ? -1 : x > y ? 1 : 0;
}

// Returns true if the schemas of parameters and result are the same.
function diffProcedure(
  old: Procedure,
  next: Procedure,
  changes: ContractChange[],
  values: ValueChangeCollector,
): boolean {
  const procedure = old.name;
  const start = changes.length;
  if (old.kind !== undefined && next.kind !== undefined && old.kind !== next.kind) {
    changes.push(makeChange("KIND_CHANGED", `it was a ${old.kind} and is a ${next.kind}`, {
      procedure,
      places: [{ path: "kind", before: old.kind, after: next.kind }],
    }));
  }
  const isSameInput = hasSameParameters(old, next);
  const isSameResult = isSame(old.result, next.result);
  if (!isSameInput) {
    diffParameters(old, next, changes, values);
    diffHookInput(old, next, changes, start);
  }
  if (!isSameResult) {
    const difference = compareValues(old.result, next.result, "output");
    values.add({ procedure, direction: "output" }, difference);
  }
  if (old.doc.trim() !== next.doc.trim()) {
    changes.push(makeChange("DOCUMENTATION_CHANGED", "its documentation changed", { procedure }));
  }
  return isSameInput && isSameResult;
}

// A change that breaks calls breaks hooks as well.
function diffHookInput(
  old: Procedure,
  next: Procedure,
  changes: ContractChange[],
  start: number,
): void {
  const [before, after] = [hookInputOf(old.parameters), hookInputOf(next.parameters)];
  const isBroken = changes.slice(start).some(({ byPosition, byName }) =>
    worst([byPosition, byName]) === "breaking"
  );
  if (isBroken || isHookInputKept(before, after)) return;
  changes.push(
    makeChange("HOOK_INPUT_CHANGED", `the input of its hooks was ${before}, now ${after}`, {
      procedure: old.name,
      places: [{ path: "hook input", before, after }],
    }),
  );
}

// A member that only one side has, such as a Python type in a document of before 0.7, is not a change.
function hasSameParameters(old: Procedure, next: Procedure): boolean {
  return old.parameters.length === next.parameters.length &&
    old.parameters.every((mine, index) => {
      const theirs = next.parameters[index];
      return theirs !== undefined && mine.name === theirs.name &&
        mine.required === theirs.required && isSame(mine.default, theirs.default) &&
        isSame(mine.schema, theirs.schema) &&
        (mine.type === theirs.type || mine.type === "" || theirs.type === "");
    });
}

// Returns true if a procedure differs without a change that describes it.
function hasUnexplained(
  before: Contract,
  after: Contract,
  unchanged: ReadonlySet<string>,
  changes: readonly ContractChange[],
): boolean {
  const explained = new Set(
    changes.flatMap(({ procedure, procedures }) => [procedure, ...procedures ?? []]),
  );
  return [...before.procedures.keys()].some((name) =>
    after.procedures.has(name) && !unchanged.has(name) && !explained.has(name)
  );
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
