import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isEntrypoint, moduleHint } from "./entrypoint.ts";

/** The path of a module, or the paths that were searched. */
export type ModuleSearch =
  | { readonly found: true; readonly path: string }
  | { readonly found: false; readonly searched: readonly string[]; readonly reason: string };

/**
 * Searches for the files of `module` or `module:app` as Python would from `folder`: there, in `src`, and among the
 * installed packages of a virtual environment beside it. No code is run.
 */
export async function findModule(folder: string, entry: string): Promise<ModuleSearch> {
  const module = entry.split(":")[0] ?? "";
  if (!isEntrypoint(entry)) {
    const reason = moduleHint(module) ??
      (module === ""
        ? "A module is required, such as main or app.main"
        : `"${entry}" is not the name of a Python module`);
    return { found: false, searched: [], reason };
  }
  const parts = module.split(".");
  const searched: string[] = [];
  // Modules in "src" can be imported by their own name only if the project can be installed.
  const src = await hasManifest(folder) ? [join(folder, "src")] : [];
  for (const base of [folder, ...src, ...await sitePackages(folder)]) {
    const stem = join(base, ...parts);
    for (const path of [join(stem, "__init__.py"), `${stem}.py`]) {
      if (await isFile(path)) return { found: true, path };
    }
    if (base === folder) searched.push(`${parts.join("/")}.py`, `${parts.join("/")}/__init__.py`);
  }
  return {
    found: false,
    searched,
    // "main.py" is also the name of a module "py" in a package.
    reason: moduleHint(module) ??
      `No module ${module} here: neither ${searched.join(" nor ")} in ${folder}`,
  };
}

/** True if pip can install the project. */
export async function hasManifest(folder: string): Promise<boolean> {
  for (const name of ["pyproject.toml", "setup.py", "setup.cfg"]) {
    if (await isFile(join(folder, name))) return true;
  }
  return false;
}

async function sitePackages(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of [".venv", "venv"]) {
    const lib = join(folder, name, "lib");
    const versions = await readdir(lib).catch(() => [] as string[]);
    for (const version of versions) {
      if (version.startsWith("python")) found.push(join(lib, version, "site-packages"));
    }
    found.push(join(folder, name, "Lib", "site-packages"));
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then((info) => info.isFile(), () => false);
}
