import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { isInside } from "../is_inside.ts";

/**
 * Returns a function that shows paths of a client relative to the root of the workspace: the checkout of a GitHub
 * workflow, else the repository that has both the working folder and the client, else their nearest common folder.
 */
export function shownFrom(
  client: string,
  { cwd, env }: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): (path: string) => string {
  const root = realpathSync(client);
  const here = realpathSync(cwd);
  const checkout = env["GITHUB_WORKSPACE"];
  const base = checkout !== undefined && existsSync(checkout) &&
      isInside(root, realpathSync(checkout))
    ? realpathSync(checkout)
    : repositoryOf(here, root) ?? commonFolder(here, root);
  return (path) => {
    const real = existsSync(path) ? realpathSync(path) : path;
    return relative(base, real).split(sep).join("/") || ".";
  };
}

function repositoryOf(here: string, root: string): string | undefined {
  for (let folder = here;; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return isInside(root, folder) ? folder : undefined;
    if (folder === dirname(folder)) return undefined;
  }
}

function commonFolder(a: string, b: string): string {
  let folder = a;
  while (!isInside(b, folder)) folder = dirname(folder);
  return folder;
}
