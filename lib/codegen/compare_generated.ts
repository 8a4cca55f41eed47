import { type Declarations, normalForm } from "./generated_file.ts";
import { compare } from "./names.ts";

/** Names that were added, changed and removed, each sorted. */
export interface NameChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** The difference between the declarations of two contracts. */
export interface GeneratedChanges {
  readonly procedures: NameChanges;
  readonly types: NameChanges;
}

/** Compares declarations by meaning: ignores formatting and comments. */
export function compareDeclarations(before: Declarations, after: Declarations): GeneratedChanges {
  return {
    procedures: compareNames(before.procedures, after.procedures),
    types: compareNames(before.types, after.types),
  };
}

function compareNames(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): NameChanges {
  const added: string[] = [];
  const changed: string[] = [];
  for (const [name, text] of after) {
    const old = before.get(name);
    if (old === undefined) added.push(name);
    else if (old !== text && normalForm(old) !== normalForm(text)) changed.push(name);
  }
  const removed = [...before.keys()].filter((name) => !after.has(name));
  return {
    added: added.sort(compare),
    changed: changed.sort(compare),
    removed: removed.sort(compare),
  };
}

const MAX_LINES = 4;

/** The lines that only the old or only the new declaration contains. */
export interface LineChanges {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/**
 * Returns the first few lines of each side in which a declaration differs. Empty if a formatter changed the old one,
 * because all its lines would differ.
 */
export function changedLines(before: string, after: string): LineChanges {
  if (!isAsPrinted(before)) return { removed: [], added: [] };
  const [old, now] = [linesOf(before), linesOf(after)];
  const only = (these: readonly string[], those: readonly string[]) =>
    these.filter((line) => !those.includes(line)).slice(0, MAX_LINES);
  return { removed: only(old, now), added: only(now, old) };
}

function isAsPrinted(declaration: string): boolean {
  return /^(?:export type \S+ = |"(?:[^"\\]|\\.)*": |[^\s"':]+: )/.test(declaration) &&
    declaration.endsWith(";");
}

// Drops comments, and the kind of a procedure, which every procedure has.
function linesOf(declaration: string): string[] {
  return declaration.split(/\r?\n/)
    .map((line) => line.trim().replace(/ & \{ readonly _pyrpcKind: "\w+" \};$/, ";"))
    .filter((line) => line !== "" && !/^(?:\/\*|\*)/.test(line));
}
