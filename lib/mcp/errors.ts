import { ExitCode, ToolError, usageError } from "../errors.ts";

/** No SOURCE, and no configuration that names one. */
export function noContract(): ToolError {
  return usageError("No contract: no pyrpc.json and no pyrpc-client.json here or above", [
    "Pass it: pyrpc mcp SOURCE (a schema file, a URL or a Python module)",
    "or set up the project: pyrpc init",
  ]);
}

/** `--install` with a URL that contains credentials, which the configuration would contain too. */
export function installsCredentials(): ToolError {
  return usageError(
    "--install would store the password or query of the URL in a file that is committed",
    [
      "Remove it from the URL and pass the token in an environment variable: --token-env NAME",
    ],
  );
}

/** A call of a tool with wrong arguments. */
export function wrongToolArguments(tool: string, problem: string): ToolError {
  return new ToolError({
    code: "MCP_WRONG_ARGUMENTS",
    message: `Wrong arguments for ${tool}: ${problem}`,
    exitCode: ExitCode.Usage,
    fix: "Read the tool's input schema",
  });
}

/** A tool that does not exist, or that the command line does not allow. */
export function unknownTool(name: string, names: readonly string[]): ToolError {
  const fix = name === "call_procedure"
    ? "The user allows calls with: pyrpc mcp --allow-calls NAME,… (or all)"
    : `The tools are ${names.join(", ")}`;
  return new ToolError({
    code: "MCP_UNKNOWN_TOOL",
    message: `No tool "${name}"`,
    exitCode: ExitCode.Usage,
    fix,
  });
}

/** A resource that does not exist. */
export function unknownResource(uri: string): ToolError {
  return new ToolError({
    code: "MCP_UNKNOWN_RESOURCE",
    message: `No resource "${uri}"`,
    exitCode: ExitCode.Usage,
    fix: "List the resources",
  });
}

/** An unknown model. */
export function unknownModel(name: string, nearest: readonly string[]): ToolError {
  return new ToolError({
    code: "MCP_UNKNOWN_MODEL",
    message: `No model "${name}"`,
    exitCode: ExitCode.Usage,
    fix: nearest.length === 0 ? "List the resources" : `Nearest: ${nearest.join(", ")}`,
  });
}

/** A cursor that this server did not return. */
export function unknownCursor(cursor: string): ToolError {
  return new ToolError({
    code: "MCP_UNKNOWN_CURSOR",
    message: `Unknown cursor "${cursor}"`,
    exitCode: ExitCode.Usage,
    fix: "Omit it for the first page, then pass next_cursor",
  });
}

/** Arguments beyond the limit. */
export function argumentsTooLarge(bytes: number, limit: number): ToolError {
  return new ToolError({
    code: "MCP_ARGUMENTS_TOO_LARGE",
    message: `The arguments have ${bytes} bytes, the limit is ${limit}`,
    exitCode: ExitCode.Usage,
    fix: "Send less, or let the user make this call: pyrpc call URL NAME --data - < params.json",
  });
}

/** A call of a procedure that `--allow-calls` does not name. */
export function callNotAllowed(name: string, allowed: readonly string[]): ToolError {
  return new ToolError({
    code: "MCP_CALL_NOT_ALLOWED",
    message: `Calls of "${name}" are not allowed`,
    exitCode: ExitCode.Usage,
    fix: [
      `Allowed: ${allowed.join(", ")}`,
      `The user allows it with: pyrpc mcp --allow-calls ${[...allowed, name].join(",")}`,
    ],
  });
}

/** The user declined a call. */
export function callDeclined(name: string): ToolError {
  return new ToolError({
    code: "MCP_CALL_DECLINED",
    message: `The user declined the call of "${name}"`,
    exitCode: ExitCode.No,
    fix: "Do not call it again without being asked to",
  });
}

/** Calls need a server, and the contract comes from elsewhere. */
export function callsNeedServer(kind: string): ToolError {
  return new ToolError({
    code: "MCP_CALLS_NEED_SERVER",
    message: `Calls need a running server, and the contract comes from a ${kind}`,
    exitCode: ExitCode.Usage,
    fix: "Start with a URL: pyrpc mcp http://localhost:8000 --allow-calls …",
  });
}

/** `generate_types` with `write` on a server that was started without `--allow-write`. */
export function writeNotAllowed(): ToolError {
  return new ToolError({
    code: "MCP_WRITE_NOT_ALLOWED",
    message: "Writing is not allowed",
    exitCode: ExitCode.Usage,
    fix: "The user allows it with: pyrpc mcp --allow-write, or runs pyrpc sync (pyrpc codegen)",
  });
}

/** A file outside the project. */
export function outsideProject(path: string): ToolError {
  return new ToolError({
    code: "MCP_OUTSIDE_PROJECT",
    message: `"${path}" is outside the project`,
    exitCode: ExitCode.Usage,
    fix: "Use a path inside the project",
  });
}

/** A file for the types that is not a TypeScript file: tools run or read other files. */
export function notTypeScript(path: string): ToolError {
  return usageError(`"${path}" is not a TypeScript file`, ["Use a file name that ends with .ts"]);
}

/** A configuration of a client whose list of servers is not an object. */
export function clientConfigUnreadable(path: string, member: string): ToolError {
  return new ToolError({
    code: "MCP_CLIENT_CONFIG",
    message: `"${member}" is not an object`,
    where: path,
    exitCode: ExitCode.Config,
    fix: `Fix "${member}", or delete it`,
  });
}

/** Arguments that the contract rejects. */
export function callFailed(name: string, message: string, data: object): ToolError {
  const details = Object.entries(data).map(([key, value]) => `${key}: ${String(value)}`);
  return new ToolError({
    code: "MCP_INVALID_ARGUMENTS",
    message: `${name}: ${message}`,
    details,
    exitCode: ExitCode.No,
    fix: "Check the arguments with check_call, or read the schemas with describe_procedure",
  });
}

/** `diff_contract` with both old versions, or none. */
export function oneOldVersion(): ToolError {
  return usageError("Pass either file_or_url or revision");
}

/** `diff_contract` with a Python module. */
export function moduleNotLoaded(source: string): ToolError {
  return usageError(`"${source}" is not a file and not a URL`, [
    "Pass a schema file of the project, or the URL of a server",
    "Snapshot of a module: pyrpc pull MODULE -o schema.json",
  ]);
}

/** `diff_contract` with a revision in a project without a snapshot. */
export function noSnapshotInProject(): ToolError {
  return usageError("The project has no snapshot to compare with", [
    "Write one and commit it: pyrpc pull SOURCE -o schema.json",
  ]);
}

/** `generate_types` in a project without a client. */
export function noTargets(): ToolError {
  return usageError("No client is configured here", [
    "Specify a file: generate_types with out",
    "or set up a client: pyrpc init --client",
  ]);
}

/** `pyrpc mcp -`: standard input carries the protocol. */
export function standardInputTaken(): ToolError {
  return usageError("Standard input carries the protocol and cannot be the contract", [
    "Write it to a file: … > schema.json, then: pyrpc mcp schema.json",
  ]);
}

/** Arguments as a text that is not JSON. */
export function argumentsNotJson(): ToolError {
  return usageError("The arguments are not valid JSON", [
    'Send an object by name ({"a": 1}) or a list in the order of the parameters ([1])',
  ]);
}
