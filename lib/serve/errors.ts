import { ExitCode, reasonOf, ToolError, usageError } from "../errors.ts";

/** A flag that another choice on the command line makes meaningless. */
export function flagOnlyFor(flag: string, use: string): ToolError {
  return usageError(`${flag} is only for ${use}`);
}

/** TLS with a key or a certificate, but not both. */
export function tlsNeedsBoth(): ToolError {
  return usageError("TLS needs both --tls-key and --tls-cert");
}

/** The environment variable of `--auth-token-env` is missing or empty. */
export function tokenVariableNotSet(name: string): ToolError {
  return usageError(
    `The environment variable "${name}" is not set`,
    "--auth-token-env expects the name of an environment variable, not the token itself",
  );
}

/** Tokens and passwords on a transport without headers. */
export function credentialsNeedHeaders(hasNats: boolean): ToolError {
  return usageError(
    "Tokens and passwords travel in HTTP headers",
    hasNats
      ? "Over nats, the NATS server decides who may call a subject"
      : "Over tcp, TLS with --tls-ca requires client certificates; a Unix socket is open to its user only",
  );
}

/** A log or trace file that cannot be opened. */
export function fileNotWritable(path: string, error: NodeJS.ErrnoException): ToolError {
  const reason = error.code === "ENOENT" ? "its folder does not exist" : reasonOf(error);
  return usageError(`Cannot write "${path}": ${reason}`);
}

/** `fork` does not exist on Windows. */
export function forkingNeedsPosix(): ToolError {
  return usageError("--mode forking needs a POSIX system", "Use --mode threaded");
}

/** The file of `--mode` does not export a mode. */
export function modeNotUsable(path: string, reason: string, cause?: unknown): ToolError {
  return new ToolError({
    code: "MODE_NOT_USABLE",
    message: `The file of --mode cannot be used: ${reason}`,
    where: path,
    fix:
      "Export a function: export default ({ serveHere }) => ({ serve: serveHere, close: async () => {} })",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** `--nats-creds` without a NATS address. */
export function natsCredentialsUnused(): ToolError {
  return usageError("--nats-creds is only for --listen nats://host/subject");
}

/** A file with credentials or certificates for NATS that cannot be read. */
export function natsFileUnreadable(path: string, cause: unknown): ToolError {
  return new ToolError({
    code: "NATS_FILE_UNREADABLE",
    message: `Cannot read a file for NATS: ${(cause as Error).message}`,
    where: path,
    exitCode: ExitCode.Config,
    cause,
  });
}

/** A mode serves connections; HTTP, ZeroMQ, NATS and standard streams have none. */
export function modeNeedsConnections(mode: string, transport: string): ToolError {
  return usageError(
    `--mode ${mode} serves connections of tcp, unix and ws, not of ${transport}`,
    "Add --transport tcp, or remove --mode",
  );
}
