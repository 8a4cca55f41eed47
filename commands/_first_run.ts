import { CLIENT_CONFIG_FILE, findUpwards, PROJECT_FILE } from "../lib/project/mod.ts";
import { type Console, isInteractive } from "../lib/runtime/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";

/**
 * The first run of the npm package `@pyrpc/client` in a project: asks what `pyrpc-client.json` says, and writes it, since a
 * package's own install script has no terminal to ask on. Anywhere else, and where the project is set up, it does nothing.
 *
 * @returns whether the project was set up
 * @throws ToolError `INTERRUPTED` when the questions are left; nothing is written then
 */
export async function setUpOnFirstRun(console: Console): Promise<boolean> {
  if (!console.isClientPackage || console.env["PYRPC_SERVER_URL"]) return false;
  // A backend, or a repository of both: "pyrpc.json" says what there is to know.
  for (const name of [CLIENT_CONFIG_FILE, PROJECT_FILE]) {
    if (await findUpwards(console.cwd, name) !== undefined) return false;
  }
  const { manifestFolder, setUpClient } = await import("./_client_setup.ts");
  const folder = await manifestFolder(console.cwd);
  if (folder === undefined) return false;
  if (!isInteractive(console)) {
    console.stderr.write(
      `note: ${plainText(folder)} has no ${CLIENT_CONFIG_FILE}, and nobody can be asked: ` +
        "npx pyrpc init --client --distribution server --server-url URL\n",
    );
    return false;
  }
  console.stderr.write(`No ${CLIENT_CONFIG_FILE} found.\n`);
  await setUpClient(console, { reconfigure: false, yes: false, goesOn: true });
  return true;
}
