import { ExitCode, type SourcePosition, ToolError } from "../../errors.ts";

/** A file of examples that is not valid JSON or YAML. */
export function examplesNotReadable(
  { where, problem, position }: {
    where: string;
    problem: string;
    position?: SourcePosition | undefined;
  },
): ToolError {
  return new ToolError({
    code: "EXAMPLES_NOT_READABLE",
    message: `Cannot read the examples: ${problem}`,
    where,
    position,
    fix: "Write JSON or YAML: an object keyed by procedure name",
    exitCode: ExitCode.Config,
  });
}

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
      'Of each procedure: {"result": …}, {"error": {"code", "message", "data"}}, {"answers": [ … ]} or {"cases": [{"when": { … }, …}]}',
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

/** A file of examples that does not exist or cannot be read. */
export function examplesFileUnreadable(path: string, cause: unknown): ToolError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const why: Readonly<Record<string, string>> = {
    ENOENT: "it does not exist",
    EISDIR: "it is a folder",
    EACCES: "permission denied",
    EPERM: "permission denied",
  };
  return new ToolError({
    code: "EXAMPLES_FILE_UNREADABLE",
    message: `Cannot read the examples: ${why[code] ?? String(cause)}`,
    where: path,
    exitCode: ExitCode.Config,
    cause,
  });
}
