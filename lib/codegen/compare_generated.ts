import { type GeneratedFile, hashOf, readGeneratedFile } from "./generated_file.ts";
import { compare } from "./names.ts";

/** Names that were added, changed and removed, each sorted. */
export interface NameChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What differs between two generated files. */
export interface GeneratedChanges {
  readonly procedures: NameChanges;
  readonly types: NameChanges;
}

/** Compares two generated files by meaning: formatting and comments do not count. */
export function compareGenerated(before: GeneratedFile, after: GeneratedFile): GeneratedChanges {
  return {
    procedures: compareNames(before.procedures, after.procedures),
    types: compareNames(before.types, after.types),
  };
}

// Reading a larger file back takes longer than writing it.
const MAX_READ_BACK = 8 * 2 ** 20;

// The last statement, with its object or, in a declaration file, without.
const END = /\bprocedureKinds\s*:\s*ProcedureKinds(?:\s*=\s*\{[^]*\})?\s*;?\s*$/;

/**
 * Whether a file holds what was generated, as far as a formatter or a linter leaves it: the hash of the contract, and every
 * procedure and type by its name. A file that was cut off, or that a merge left in conflict, has the hash as well.
 */
export function isOfContract(
  text: string,
  { hash, text: wanted }: { readonly hash: string; readonly text: string },
): boolean {
  if (hashOf(text) !== hash || /^<{7}(?: |$)/m.test(text) || !END.test(text)) return false;
  if (text.length > MAX_READ_BACK) return true;
  const { procedures, types } = compareGenerated(
    readGeneratedFile(text),
    readGeneratedFile(wanted),
  );
  return [procedures, types].every(({ added, removed }) => added.length + removed.length === 0);
}

function compareNames(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): NameChanges {
  const names = (from: ReadonlyMap<string, string>, keep: (name: string) => boolean) =>
    [...from.keys()].filter(keep).sort(compare);
  return {
    added: names(after, (name) => !before.has(name)),
    changed: names(after, (name) => before.has(name) && before.get(name) !== after.get(name)),
    removed: names(before, (name) => !after.has(name)),
  };
}
