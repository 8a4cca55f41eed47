import { ExitCode, type SourcePosition, ToolError } from "../../errors.ts";

/** A malformed file of examples; `path` points into it. */
export function examplesMalformed(
  { where, path, problem, position, fix }: {
    where: string;
    path: string;
    problem: string;
    position: SourcePosition | undefined;
    fix?: string | undefined;
  },
): ToolError {
  return new ToolError({
    code: "EXAMPLES_MALFORMED",
    message: `Examples: ${problem} at ${path}`,
    where,
    position,
    fix: fix ??
      'For each procedure: {"result": …}, {"error": {"code", "message", "data"}}, {"answers": [ … ]} or {"cases": [{"when": { … }, …}]}',
    exitCode: ExitCode.Config,
  });
}

/** An example that the contract forbids. */
export function exampleDoesNotFit(
  { where, path, message, type, position }: {
    where: string;
    path: string;
    message: string;
    type: string;
    position: SourcePosition | undefined;
  },
): ToolError {
  return new ToolError({
    code: "EXAMPLE_DOES_NOT_FIT",
    message: `The example does not fit the contract at ${path}: ${message} (${type})`,
    where,
    position,
    fix: "Fix the example, or fetch the contract again if the backend has changed",
    exitCode: ExitCode.Config,
  });
}
