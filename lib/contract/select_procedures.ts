import type { Contract } from "./contract.ts";
import { nothingSelected } from "./errors.ts";

/** Patterns that choose procedures by name. `*` matches any characters, dots included. */
export interface Selection {
  /** Only procedures that match one of these; all if it is empty. */
  readonly include: readonly string[];
  /** No procedure that matches one of these, even if it is included. */
  readonly exclude: readonly string[];
}

/** The selection of all procedures. */
export const ALL_PROCEDURES: Selection = { include: [], exclude: [] };

/** Returns true if a procedure of this name is selected. */
export function isSelected(name: string, { include, exclude }: Selection): boolean {
  const matches = (pattern: string) => matchesPattern(name, pattern);
  return (include.length === 0 || include.some(matches)) && !exclude.some(matches);
}

/**
 * Narrows a selection: `inner` replaces the included procedures, and adds to the excluded ones. What one file excludes
 * stays excluded, whatever a command line includes.
 */
export function narrowSelection(outer: Selection, inner: Selection): Selection {
  return {
    include: inner.include.length > 0 ? inner.include : outer.include,
    exclude: [...outer.exclude, ...inner.exclude],
  };
}

/**
 * Returns the contract of the selected procedures. The models of the others disappear with them, because each schema has
 * its own definitions.
 *
 * @throws ToolError exit code 1 if the contract has procedures, but none is selected
 */
export function selectProcedures(
  contract: Contract,
  selection: Selection,
  where: string,
): Contract {
  const { include, exclude } = selection;
  if (include.length + exclude.length === 0) return contract;
  const names = [...contract.procedures.keys()];
  if (names.length > 0 && !names.some((name) => isSelected(name, selection))) {
    throw nothingSelected(where, selection, names);
  }
  return {
    procedures: new Map([...contract.procedures].filter(([name]) => isSelected(name, selection))),
    document: Object.fromEntries(
      Object.entries(contract.document).filter(([name]) => isSelected(name, selection)),
    ),
  };
}

/** The patterns that no procedure of a contract matches, which are likely to be misspelled. */
export function unmatchedPatterns(
  { procedures }: Contract,
  { include, exclude }: Selection,
): string[] {
  const names = [...procedures.keys()];
  return [...include, ...exclude].filter((pattern) =>
    !names.some((name) => matchesPattern(name, pattern))
  );
}

// Linear in the product of both lengths; a regular expression may need exponential time.
function matchesPattern(name: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  for (let index = 0; index < name.length;) {
    if (pattern[at] === "*") {
      star = at++;
      retry = index;
    } else if (pattern[at] === name[index]) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++retry;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
