import { ExitCode, ToolError } from "../lib/errors.ts";
import type { Contract, Procedure } from "../lib/schema/mod.ts";

/** A contract without procedures is nearly always a mistake; `kept` says what stayed as it was. */
export function noProcedures(where: string, kept: string): ToolError {
  return new ToolError({
    code: "SCHEMA_WITHOUT_PROCEDURES",
    message: `The contract has no procedures; ${kept}`,
    where,
    fix: [
      "Check that the module with your @rpc functions is imported by the server's entry",
      "Give --allow-empty if it is meant to be empty",
    ],
    exitCode: ExitCode.No,
  });
}

/** The procedure of that name. @throws ToolError exit code 1, with the names that are closest */
export function findProcedure(contract: Contract, name: string, where: string): Procedure {
  const procedure = contract.procedures.get(name);
  if (procedure !== undefined) return procedure;
  const names = [...contract.procedures.keys()];
  const close = closest(name, names);
  throw new ToolError({
    code: "PROCEDURE_UNKNOWN",
    message: `No such procedure: "${name}"`,
    where,
    fix: close.length > 0
      ? `Did you mean ${close.map((each) => `"${each}"`).join(" or ")}?`
      : names.length === 0
      ? "The contract has no procedures"
      : `There are ${names.length}: ${names.slice(0, 8).join(", ")}${
        names.length > 8 ? ", …" : ""
      }`,
    exitCode: ExitCode.No,
  });
}

/** At most three names that a typing error could have made `name` of, the closest first. */
function closest(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return names
    .filter((each) => Math.abs(each.length - wanted.length) <= Math.max(limit, wanted.length))
    .map((each) => {
      const lower = each.toLowerCase();
      // A part of a dotted name is what one remembers.
      const isPart = wanted.length > 2 && (lower.includes(wanted) || wanted.includes(lower));
      return { each, distance: isPart ? Math.min(1, limit) : distance(wanted, lower, limit) };
    })
    .filter((row) => row.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ each }) => each);
}

// Levenshtein, given up past `limit`.
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      current[column] = Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1),
      );
    }
    previous = current;
  }
  return previous[b.length]!;
}
