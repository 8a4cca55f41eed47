import { type ToolError, usageError } from "../errors.ts";

/** `--fix` without a terminal and without `--yes`. */
export function fixNeedsTerminal(): ToolError {
  return usageError(
    "--fix asks before each command and needs a terminal",
    "Add --yes to run all of them: pyrpc doctor --fix --yes",
  );
}
