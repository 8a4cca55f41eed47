import { Buffer } from "node:buffer";
import { parseJson, stringifyJson } from "../../json/mod.ts";
import { argumentsNotJson, argumentsTooLarge } from "../errors.ts";

/** Bytes of JSON that the arguments of a call may have. */
export const MAX_ARGUMENTS = 1_000_000;

/** The schema of a call's arguments. */
const CALL_ARGUMENTS = {
  type: ["object", "array", "string"],
  description:
    "An object by name, or a list in the order of the parameters (default: none); also as JSON text",
} as const;

/** The input of a tool about one call. */
export const CALL_INPUT = {
  type: "object",
  properties: {
    name: { type: "string", description: "Name of the procedure" },
    arguments: CALL_ARGUMENTS,
  },
  required: ["name"],
  additionalProperties: false,
} as const;

/** Returns the arguments of a call. @throws ToolError if they are too large, or a text that is not JSON */
export function callArguments(value: unknown): unknown {
  const bytes = Buffer.byteLength(typeof value === "string" ? value : stringifyJson(value ?? []));
  if (bytes > MAX_ARGUMENTS) throw argumentsTooLarge(bytes, MAX_ARGUMENTS);
  if (typeof value !== "string") return value ?? [];
  try {
    return parseJson(value);
  } catch {
    throw argumentsNotJson();
  }
}
