import { ExitCode, ToolError } from "../errors.ts";

/** Bytes that are not a brine value. Ends the connection; appears in logs only. */
export class MalformedBrineError extends Error {
  override readonly name = "MalformedBrineError";
}

/** Bytes that are not a frame, or a frame that exceeds the limits. */
export class MalformedFrameError extends Error {
  override readonly name = "MalformedFrameError";
}

/** A message of unknown type, or one that is not a pair of sequence number and arguments. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

export function malformedBrine(reason: string): MalformedBrineError {
  return new MalformedBrineError(`Not a brine value: ${reason}`);
}

export function malformedFrame(reason: string): MalformedFrameError {
  return new MalformedFrameError(`Not a frame: ${reason}`);
}

export function malformedMessage(reason: string): MalformedMessageError {
  return new MalformedMessageError(`Not a message: ${reason}`);
}

/** The handlers module's factory did not return a service object. */
export function noServiceInstance(): TypeError {
  return new TypeError("The service factory of the handlers module did not return an object");
}

/** The file of `--state` cannot be used. */
export function registryStateUnusable(path: string, why: string, cause?: unknown): ToolError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new ToolError({
    code: "REGISTRY_STATE",
    message: `The registry's state file cannot be used: ${why}${reason}`,
    where: path,
    fix:
      "Name a state file of a registry, or a file that does not exist yet: --state services.json",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The registry cannot listen on its address. */
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
