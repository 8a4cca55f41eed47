import {
  isSelected,
  type Selection,
  selectProcedures,
  unmatchedPatterns,
} from "../contract/mod.ts";
import { defined } from "../defined.ts";
import type { LoadedSource } from "./types.ts";

/**
 * Limits a loaded contract to the selected procedures. Patterns without a match become warnings: a misspelled one would
 * publish what it was meant to exclude.
 *
 * @throws ToolError exit code 1 if no procedure is selected
 */
export function selectSource<Source extends Omit<LoadedSource, "kind">>(
  loaded: Source,
  selection: Selection,
): Source {
  if (selection.include.length + selection.exclude.length === 0) return loaded;
  const { contract, written, where, warnings = [], problems = [], defaults = [] } = loaded;
  return {
    ...loaded,
    contract: selectProcedures(contract, selection, where),
    ...defined({ written: written && selectProcedures(written, selection, where) }),
    warnings: [
      ...warnings,
      ...unmatchedPatterns(contract, selection).map((pattern) =>
        `no procedure matches the pattern "${pattern}"`
      ),
    ],
    defaults: defaults.filter(({ procedure }) => isSelected(procedure, selection)),
    problems: problems.filter((line) => {
      const name = /^procedure "([^"]*)"/.exec(line)?.[1];
      return name === undefined || isSelected(name, selection);
    }),
  };
}
