import { ExitCode, ToolError } from "../errors.ts";

/** npm cannot be asked for a published package. */
export function npmFailed(name: string, reason: string): ToolError {
  return new ToolError({
    code: "NPM_FAILED",
    message: `Cannot ask npm which version of "${name}" is published`,
    details: reason.trim().split("\n").slice(0, 5),
    fix: [
      "Check that npm is installed and that you are logged in to the registry of that scope",
      "or decide the version yourself: --package-version 1.2.3",
    ],
    exitCode: ExitCode.Server,
  });
}
