import { ExitCode } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { defineCommand } from "../lib/cli/mod.ts";

/** `pyrpc version`: which tool this is, and its version. */
export const versionCommand = defineCommand<{ json: boolean }>({
  summary: "Print the version",
  description:
    "The Python package pyrpc-core installs a command of the same name; this one says that it is the toolkit.",
  examples: [
    { command: "pyrpc version", does: "name and version" },
    { command: "pyrpc version --json", does: "the same for scripts" },
  ],
  parameters: {
    flags: { json: { kind: "boolean", brief: "Print JSON", default: false, withNegated: false } },
  },
  run(console, flags) {
    console.stdout.write(
      flags.json
        ? `${JSON.stringify({ name: "pyrpc-toolkit", version: VERSION })}\n`
        : `${versionLine()}\n`,
    );
    return ExitCode.Ok;
  },
});

/** The text of `--version`. */
export function versionLine(): string {
  return `pyrpc-toolkit ${VERSION}`;
}
