import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { CACHE, run } from "../../scripts/project.ts";

/**
 * A folder of the cache with these npm packages in its `node_modules`, installed the first time. No script of theirs runs.
 *
 * @param packages With their versions, the first of which names the folder.
 */
export async function npmPackages(...packages: readonly string[]): Promise<string> {
  return await install(packages, []);
}

/** Like {@link npmPackages}, for a package that npm refuses because it is for another system. */
export async function foreignNpmPackage(name: string): Promise<string> {
  return await install([name], ["--force"]);
}

async function install(packages: readonly string[], more: readonly string[]): Promise<string> {
  const folder = join(CACHE, packages[0]!.replaceAll(/[@/]+/g, "-").replace(/^-/, ""));
  if (existsSync(join(folder, "node_modules"))) return folder;
  // Beside it, then renamed: an interrupted installation leaves nothing half done.
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  await writeFile(join(partial, "package.json"), "{}");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"];
  const installed = await run(npm, ["install", ...flags, ...more, ...packages], { cwd: partial });
  if (installed.code !== 0) {
    await rm(partial, { recursive: true, force: true });
    throw new Error(`${packages.join(", ")} cannot be installed:\n${installed.stderr}`);
  }
  await rename(partial, folder).catch(() => rm(partial, { recursive: true, force: true }));
  return folder;
}

/** Links every package of {@link npmPackages} into the `node_modules` of a project, where more may be added. */
export async function linkPackages(
  project: string,
  packages: readonly string[],
): Promise<void> {
  const installed = join(await npmPackages(...packages), "node_modules");
  await mkdir(join(project, "node_modules"), { recursive: true });
  for (const entry of await readdir(installed)) {
    if (entry.startsWith(".")) continue;
    await symlink(join(installed, entry), join(project, "node_modules", entry));
  }
}
