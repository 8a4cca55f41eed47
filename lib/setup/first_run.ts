import { dirname } from "node:path";
import { isInside } from "../is_inside.ts";
import {
  CLIENT_CONFIG_FILE,
  type Distribution,
  findBackendOfClient,
  findUpwards,
  manifestFolder,
  PROJECT_FILE,
  SERVER_URL_VARIABLE,
} from "../project/mod.ts";
import type { SetupContext } from "./context.ts";
import { setUpClient } from "./set_up_client.ts";

/**
 * The first run of the npm package in a project:
 *
 * - `none`: nothing to set up
 * - `configured`: the client was set up before, by its own file or by that of a backend
 * - `unattended`: the client in `folder` is not set up, and a terminal to ask on is missing
 * - `set_up`: the questions were answered
 */
export type FirstRun =
  | { readonly kind: "none" | "configured" }
  | { readonly kind: "set_up"; readonly distribution: Distribution }
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
  if (env[SERVER_URL_VARIABLE]) return { kind: "none" };
  if (await findUpwards(cwd, CLIENT_CONFIG_FILE) !== undefined) return { kind: "configured" };
  const folder = await manifestFolder(cwd);
  if (folder === undefined || await isBackendFolder(cwd, folder)) return { kind: "none" };
  if (openPrompter === undefined) {
    const isNamed = await findBackendOfClient(folder) !== undefined;
    return isNamed ? { kind: "configured" } : { kind: "unattended", folder };
  }
  onStart();
  const answers = await setUpClient({}, context);
  return answers === undefined
    ? { kind: "configured" }
    : { kind: "set_up", distribution: answers.distribution };
}

// A package.json that is the root of a repository with both is configured by its pyrpc.json.
async function isBackendFolder(cwd: string, client: string): Promise<boolean> {
  const project = await findUpwards(cwd, PROJECT_FILE);
  return project !== undefined && isInside(dirname(project), client);
}
