import { setupContext } from "../../lib/cli/mod.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import { plainText } from "../../lib/terminal/mod.ts";

/**
 * Sets up the client on the first run of the npm package `@pyrpc/client` in a project.
 *
 * @returns true if the client was set up
 */
export async function setUpOnFirstRun(console: Console): Promise<boolean> {
  const setup = await import("../../lib/setup/mod.ts");
  const print = (line: string) => console.stderr.write(`${line}\n`);
  const run = await setup.setUpOnFirstRun(
    setupContext(console),
    () => print("No pyrpc-client.json found."),
  );
  if (run.kind === "unattended") {
    print(
      `note: ${plainText(run.folder)} has no pyrpc-client.json, and questions need a terminal: ` +
        "npx pyrpc init --client --distribution server --server-url URL",
    );
  }
  return run.kind === "set_up";
}
