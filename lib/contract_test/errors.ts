/** Errors of `pyrpc test`. */
import { ExitCode, serverError, ToolError, usageError } from "../errors.ts";

/** No procedure was named, and none is declared as a query. */
export function nothingToTest(
  kind: "file" | "stdin" | "url" | "module",
  names: readonly string[],
): ToolError {
  const reason = kind === "module"
    ? "The module declares no procedure as a query"
    : `A ${kind === "url" ? "URL" : "schema file"} does not declare which procedures only read`;
  const [first = "NAME"] = names;
  return usageError(`${reason}: nothing would be called`, [
    `Pass the procedures to call, such as "${first}"`,
    "or call all of them with --all, also those that change data",
  ]);
}

/** Names that no procedure matches. */
export function noSuchProcedures(patterns: readonly string[], names: readonly string[]): ToolError {
  return usageError(
    `No procedure matches ${patterns.map((each) => JSON.stringify(each)).join(", ")}`,
    names.length === 0
      ? "The contract has no procedures"
      : `Use names such as ${names.slice(0, 5).join(", ")}; "pyrpc inspect SOURCE" lists them`,
  );
}

/** A SOURCE that cannot be called, without the server to call. */
export function noServerToTest(kind: "file" | "stdin"): ToolError {
  return usageError(
    `${kind === "file" ? "A schema file" : "Standard input"} cannot be called`,
    "Add --server-url http://localhost:8000, the server to test against it",
  );
}

/** The server of a module did not start. */
export function serverDidNotStart(
  where: string,
  reason: string,
  details: readonly string[],
): ToolError {
  return new ToolError({
    code: "TEST_SERVER_FAILED",
    message: `The server of the module did not start: ${reason}`,
    where,
    details,
    exitCode: ExitCode.Backend,
  });
}

/** The server answers HTTP 429. */
export function tooManyCalls(where: string): ToolError {
  return serverError({
    code: "TEST_TOO_MANY_CALLS",
    message: "The server limits the number of calls (status 429)",
    where,
    fix: "Send fewer calls per second, for example --rate 5, or fewer in all: --max-calls",
  });
}
