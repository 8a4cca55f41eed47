import {
  changedLines,
  compareDeclarations,
  type Declarations,
  type GeneratedChanges,
  type GeneratedTypes,
  type LineChanges,
  readGeneratedFile,
} from "../codegen/mod.ts";
import type { FileChange } from "./check_plan.ts";

// Reading a larger file back takes longer than the rest of a delivery, for more changes than can be read.
const MAX_COMPARED = 32 * 2 ** 20;

const NONE = { added: [], changed: [], removed: [] };

/** No difference. */
export const NO_CHANGES: GeneratedChanges = { procedures: NONE, types: NONE };

/** The difference between the types on disk and those of a contract. */
export interface TypesChanges {
  readonly changes: GeneratedChanges;
  /** The declarations on disk, where they were read. */
  readonly before: Declarations | undefined;
}

/** Compares the types that a delivery found on disk (its first file) with those of the contract. */
export function changesOf(
  [types]: readonly FileChange[],
  generated: GeneratedTypes,
): TypesChanges {
  // A formatter or a linter does not change the contract.
  if (types === undefined || types.state === "same" || types.state === "formatted") {
    return { changes: NO_CHANGES, before: undefined };
  }
  if (types.before !== undefined) return changesFrom(types.before, generated);
  const procedures = generated.procedures.map(({ name }) => name);
  const changes = {
    procedures: { ...NONE, added: procedures },
    types: { ...NONE, added: generated.types },
  };
  return { changes, before: undefined };
}

/** Compares the text of a file with the types of a contract. */
export function changesFrom(text: string, { declarations }: GeneratedTypes): TypesChanges {
  if (text.length > MAX_COMPARED) {
    return { changes: NO_CHANGES, before: undefined };
  }
  const before = readGeneratedFile(text).declarations;
  return { changes: compareDeclarations(before, declarations), before };
}

/** The lines that differ in a procedure or a type. Empty where the old ones were not read. */
export function linesOf(
  before: Declarations | undefined,
  after: Declarations,
): (kind: keyof Declarations, name: string) => LineChanges {
  return (kind, name) => changedLines(before?.[kind].get(name) ?? "", after[kind].get(name) ?? "");
}
