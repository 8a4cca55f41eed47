import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type DetectedEntry, detectEntries } from "./detect_entries.ts";
import type { Framework } from "./project_file.ts";
import { readStart } from "./read_start.ts";
import { subfolders } from "./subfolders.ts";
import { writtenPath } from "./written_path.ts";

/** Suggestions from the files of a project. No code is run. */
export interface DetectedProject {
  readonly framework: Framework | undefined;
  /** Possible entries, the most likely first. */
  readonly entries: readonly DetectedEntry[];
  /** Possible client projects as they would be written, the most likely first. */
  readonly clients: readonly string[];
}

/** Inspects the files of a project for defaults of the setup. */
export async function detectProject(
  folder: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<DetectedProject> {
  const entries = await detectEntries(folder, env);
  return {
    framework: entries.find((entry) => entry.framework !== undefined)?.framework ??
      await frameworkOfRequirements(folder),
    entries,
    clients: await findClients(folder),
  };
}

/** Returns the most likely entry for a framework. */
export function entryFor(
  { entries }: Pick<DetectedProject, "entries">,
  framework: Framework | undefined,
): DetectedEntry | undefined {
  return entries.find((entry) => entry.framework === framework && framework !== undefined) ??
    entries[0];
}

async function frameworkOfRequirements(folder: string): Promise<Framework | undefined> {
  for (const name of ["pyproject.toml", "requirements.txt", "Pipfile", "uv.lock", "setup.cfg"]) {
    const text = await readStart(join(folder, name));
    if (text === undefined) continue;
    if (/\b(pyrpc-)?fastapi\b/i.test(text)) return "fastapi";
    if (/\b(pyrpc-)?flask\b/i.test(text)) return "flask";
    if (/\bpyrpc-django-adapter\b/i.test(text)) return "django";
  }
  for (const name of [".venv", "venv"]) {
    const lib = join(folder, name, "lib");
    for (const version of await readdir(lib).catch(() => [] as string[])) {
      const packages = await readdir(join(lib, version, "site-packages")).catch(() =>
        [] as string[]
      );
      if (packages.includes("pyrpc_fastapi") || packages.includes("fastapi")) return "fastapi";
      if (packages.includes("pyrpc_flask") || packages.includes("flask")) return "flask";
    }
  }
  return undefined;
}

const FRONTEND_CONFIGS =
  /^((vite|next|nuxt|svelte|astro|remix|react-router|webpack|rsbuild|vue|app)\.config\.[cm]?[jt]s|angular\.json|tsconfig\.json|jsconfig\.json|deno\.jsonc?)$/;
const MAX_FOLDERS = 300;

async function findClients(folder: string): Promise<string[]> {
  const found: { path: string; score: number }[] = [];
  let visited = 0;
  const seen = new Set<string>();
  const search = async (directory: string, depth: number): Promise<void> => {
    if (seen.has(directory) || ++visited > MAX_FOLDERS) return;
    seen.add(directory);
    const names = await readdir(directory).catch(() => [] as string[]);
    if (names.includes("package.json")) {
      const configs = names.filter((name) => FRONTEND_CONFIGS.test(name));
      const isFrontend = configs.some((name) => !/^(ts|js)config\.json$/.test(name));
      const isWorkspaceRoot = names.includes("pnpm-workspace.yaml") || names.includes("turbo.json");
      if (configs.length > 0 && !isWorkspaceRoot) {
        const named = /front|client|web|ui|app/i.test(basename(directory));
        const score = (isFrontend ? 20 : 0) + (named ? 5 : 0) - depth;
        found.push({ path: writtenPath(folder, directory), score });
      }
    }
    if (depth === 0) return;
    for (const name of await subfolders(directory)) await search(join(directory, name), depth - 1);
  };
  await search(folder, 2);
  const parent = dirname(folder);
  // Siblings in a home folder are other projects: search deeper only in what looks like a repository.
  const siblings = await readdir(parent).catch(() => [] as string[]);
  const isRepository = siblings.some((name) =>
    name === ".git" || name === "package.json" || name === "pnpm-workspace.yaml"
  );
  if (parent !== folder) await search(parent, isRepository ? 2 : 1);
  return found.sort((a, b) => b.score - a.score || a.path.localeCompare(b.path))
    .map(({ path }) => path).slice(0, 20);
}
