import { ExitCode, ToolError, usageError } from "../errors.ts";

/** There is no `pyrpc-client.json`, and no flag or variable names a server. */
export function noClientConfig(): ToolError {
  return new ToolError({
    code: "CLIENT_CONFIG_MISSING",
    message: "No pyrpc-client.json found",
    fix: [
      "Pass the server's URL: pyrpc sync --server-url http://localhost:8000",
      "or set up the client:      pyrpc init --client",
    ],
    exitCode: ExitCode.Usage,
  });
}

/** `--server` names a server that `pyrpc-client.json` does not have. */
export function noSuchServer(name: string, names: readonly string[]): ToolError {
  return usageError(
    `pyrpc-client.json has no server "${name}"`,
    names.length === 0 ? 'The file has no "servers"' : `Servers: ${names.join(", ")}`,
  );
}

/** A snapshot was given for several servers. */
export function snapshotOfOneServer(): ToolError {
  return usageError("A snapshot covers one server only", "Choose the server: --server NAME");
}

/** One target was given for several servers. */
export function oneTargetForServers(): ToolError {
  return usageError(
    "Several servers cannot share one target",
    "Choose one server with --server NAME, or set the target in pyrpc-client.json",
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
    snippet: cause.snippet,
    cause,
  });
}

/** The source would have to be quoted in a shell. */
export function sourceNotForScripts(): ToolError {
  return usageError(
    "--save-script cannot write this address into a script",
    "Set up the client first: pyrpc init --client",
  );
}

/** Several sources were given. */
export function excludeEachOther(names: readonly string[]): ToolError {
  return usageError(`${names.join(" and ")} exclude each other`);
}

/** `--server-url` is not an address. */
export function notAServerUrl(text: string): ToolError {
  return usageError(
    `--server-url must begin with http:// or https://, found "${text}"`,
    "Use a full URL, such as http://localhost:8000",
  );
}

/** `--offline` is an address. */
export function notASnapshot(text: string): ToolError {
  return usageError(
    `--offline requires a snapshot file, found "${text}"`,
    'Write one while the server is running: "pyrpc pull URL -o schema.json"',
  );
}

/** `--layout file` without `--out`. */
export function fileNotNamed(): ToolError {
  return usageError("--layout file needs the file's name", 'Add "--out src/api.ts"');
}

/** `--watch` with a flag that ends after one delivery. */
export function notWithWatch(): ToolError {
  return usageError("--watch cannot be combined with --check, --json or --out -");
}

/** `--interval` without `--watch`. */
export function onlyWithWatch(): ToolError {
  return usageError("--interval requires --watch");
}

/** `--version-from` without `--package-name`. */
export function versionNeedsName(): ToolError {
  return usageError(
    "--version-from needs the package's name",
    "Add --package-name @org/api-types",
  );
}

/** `--version-from` with flags that write no package. */
export function versionNeedsPackage(): ToolError {
  return usageError(
    "--version-from writes a package: it cannot be combined with --watch, --out - or another layout",
    "Use --layout package --out FOLDER, or remove --out",
  );
}

/** `--version-from --out` without `--layout package`. */
export function versionNeedsLayout(): ToolError {
  return usageError(
    "With --out a package needs --layout package",
    "Add --layout package",
  );
}

/** `--if-changed` without `--version-from`. */
export function ifChangedNeedsVersion(): ToolError {
  return usageError(
    "--if-changed needs --version-from diff",
    "Add --package-name @org/api-types --version-from diff",
  );
}

/** The file of GITHUB_OUTPUT cannot be written. */
export function workflowOutputFailed(path: string, reason: string): ToolError {
  return new ToolError({
    code: "WORKFLOW_OUTPUT",
    message: `Cannot write the outputs of the workflow's step: ${reason}`,
    where: path,
    fix: "GITHUB_OUTPUT is set to this file; unset it outside of a workflow",
    exitCode: ExitCode.Config,
  });
}
