import { closest } from "../closest.ts";
import { basename } from "node:path";
import { ExitCode, type SourcePosition, ToolError, usageError } from "../errors.ts";
import { isHeldOpen } from "../rename_busy.ts";
import { moduleHint } from "./entrypoint.ts";

/** The file is not JSON (comments and trailing commas are accepted). */
export function configNotJson(
  { path, reason, position }: { path: string; reason: string; position: SourcePosition },
): ToolError {
  return new ToolError({
    code: "CONFIG_NOT_JSON",
    message: `The configuration is not valid JSON: ${reason}`,
    where: path,
    position,
    fix: "Fix the file; comments and trailing commas are allowed",
    exitCode: ExitCode.Config,
  });
}

/** The file cannot be parsed: it is not text, too large, or nested too deeply. */
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
    message: `Cannot write the configuration: ${
      isHeldOpen(cause)
        ? "another program has it open, or you have no permission"
        : systemReason(cause)
    }`,
    where: path,
    fix: isHeldOpen(cause)
      ? "Close it in editors and other programs, check the permissions, and run the same command again"
      : "Check that the folder exists, that you may write to it, and that the disk is not full",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The name of a member is likely to be misspelled. */
export function configUnknownMember(
  { path, name, match, position }: {
    path: string;
    name: string;
    match: string;
    position: SourcePosition;
  },
): ToolError {
  return new ToolError({
    code: "CONFIG_UNKNOWN_MEMBER",
    message: `Unknown setting "${name}"`,
    where: path,
    position,
    fix: `Did you mean "${match}"?`,
    exitCode: ExitCode.Config,
  });
}

/** A field of the file has an invalid value. */
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

/** A file of a later format does not name the Python module. */
export function entryMissing(path: string, field: string): ToolError {
  return configWrongValue({
    path,
    field,
    expected: "the Python module to scan",
    found: "nothing",
    fix: "Add it, pass a module on the command line, or convert the file with --reconfigure",
  });
}

/** A flag or variable has a value that is not one of the allowed ones. */
export function notOneOf(name: string, allowed: readonly string[], found: string): ToolError {
  const [near] = closest(found, allowed);
  return usageError(
    `${name} must be one of ${allowed.join(", ")}, found "${found}"`,
    near === undefined ? undefined : `Did you mean "${near}"?`,
  );
}

/** A flag or variable is not a whole number in its range. */
export function notANumber(name: string, limit: number, found: string): ToolError {
  return usageError(`${name} must be a whole number from 0 to ${limit}, found "${found}"`);
}

/** A host is empty, a URL, in brackets, or has a port. */
export function notAHost(name: string, found: string): ToolError {
  const [, bracketed, plain] = /^(?:[a-z]+:\/\/)?(?:\[([^\]]+)\]|([^\s/:@?#[\]]+))/i.exec(found) ??
    [];
  const host = bracketed ?? plain ?? "127.0.0.1";
  return usageError(
    `${name} must be a host name or an address, found "${found}"`,
    `Write the host only: ${host}`,
  );
}

/** A flag, variable or argument is not the name of a Python module. */
export function notAnEntrypoint(name: string, found: string): ToolError {
  return usageError(
    `${name} must be a Python module such as app.main or app.main:app, found "${found}"`,
    moduleHint(found),
  );
}

/** A client folder of workspace distribution does not exist. */
export function clientRootNotFound(
  { given, resolved, near, where, position, reason }: {
    given: string;
    resolved: string;
    /** A folder with a similar name, as it is written. */
    near?: string | undefined;
    where?: string | undefined;
    position?: SourcePosition | undefined;
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
      ...(near === undefined ? [] : [`Did you mean "${near}"?`]),
      `Create one:  npm create vite@latest "${resolved}" -- --template react-ts`,
      "or use the folder with your frontend's package.json:  --client-root PATH",
      "or, when it lives in another repository:  --distribution server",
    ],
    exitCode: ExitCode.Config,
  });
}

/** Describes a system error without its path. */
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
      return "its symbolic links form a loop";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
      return "the disk is full";
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

/** A client's file does not name the distribution. */
export function distributionMissing(path: string): ToolError {
  return new ToolError({
    code: "CONFIG_MISSING_DISTRIBUTION",
    message: `${basename(path)} is missing distribution`,
    where: path,
    fix: [
      'Add "distribution": "server" when types are fetched from a server,',
      'or "distribution": "workspace" when the backend writes them into this project',
    ],
    exitCode: ExitCode.Config,
  });
}

/** A client's file with server distribution does not name the server. */
export function serverUrlMissing(path: string): ToolError {
  return new ToolError({
    code: "CONFIG_MISSING_SERVER_URL",
    message: `${basename(path)} is missing server_url`,
    where: path,
    fix: [
      'Add "server_url": "http://localhost:8000",',
      "or pass the URL: --server-url http://localhost:8000",
    ],
    exitCode: ExitCode.Config,
  });
}

/** The environment variable is not an address. This is not a usage error, so that `--optional` skips it. */
export function environmentUrlInvalid(variable: string): ToolError {
  return new ToolError({
    code: "SERVER_URL_INVALID",
    message: `${variable} must begin with http:// or https://`,
    fix: "Set it to the server's address, such as http://localhost:8000, or unset it",
    exitCode: ExitCode.Usage,
  });
}
