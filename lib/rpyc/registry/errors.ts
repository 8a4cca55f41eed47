import { ExitCode, ToolError, usageError } from "../../errors.ts";

/** A flag was given without the flag that it belongs to. */
export function flagNeedsRegister(flag: string): ToolError {
  return usageError(`${flag} is only for use with --register`, "Add --register");
}

/** A registry over TCP has no broadcast address. */
export function tcpNeedsHost(reason?: string): ToolError {
  const suffix = reason === undefined ? "" : `: ${reason}`;
  return usageError(
    `--registry-type TCP needs --registry-host${suffix}`,
    "Add --registry-host ADDRESS",
  );
}

/** No registry answered the question for a service. */
export function registryUnreachable(where: string): ToolError {
  return new ToolError({
    code: "SERVICE_NOT_FOUND",
    message: "No registry answered",
    where,
    fix: 'Start one with "pyrpc registry", or name its machine: --registry-host ADDRESS',
    exitCode: ExitCode.Server,
  });
}

/** A registry answered, but has no server of this name. */
export function serviceNotRegistered(name: string, where: string): ToolError {
  return new ToolError({
    code: "SERVICE_NOT_FOUND",
    message: `No server of "${name}" is registered`,
    where,
    fix: `Start the server with --register --service ${name}`,
    exitCode: ExitCode.Server,
  });
}
