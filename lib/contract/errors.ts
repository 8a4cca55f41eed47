import { ExitCode, ToolError } from "../errors.ts";

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
    fix: fix ?? 'Give the answer of a pyRPC server to GET /rpc, or a snapshot of "pyrpc pull"',
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
      "Give --allow-empty if it is meant to be empty",
    ],
    exitCode: ExitCode.No,
  });
}
