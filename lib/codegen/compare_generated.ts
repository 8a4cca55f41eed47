import type { GeneratedFile } from "./generated_file.ts";
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
