import { defineCommand, toggle } from "../lib/cli/mod.ts";
import { ExitCode } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";

const NAME = "pyrpc-toolkit";

/** `pyrpc version`: prints the name and version of this tool. */
export const versionCommand = defineCommand({
  summary: "Print the version",
  description:
    "The Python package pyrpc-core installs a command with the same name; this one prints pyrpc-toolkit.",
  examples: [
    { command: "pyrpc version", does: "name and version" },
    { command: "pyrpc version --json", does: "the same for scripts" },
  ],
  flags: { json: toggle("Print the result as JSON") },
  run({ console }, { json }) {
    const text = json ? JSON.stringify({ name: NAME, version: VERSION }) : versionLine();
    console.stdout.write(`${text}\n`);
    return ExitCode.Ok;
  },
});

/** The text of `--version`. */
export function versionLine(): string {
  return `${NAME} ${VERSION}`;
}
