/**
 * The one kind of error that users see, and the exit codes that scripts rely on.
 *
 * Every failure that a user can cause or meet is a {@link ToolError} made by a named function (in this file, or in the
 * `errors.ts` of the folder that throws it). Anything else that reaches `main.ts` is a bug of ours: exit code 70.
 */

/** Exit codes of every command. */
export const ExitCode = {
  /** Done. */
  Ok: 0,
  /** The answer is no: drift, violations, the call failed. */
  No: 1,
  /** The command line is wrong. */
  Usage: 2,
  /** A configuration or schema file is wrong, missing or cannot be written. */
  Config: 3,
  /** The Python backend cannot be loaded. */
  Backend: 4,
  /** The server cannot be reached or does not speak the wire. */
  Server: 5,
  /** A bug of ours. */
  Bug: 70,
  /** Ended by Ctrl+C. */
  Interrupted: 130,
  /** Ended by SIGTERM. */
  Terminated: 143,
} as const;

/** One of the {@link ExitCode} values. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A place in a text: line and column count from 1, `text` is the line itself. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What a {@link ToolError} is made of. */
export interface ToolErrorInit {
  /** Stable identifier for scripts and searches, such as `SCHEMA_NOT_JSON`. */
  readonly code: string;
  /** What failed: sentence case, no final period, values in double quotes. */
  readonly message: string;
  readonly exitCode: ExitCode;
  /** Where: a file, a URL, a path inside a document. */
  readonly where?: string | undefined;
  /** How to mend it: one or more sentences or commands, each its own line. */
  readonly fix?: string | readonly string[] | undefined;
  /** The place inside `where`, drawn with a caret. */
  readonly position?: SourcePosition | undefined;
  /** Further lines shown below the message, one each. */
  readonly details?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** A failure that is the user's to mend: it says what failed, where, and how. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly where: string | undefined;
  readonly fix: readonly string[];
  readonly position: SourcePosition | undefined;
  readonly details: readonly string[];

  constructor(init: ToolErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.exitCode = init.exitCode;
    this.where = init.where;
    this.fix = init.fix === undefined ? [] : typeof init.fix === "string" ? [init.fix] : init.fix;
    this.position = init.position;
    this.details = init.details ?? [];
  }
}

/** The command line is wrong in a way that the flag parser cannot see. */
export function usageError(message: string, fix?: string | readonly string[]): ToolError {
  return new ToolError({ code: "USAGE", message, fix, exitCode: ExitCode.Usage });
}

/** The user ended the command (Ctrl+C, SIGTERM). */
export function interrupted(signal: "SIGINT" | "SIGTERM" | "SIGHUP"): ToolError {
  return new ToolError({
    code: "INTERRUPTED",
    message: "Interrupted",
    exitCode: signal === "SIGINT" ? ExitCode.Interrupted : ExitCode.Terminated,
  });
}

/** A file of the user's cannot be read; `what` names its role, as in "the schema file". */
export function fileUnreadable(path: string, what: string, cause: unknown): ToolError {
  return new ToolError({
    code: "SOURCE_FILE_UNREADABLE",
    message: `Cannot read ${what}: ${reasonOf(cause)}`,
    where: path,
    exitCode: ExitCode.Config,
    cause,
  });
}

/** A URL that cannot be parsed; only its scheme and host may be shown, and those are what is missing. */
export function badUrl(fix?: string): ToolError {
  return new ToolError({
    code: "SOURCE_URL",
    message: "The URL cannot be read",
    fix: fix ?? "Write it as http://host:port or https://host/rpc",
    exitCode: ExitCode.Usage,
  });
}

/** What any failure of the network or of the server becomes. */
export function serverError(
  { code, message, where, details, fix, cause }: {
    code: string;
    message: string;
    where: string;
    details?: readonly string[];
    fix?: string | readonly string[] | undefined;
    cause?: unknown;
  },
): ToolError {
  return new ToolError({ code, message, where, details, fix, cause, exitCode: ExitCode.Server });
}

/** A file system error in words, without its path (that is shown beside it). */
export function reasonOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  switch (code) {
    case "ENOENT":
      return "it does not exist";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a folder";
    case "EMFILE":
      return "too many files are open";
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

/** A number of bytes for people: `64 MiB`. */
export function formatBytes(bytes: number): string {
  for (const [unit, name] of [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]] as const) {
    if (bytes >= unit) return `${Number((bytes / unit).toFixed(1))} ${name}`;
  }
  return `${bytes} bytes`;
}
