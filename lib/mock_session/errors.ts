import { ExitCode, ToolError, usageError } from "../errors.ts";

/** The shell that runs the command of `--exec` cannot be started. */
export function commandNotStarted(line: string, cause: unknown): ToolError {
  return new ToolError({
    code: "COMMAND_NOT_STARTED",
    message: `Cannot run the command "${line}"`,
    details: [cause instanceof Error ? cause.message : String(cause)],
    exitCode: ExitCode.Config,
    cause,
  });
}

interface NamedServer {
  readonly name?: string | undefined;
  readonly url: string;
}

/** `pyrpc-client.json` lists several servers and the command line names none. */
export function severalServers(
  path: string,
  servers: readonly NamedServer[],
  first: NamedServer,
): ToolError {
  const names = servers.map(({ name, url }) => name === undefined ? url : `${name} (${url})`);
  return usageError(`Several servers are configured in ${path}: ${names.join(", ")}`, [
    `Choose one: pyrpc mock ${first.url}`,
  ]);
}

/** `--record` and `--examples` name the same file. */
export function recordReplacesExamples(freePath: string): ToolError {
  return usageError(
    "--record would replace the file of --examples",
    `Record to another file: --record "${freePath}"`,
  );
}

/** A flag about recordings without a recording. */
export function needsRecord(flag: string, needed: string): ToolError {
  return usageError(`${flag} needs ${needed}`);
}

/** `--listen` names a transport that the mock does not serve. */
export function transportNotServed(transport: string): ToolError {
  return usageError(
    `The mock answers over HTTP and NATS, not over ${transport}`,
    "Write --listen nats://host/subject; --host and --port are for HTTP; pyrpc serve supports the others",
  );
}
