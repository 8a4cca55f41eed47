import { type ToolError, usageError } from "../errors.ts";

/** A rule that the command does not have. */
export function unknownRule(rule: string, rules: readonly string[]): ToolError {
  return usageError(`No such rule: "${rule}"`, `The rules are ${rules.join(", ")}`);
}

/** `--json` together with another `--format`. */
export function jsonExcludesFormat(format: string): ToolError {
  return usageError(`--json and --format ${format} exclude each other`);
}
