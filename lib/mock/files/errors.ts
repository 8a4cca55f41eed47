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
