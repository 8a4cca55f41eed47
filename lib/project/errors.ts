import { ExitCode, type SourcePosition, ToolError } from "../errors.ts";

/** The file is no JSON (comments and trailing commas are accepted). */
export function configNotJson(
  { path, reason, position }: { path: string; reason: string; position: SourcePosition },
): ToolError {
  return new ToolError({
    code: "CONFIG_NOT_JSON",
    message: `The configuration is not valid JSON: ${reason}`,
    where: path,
    position,
    fix: "Mend the file; comments and trailing commas are allowed",
    exitCode: ExitCode.Config,
  });
}

/** The file cannot be used before its content is looked at: no text, too large, nested without end. */
export function configUnusable(
  { path, reason, fix }: { path: string; reason: string; fix?: string },
): ToolError {
  return new ToolError({
    code: "CONFIG_UNUSABLE",
    message: `The configuration cannot be used: ${reason}`,
    where: path,
    fix,
    exitCode: ExitCode.Config,
  });
}

/** The operating system refuses to read the file. */
export function configNotReadable(path: string, cause: unknown): ToolError {
  return new ToolError({
    code: "CONFIG_NOT_READABLE",
    message: `Cannot read the configuration: ${systemReason(cause)}`,
    where: path,
    fix: "Check that the path is right and that you may read it",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The operating system refuses to write the file. */
export function configNotWritable(path: string, cause: unknown): ToolError {
  return new ToolError({
    code: "CONFIG_NOT_WRITABLE",
    message: `Cannot write the configuration: ${systemReason(cause)}`,
    where: path,
    fix: "Check that the folder exists, that you may write to it, and that the disk is not full",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** A field of the file has a value that it cannot have. */
export function configWrongValue(
  { path, field, expected, found, position, fix }: {
    path: string;
    field: string;
    expected: string;
    found: string;
    position?: SourcePosition | undefined;
    fix?: string | readonly string[] | undefined;
  },
): ToolError {
  return new ToolError({
    code: "CONFIG_WRONG_VALUE",
    message: `"${field}" must be ${expected}, found ${found}`,
    where: path,
    position,
    fix,
    exitCode: ExitCode.Config,
  });
}

/** The file names a framework that cannot be started or introspected here. */
export function djangoNotSupported(
  { path, position }: { path: string; position?: SourcePosition | undefined },
): ToolError {
  return new ToolError({
    code: "CONFIG_DJANGO",
    message: "Django projects cannot be run or introspected by pyrpc dev",
    where: path,
    position,
    fix: [
      "Start the server yourself (python manage.py runserver), then take the types from it:",
      "  pyrpc codegen http://127.0.0.1:8000/rpc",
      "  pyrpc sync --server-url http://127.0.0.1:8000   (in the client project)",
    ],
    exitCode: ExitCode.Config,
  });
}

/** A client folder of workspace distribution is not there. */
export function clientRootNotFound(
  { given, resolved, where, position, reason }: {
    given: string;
    resolved: string;
    where?: string | undefined;
    position?: SourcePosition | undefined;
    /** What is there instead. */
    reason: "missing" | "file";
  },
): ToolError {
  return new ToolError({
    code: "CLIENT_ROOT_NOT_FOUND",
    message: reason === "missing"
      ? `The client project "${given}" does not exist: no folder ${resolved}`
      : `The client project "${given}" is not a folder: ${resolved}`,
    where,
    position,
    fix: [
      `Create one:  npm create vite@latest "${resolved}" -- --template react-ts`,
      "or name the folder that holds your frontend's package.json:  --client-root PATH",
      "or, when it lives in another repository:  --distribution server",
    ],
    exitCode: ExitCode.Config,
  });
}

/** Something that only an answer can decide is not known; the fix is the command that gives it. */
export function setupNeeded(
  { missing, command, where, canDefault }: {
    missing: readonly string[];
    command: string;
    where?: string | undefined;
    /** Whether `--yes` would answer everything. */
    canDefault: boolean;
  },
): ToolError {
  return new ToolError({
    code: "SETUP_NEEDED",
    message: `pyRPC is not set up here: ${missing.join(", ")} not known, and nobody can be asked`,
    where,
    fix: [
      `Give the answers:  ${command}`,
      canDefault
        ? "or accept what was detected with --yes"
        : "--yes accepts what was detected, but never decides the distribution",
    ],
    exitCode: ExitCode.Usage,
  });
}

/** The part of a system error that a person understands. */
export function systemReason(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  switch (code) {
    case "ENOENT":
      return "there is no such file or folder";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a folder";
    case "ENOTDIR":
      return "a part of its path is not a folder";
    case "ELOOP":
      return "its symbolic links go round in a circle";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
      return "the disk is full";
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
