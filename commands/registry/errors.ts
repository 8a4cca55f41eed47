import { type ToolError, usageError } from "../../lib/errors.ts";

/** `query` without a name. */
export function queryNeedsName(): ToolError {
  return usageError("query needs the name of a service");
}

/** `list` with a name. */
export function listTakesNoName(): ToolError {
  return usageError("list accepts no name; use query NAME for one service");
}

/** A flag of a served registry, given to `list` or `query`. */
export function onlyForServing(flag: string, action: string): ToolError {
  return usageError(`${flag} is for serving a registry, not for ${action}`);
}

/** A registry over TCP has no broadcast address. */
export function tcpNeedsAddress(): ToolError {
  return usageError("--mode tcp needs the registry's address", "Add --host 10.0.0.5");
}
