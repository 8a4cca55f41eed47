import { CLIENT_CONFIG_FILE, findUpwards, PROJECT_FILE } from "../project/mod.ts";
import { manifestFolder } from "./client_file.ts";
import type { SetupContext } from "./context.ts";
import { setUpClient } from "./set_up_client.ts";

/**
 * The first run of the npm package in a project:
 *
 * - `none`: nothing to set up
 * - `unattended`: the client in `folder` is not set up, and a terminal to ask on is missing
 * - `set_up`: the questions were answered
 */
export type FirstRun =
  | { readonly kind: "none" | "set_up" }
  | { readonly kind: "unattended"; readonly folder: string };

/**
 * Sets up the client on the first run of the npm package `@pyrpc/client`, because the install script of a package has no
 * terminal.
 *
 * @param onStart is called before the questions
 * @throws ToolError `INTERRUPTED` if the user leaves a question; nothing is written then
 */
export async function setUpOnFirstRun(
  context: SetupContext,
  onStart: () => void,
): Promise<FirstRun> {
  const { cwd, env, openPrompter } = context;
  if (env["PYRPC_SERVER_URL"]) return { kind: "none" };
  // A backend, or a repository with both, is configured by its pyrpc.json.
  for (const name of [CLIENT_CONFIG_FILE, PROJECT_FILE]) {
    if (await findUpwards(cwd, name) !== undefined) return { kind: "none" };
  }
  const folder = await manifestFolder(cwd);
  if (folder === undefined) return { kind: "none" };
  if (openPrompter === undefined) return { kind: "unattended", folder };
  onStart();
  await setUpClient({}, context);
  return { kind: "set_up" };
}
