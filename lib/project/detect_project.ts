import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { findApplication } from "./find_application.ts";
import { hasManifest } from "./module_files.ts";
import type { Framework } from "./project_file.ts";
import { writtenPath } from "./written_path.ts";

/** Suggestions from the files of a project. No code is run. */
export interface DetectedProject {
  readonly framework: Framework | undefined;
  /** Possible entries as `module` or `module:name`, the most likely first. */
  readonly entries: readonly string[];
  /** Possible client projects as they would be written, the most likely first. */
  readonly clients: readonly string[];
}

/** Inspects the files of a project for defaults of the setup. */
export async function detectProject(folder: string): Promise<DetectedProject> {
  const entries = await findEntries(folder);
  return {
    framework: entries.find((entry) => entry.framework !== undefined)?.framework ??
      await frameworkOfRequirements(folder),
    entries: entries.map(({ module, application }) =>
      application === undefined ? module : `${module}:${application}`
    ),
    clients: await findClients(folder),
  };
}

const ENTRY_FILES = ["main", "app", "server", "asgi", "wsgi", "api", "application", "run"];
const MAX_SOURCE_BYTES = 64 * 1024;
const SKIPPED = /^(\..*|node_modules|venv|env|__pycache__|dist|build|tests?|site-packages)$/;

interface Entry {
  readonly module: string;
  readonly application: string | undefined;
  readonly framework: Framework | undefined;
  readonly score: number;
}

async function findEntries(folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const search = async (directory: string, prefix: string) => {
    for (const [index, name] of ENTRY_FILES.entries()) {
      const text = await readStart(join(directory, `${name}.py`));
      if (text === undefined) continue;
      const framework = frameworkOfSource(text);
      const score = (/\bpyrpc/.test(text) ? 100 : 0) + (framework === undefined ? 0 : 20) - index -
        (prefix === "" ? 0 : 1);
      const application = findApplication(text);
      entries.push({ module: `${prefix}${name}`, application, framework, score });
    }
  };
  await search(folder, "");
  const src = await hasManifest(folder) ? "" : "src.";
  for (const name of await subfolders(folder)) {
    if (name === "src") {
      await search(join(folder, "src"), src);
      for (const inner of await subfolders(join(folder, "src"))) {
        await search(join(folder, "src", inner), `${src}${inner}.`);
      }
    } else if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) await search(join(folder, name), `${name}.`);
  }
  return entries.sort((a, b) => b.score - a.score);
}

function frameworkOfSource(text: string): Framework | undefined {
  if (/^\s*(from|import)\s+(fastapi|pyrpc_fastapi)\b/m.test(text)) return "fastapi";
  if (/^\s*(from|import)\s+(flask|pyrpc_flask)\b/m.test(text)) return "flask";
  if (
    /^\s*(from|import)\s+pyrpc_core\.transport\b|\bPyRPCAsgi|\bASGITransport|\bAsgiTransport/m.test(
      text,
    )
  ) {
    return "asgi";
  }
  return undefined;
}

async function frameworkOfRequirements(folder: string): Promise<Framework | undefined> {
  for (const name of ["pyproject.toml", "requirements.txt", "Pipfile", "uv.lock", "setup.cfg"]) {
    const text = await readStart(join(folder, name));
    if (text === undefined) continue;
    if (/\b(pyrpc-)?fastapi\b/i.test(text)) return "fastapi";
    if (/\b(pyrpc-)?flask\b/i.test(text)) return "flask";
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

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && !SKIPPED.test(entry.name))
    .map((entry) => entry.name).sort();
}

async function readStart(path: string): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined);
  // Reading a named pipe would not end.
  if (info === undefined || !info.isFile()) return undefined;
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const buffer = new Uint8Array(MAX_SOURCE_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, 0);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}
