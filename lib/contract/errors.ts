import { closest } from "../closest.ts";
import { ExitCode, ToolError, usageError } from "../errors.ts";

/** A JSON document that is not a contract. `path` is the location in the document, `$` its root. */
export function notAContract(
  { where, path, expected, found, fix }: {
    where: string;
    path: string;
    expected: string;
    found: string;
    fix?: string | readonly string[];
  },
): ToolError {
  return new ToolError({
    code: "SCHEMA_NOT_A_CONTRACT",
    message: `Not a pyRPC contract: expected ${expected} at ${path}, found ${found}`,
    where,
    fix: fix ?? 'Use the response of a pyRPC server to GET /rpc, or a snapshot of "pyrpc pull"',
    exitCode: ExitCode.Config,
  });
}

/** A contract without procedures, which is usually a mistake. `kept` ends the message. */
export function noProcedures(where: string, kept: string): ToolError {
  return new ToolError({
    code: "SCHEMA_WITHOUT_PROCEDURES",
    message: `The contract has no procedures; ${kept}`,
    where,
    fix: [
      "Check that the module with your @rpc functions is imported by the server's entry",
      "Pass --allow-empty if this is intended",
    ],
    exitCode: ExitCode.No,
  });
}

/** Patterns that select no procedure of a contract. */
export function nothingSelected(
  where: string,
  { include, exclude }: {
    readonly include: readonly string[];
    readonly exclude: readonly string[];
  },
  names: readonly string[],
): ToolError {
  const quote = (pattern: string) => `"${pattern}"`;
  const patterns = [
    ...(include.length > 0 ? [`include ${include.map(quote).join(", ")}`] : []),
    ...(exclude.length > 0 ? [`exclude ${exclude.map(quote).join(", ")}`] : []),
  ].join("; ");
  const close = include.flatMap((pattern) => closest(pattern.replaceAll("*", ""), names)).at(0);
  return new ToolError({
    code: "NO_PROCEDURE_SELECTED",
    message: names.length === 1
      ? `The only procedure is not selected (${patterns})`
      : `None of the ${names.length} procedures is selected (${patterns})`,
    where,
    fix: close === undefined
      ? "Correct the patterns; * matches any characters, dots included"
      : `Correct the patterns: the closest procedure is "${close}"; * matches any characters`,
    exitCode: ExitCode.No,
  });
}

/** An empty text as the name of a procedure. */
export function emptyProcedureName(): ToolError {
  return usageError("The procedure's name is empty");
}

const MAX_NAMES = 8;

/** A name that no procedure of the contract has. */
export function unknownProcedure(name: string, names: readonly string[], where: string): ToolError {
  const close = closest(name, names).map((each) => `"${each}"`);
  const more = names.length > MAX_NAMES ? ", …" : "";
  return new ToolError({
    code: "PROCEDURE_UNKNOWN",
    message: `No such procedure: "${name}"`,
    where,
    fix: close.length > 0
      ? `Did you mean ${close.join(" or ")}?`
      : names.length === 0
      ? "The contract has no procedures"
      : `There are ${names.length}: ${names.slice(0, MAX_NAMES).join(", ")}${more}`,
    exitCode: ExitCode.No,
  });
}
