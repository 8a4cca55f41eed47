import { ExitCode, ToolError } from "../errors.ts";

/** Bytes that are no brine value. Ends the connection they came on; no user of the tool sees it but in a log. */
export class MalformedBrineError extends Error {
  override readonly name = "MalformedBrineError";
}

/** Bytes that are no frame, or one beyond the bounds. */
export class MalformedFrameError extends Error {
  override readonly name = "MalformedFrameError";
}

/** A message that is none: unknown type, or not a pair of sequence number and arguments. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

export function malformedBrine(what: string): MalformedBrineError {
  return new MalformedBrineError(`Not a brine value: ${what}`);
}

export function malformedFrame(what: string): MalformedFrameError {
  return new MalformedFrameError(`Not a frame: ${what}`);
}

export function malformedMessage(what: string): MalformedMessageError {
  return new MalformedMessageError(`Not a message: ${what}`);
}

/** The file of `--state` cannot be used. */
export function registryStateUnusable(path: string, why: string, cause?: unknown): ToolError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new ToolError({
    code: "REGISTRY_STATE",
    message: `The registry's state file cannot be used: ${why}${reason}`,
    where: path,
    fix: "Name a file of a registry's, or one that does not exist yet: --state services.json",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The registry's address cannot be listened on. */
export function cannotListenForRegistry(url: string, error: NodeJS.ErrnoException): ToolError {
  const isTaken = error.code === "EADDRINUSE";
  return new ToolError({
    code: isTaken ? "SERVER_ADDRESS_TAKEN" : "SERVER_CANNOT_LISTEN",
    message: isTaken ? "Something else listens there already" : `Cannot listen: ${error.message}`,
    where: url,
    fix: isTaken ? "Choose another port with --port, or end the other registry" : undefined,
    exitCode: ExitCode.Server,
    cause: error,
  });
}
