import { ExitCode, ToolError } from "../errors.ts";

/** A document that was read but is no contract; `path` is the place inside it, `$` its root. */
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
    fix: fix ?? 'Give what GET /rpc of a pyRPC server answers, or what "pyrpc pull" wrote',
    exitCode: ExitCode.Config,
  });
}

/** A contract without procedures, which is a mistake more often than not. `kept` ends the message. */
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
