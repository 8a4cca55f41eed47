import { type DefaultRun, setupContext } from "../../lib/cli/mod.ts";
import { ExitCode } from "../../lib/errors.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import { plainText } from "../../lib/terminal/mod.ts";

/**
 * Sets up the client on the first run of the npm package `@pyrpc/client` in a project.
 *
 * @returns the command line that an empty one stands for, or undefined outside of a client project
 */
export async function setUpOnFirstRun(
  console: Console,
  isDefault: boolean,
): Promise<DefaultRun | undefined> {
  const setup = await import("../../lib/setup/mod.ts");
  const print = (line: string) => console.stderr.write(`${line}\n`);
  const run = await setup.setUpOnFirstRun(
    setupContext(console),
    () => print("No pyrpc-client.json found."),
  );
  // The sync of an empty command line reports the same.
  if (run.kind === "unattended" && !isDefault) {
    print(
      `note: ${plainText(run.folder)} has no pyrpc-client.json, and questions need a terminal: ` +
        "npx pyrpc init --client --distribution server --server-url URL",
    );
  }
  if (run.kind === "none") return undefined;
  if (run.kind !== "set_up") return { args: ["sync"] };
  // The backend writes the types of a workspace: a set-up that leads to none fails.
  const args = run.distribution === "workspace" ? ["sync", "--check"] : ["sync"];
  return { args, failure: ExitCode.No };
}
