import type { Contract } from "../contract/mod.ts";
import type { ContractChange } from "./change.ts";

/** TypeScript before and after; null if the declaration did or does not exist. */
export interface TypeChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** The generated TypeScript that a diff changes. */
export interface TypeChanges {
  /** Signatures of the changed procedures. */
  readonly signatures: readonly TypeChange[];
  /** Number of changed procedures without an entry in `signatures`. */
  readonly signaturesLeftOut: number;
  /** Declarations of the types that changed with them. */
  readonly types: readonly TypeChange[];
}

/** Thousands of signatures are not readable. */
const MAX_SIGNATURES = 60;

/** Generates the types of the changed procedures on both sides and lists the differences. */
export async function changedTypes(
  before: Contract,
  after: Contract,
  changes: readonly ContractChange[],
): Promise<TypeChanges> {
  const names = changedProcedures(changes);
  if (names.size === 0) return { signatures: [], signaturesLeftOut: 0, types: [] };
  const { generateTypes, signatureOf } = await import("../codegen/mod.ts");
  const shown = new Set([...names].sort().slice(0, MAX_SIGNATURES));
  const generate = ({ procedures, document }: Contract) =>
    generateTypes({
      procedures: new Map([...procedures].filter(([name]) => shown.has(name))),
      document,
    });
  const [old, next] = [generate(before), generate(after)];
  const signatures = (side: typeof old) =>
    new Map(side.procedures.map((procedure) => [procedure.name, signatureOf(procedure)]));
  return {
    signaturesLeftOut: names.size - shown.size,
    signatures: differences(signatures(old), signatures(next)),
    types: differences(old.declarations.types, next.declarations.types),
  };
}

function changedProcedures(changes: readonly ContractChange[]): Set<string> {
  const names = new Set<string>();
  for (const { procedure, procedures = [], rule, places } of changes) {
    for (const name of procedures) names.add(name);
    if (procedure !== undefined && rule !== "DOCUMENTATION_CHANGED") names.add(procedure);
    if (rule === "PROCEDURE_RENAMED") names.add(places[0]?.after ?? "");
  }
  return names;
}

function differences(
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
