import { canonicalProcedures, type Contract } from "../contract/mod.ts";

/** Names of procedures that differ between two contracts, each list sorted. */
export interface ProcedureChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Lists the procedures that differ in any member of the document. The order of keys does not count. */
export function compareProcedures(before: Contract, after: Contract): ProcedureChanges {
  const old = canonicalProcedures(before);
  const now = canonicalProcedures(after);
  return {
    added: [...now.keys()].filter((name) => !old.has(name)).sort(),
    changed: [...now].filter(([name, text]) => old.has(name) && old.get(name) !== text)
      .map(([name]) => name).sort(),
    removed: [...old.keys()].filter((name) => !now.has(name)).sort(),
  };
}
