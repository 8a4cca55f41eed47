import { ExitCode, ToolError, usageError } from "../errors.ts";

/** Answers are missing and cannot be asked for; the fix is the command that gives them. */
export function setupNeeded(
  { missing, command, where, canDefault }: {
    /** Flags of the missing answers. */
    missing: readonly string[];
    command: string;
    where?: string | undefined;
    /** True if `--yes` would answer everything. */
    canDefault: boolean;
  },
): ToolError {
  return new ToolError({
    code: "SETUP_NEEDED",
    message: `pyRPC is not set up here: ${
      missing.join(", ")
    } not known, and questions need a terminal`,
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

/** The answers of a client are missing and cannot be asked for. */
export function clientSetupNeeded(): ToolError {
  return new ToolError({
    code: "SETUP_NEEDED",
    message:
      "The client is not set up here: --distribution not known, and questions need a terminal",
    fix: [
      "Give the answers:  pyrpc init --client --distribution server --server-url http://localhost:8000",
      "or, where the backend writes the types:  pyrpc init --client --distribution workspace",
    ],
    exitCode: ExitCode.Usage,
  });
}

/** The user does not want a file of a later format to be converted. */
export function conversionDeclined(path: string): ToolError {
  return new ToolError({
    code: "CONVERSION_DECLINED",
    message: "The file was not converted; nothing was written",
    where: path,
    fix: "Without --reconfigure the file is used as it is",
    exitCode: ExitCode.No,
  });
}

/** `--server-url` for types that the backend writes. */
export function serverUrlWithWorkspace(): ToolError {
  return usageError(
    "--server-url has no use with --distribution workspace",
    "The backend writes the types then; leave one of the two flags out",
  );
}

/** A `--server-url` that is not an HTTP URL. */
export function invalidServerUrl(problem: string): ToolError {
  return usageError(`--server-url: ${problem}`);
}

/** `--save-script` outside of a client project. */
export function noClientProject(): ToolError {
  return usageError(
    "--save-script needs a client project",
    "Run it in the folder that has the package.json",
  );
}
