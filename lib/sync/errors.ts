import { ExitCode, ToolError, usageError } from "../errors.ts";

/** There is no `pyrpc-client.json`, and no flag or variable names a server. */
export function noClientConfig(): ToolError {
  return new ToolError({
    code: "CLIENT_CONFIG_MISSING",
    message: "No pyrpc-client.json found",
    fix: [
      "Give the server's address: pyrpc sync --server-url http://localhost:8000",
      "or set the client up:      pyrpc init --client",
    ],
    exitCode: ExitCode.Usage,
  });
}

/** `--server` names a server that `pyrpc-client.json` does not have. */
export function noSuchServer(name: string, names: readonly string[]): ToolError {
  return usageError(
    `There is no server "${name}" in pyrpc-client.json`,
    names.length === 0 ? 'The file has no "servers"' : `There is: ${names.join(", ")}`,
  );
}

/** The environment variable is not an address. This is not a usage error, so that `--optional` skips it. */
export function serverUrlInvalid(variable: string): ToolError {
  return new ToolError({
    code: "SERVER_URL_INVALID",
    message: `${variable} must begin with http:// or https://`,
    fix: "Set it to the server's address, such as http://localhost:8000, or unset it",
    exitCode: ExitCode.Usage,
  });
}

/** A snapshot was given for several servers. */
export function snapshotOfOneServer(): ToolError {
  return usageError("A snapshot is of one server", "Say which one: --server NAME");
}

/** One target was given for several servers. */
export function oneTargetForServers(): ToolError {
  return usageError(
    "Several servers cannot have one target",
    "Say which one: --server NAME, or leave the target to pyrpc-client.json",
  );
}

/** The server did not answer with a contract: the message that people search for, with the cause behind it. */
export function fetchFailed(source: string, cause: ToolError): ToolError {
  return new ToolError({
    code: cause.code,
    message: `Could not fetch schema from ${source} (${cause.message})`,
    exitCode: cause.exitCode,
    where: cause.where,
    fix: cause.fix,
    position: cause.position,
    details: cause.details,
    cause,
  });
}

/** `--save-script` was given outside a client project. */
export function scriptNeedsClient(): ToolError {
  return usageError("--save-script needs a client project", "Run it where the package.json is");
}

/** The source would have to be quoted in a shell. */
export function sourceNotForScripts(): ToolError {
  return usageError(
    "--save-script cannot write this address into a script",
    "Set the client up first: pyrpc init --client",
  );
}
