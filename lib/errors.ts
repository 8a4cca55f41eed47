/**
 * The error class for failures that users can cause, and the exit codes.
 *
 * Named functions create a {@link ToolError} for every failure that a user can cause or meet: in this file, or in the
 * `errors.ts` of the folder that throws it. Any other error that reaches `main.ts` is a bug: exit code 70.
 */

import { hideCredentials } from "./hide_credentials.ts";

/** Exit codes of every command. */
export const ExitCode = {
  /** Success. */
  Ok: 0,
  /** A check failed: drift, violations, a failed call. */
  No: 1,
  /** The command line is wrong. */
  Usage: 2,
  /** A configuration or schema file is wrong, missing or cannot be written. */
  Config: 3,
  /** The Python backend cannot be loaded. */
  Backend: 4,
  /** The server cannot be reached or is not a pyRPC server. */
  Server: 5,
  /** An internal error. */
  Bug: 70,
  /** Ended by Ctrl+C. */
  Interrupted: 130,
  /** Ended by SIGTERM. */
  Terminated: 143,
} as const;

/** One of the {@link ExitCode} values. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A position in a text: line and column count from 1, `text` is the line itself. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Members of a {@link ToolError}. */
export interface ToolErrorInit {
  /** Stable identifier for scripts and searches, such as `SCHEMA_NOT_JSON`. */
  readonly code: string;
  /** The failure: sentence case, no final period, values in double quotes. */
  readonly message: string;
  readonly exitCode: ExitCode;
  /** The location: a file, a URL, a path inside a document. */
  readonly where?: string | undefined;
  /** Ways to fix it: one or more sentences or commands, each on its own line. */
  readonly fix?: string | readonly string[] | undefined;
  /** Source text to paste, printed without indentation below the fix. */
  readonly snippet?: readonly string[] | undefined;
  /** The position inside `where`, marked with a caret. */
  readonly position?: SourcePosition | undefined;
  /** Lines below the message. */
  readonly details?: readonly string[] | undefined;
  readonly cause?: unknown;
  /** The command of the fix, if it can be run as it is and installs only what a manifest lists. */
  readonly command?: string | undefined;
}

/** A failure that the user can fix, with message, location and fix. It never contains the credentials of a URL. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly where: string | undefined;
  readonly fix: readonly string[];
  readonly position: SourcePosition | undefined;
  readonly details: readonly string[];
  readonly snippet: readonly string[];
  /** The command of the fix, if it can be run as it is. */
  readonly command: string | undefined;

  constructor(init: ToolErrorInit) {
    super(
      hideCredentials(init.message),
      init.cause === undefined ? undefined : { cause: init.cause },
    );
    this.code = init.code;
    this.exitCode = init.exitCode;
    this.where = init.where === undefined ? undefined : hideCredentials(init.where);
    const { fix = [], details = [] } = init;
    this.fix = (typeof fix === "string" ? [fix] : fix).map(hideCredentials);
    this.position = init.position === undefined ? undefined : withoutCredentials(init.position);
    this.details = details.map(hideCredentials);
    this.snippet = (init.snippet ?? []).map(hideCredentials);
    this.command = init.command;
  }
}

// The column is moved by the characters that are removed before it.
function withoutCredentials({ line, column, text }: SourcePosition): SourcePosition {
  const before = text.slice(0, column - 1);
  return {
    line,
    column: column - before.length + hideCredentials(before).length,
    text: hideCredentials(text),
  };
}

/** The command line is wrong in a way that the flag parser cannot detect. */
export function usageError(message: string, fix?: string | readonly string[]): ToolError {
  return new ToolError({ code: "USAGE", message, fix, exitCode: ExitCode.Usage });
}

/** The user or the system stopped the command (Ctrl+C, SIGTERM). */
export function interrupted(signal: "SIGINT" | "SIGTERM" | "SIGHUP"): ToolError {
  return new ToolError({
    code: "INTERRUPTED",
    message: "Interrupted",
    exitCode: signal === "SIGINT" ? ExitCode.Interrupted : ExitCode.Terminated,
  });
}

/** A file cannot be read; `what` names its role, as in "the schema file". */
export function fileUnreadable(path: string, what: string, cause: unknown): ToolError {
  return new ToolError({
    code: "SOURCE_FILE_UNREADABLE",
    message: `Cannot read ${what}: ${reasonOf(cause)}`,
    where: path,
    exitCode: ExitCode.Config,
    cause,
  });
}

/** A URL cannot be parsed. The message does not repeat it, because it may contain a password. */
export function badUrl(fix?: string): ToolError {
  return new ToolError({
    code: "SOURCE_URL",
    message: "Invalid URL",
    fix: fix ?? "Write it as http://host:port or https://host/rpc",
    exitCode: ExitCode.Usage,
  });
}

/** A failure of the network or of the server. */
export function serverError(
  { code, message, where, details, fix, snippet, cause }: {
    code: string;
    message: string;
    where: string;
    details?: readonly string[];
    fix?: string | readonly string[] | undefined;
    snippet?: readonly string[] | undefined;
    cause?: unknown;
  },
): ToolError {
  const exitCode = ExitCode.Server;
  return new ToolError({ code, message, where, details, fix, snippet, cause, exitCode });
}

/** Describes a file system error without its path, which is shown beside it. */
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

/** Formats a number of bytes: `64 MiB`. */
export function formatBytes(bytes: number): string {
  for (const [unit, name] of [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]] as const) {
    if (bytes >= unit) return `${Number((bytes / unit).toFixed(1))} ${name}`;
  }
  return `${bytes} bytes`;
}
