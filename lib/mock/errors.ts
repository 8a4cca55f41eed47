import { type ToolError, usageError } from "../errors.ts";

/** A value of `--latency` that cannot be parsed. */
export function latencyMalformed(text: string): ToolError {
  return usageError(
    `Invalid --latency rule "${text}"`,
    "Use milliseconds (at most 600000): --latency 200, --latency 100-400, --latency add=100-400",
  );
}

/** A value of `--error` that cannot be parsed. */
export function faultMalformed(text: string): ToolError {
  return usageError(
    `Invalid --error rule "${text}"`,
    "Use a code and optionally a probability and message: --error 'add=-32603:0.1:Out of stock'",
  );
}
