import { Buffer } from "node:buffer";
import { argumentsTooLarge } from "../errors.ts";

/** Bytes of JSON that the arguments of a call may have. */
export const MAX_ARGUMENTS = 1_000_000;

/** The schema of a call's arguments. */
export const CALL_ARGUMENTS = {
  type: ["object", "array"],
  description: "An object by name, or a list in the order of the parameters (default: none)",
} as const;

/** Returns the arguments of a call. @throws ToolError if they are too large */
export function callArguments(value: unknown): unknown {
  const params = value ?? [];
  const bytes = Buffer.byteLength(JSON.stringify(params));
  if (bytes > MAX_ARGUMENTS) throw argumentsTooLarge(bytes, MAX_ARGUMENTS);
  return params;
}
