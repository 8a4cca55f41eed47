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

/** Reports whether the client sent something that is not rpyc's protocol, or exceeds the limits. */
export function isMalformed(error: unknown): error is Error {
  return error instanceof MalformedBrineError || error instanceof MalformedFrameError ||
    error instanceof MalformedMessageError;
}

/** A frame that exceeds the limit, as sent or inflated. */
export function frameTooLarge(max: number, size?: number): MalformedFrameError {
  const message = size === undefined ? "A compressed message" : `A message of ${size} bytes`;
  return new MalformedFrameError(`${message} is larger than ${max} bytes (--max-body)`);
}

/** The first bytes of a protocol that is not rpyc's. */
export function foreignProtocol(name: string): MalformedFrameError {
  return new MalformedFrameError(`It sent ${name}, not rpyc's protocol`);
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

/** A handlers module with several service classes; a server has one service. */
export function severalServices(where: string, names: readonly string[]): ToolError {
  return new ToolError({
    code: "RPYC_SEVERAL_SERVICES",
    message: `The handlers module exports several services: ${names.join(", ")}`,
    where,
    fix: `Choose one in the module: export { ${names[0]} as service }`,
    exitCode: ExitCode.Config,
  });
}

/** The file of `--state` cannot be used. */
export function registryStateUnusable(path: string, why: string, cause?: unknown): ToolError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new ToolError({
    code: "REGISTRY_STATE",
    message: `The registry's state file cannot be used: ${why}${reason}`,
    where: path,
    fix: "Use a state file of a registry, or a file that does not exist yet: --state services.json",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The registry cannot listen on its address. */
export function cannotListenForRegistry(url: string, error: NodeJS.ErrnoException): ToolError {
  const isTaken = error.code === "EADDRINUSE";
  return new ToolError({
    code: isTaken ? "SERVER_ADDRESS_TAKEN" : "SERVER_CANNOT_LISTEN",
    message: isTaken ? "Another program already listens there" : `Cannot listen: ${error.message}`,
    where: url,
    fix: isTaken ? "Choose another port with --port, or stop the other registry" : undefined,
    exitCode: ExitCode.Server,
    cause: error,
  });
}
