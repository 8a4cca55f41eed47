import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { detectDjango } from "./detect_django.ts";
import { findApplication, findApplications } from "./find_application.ts";
import { hasManifest } from "./module_files.ts";
import type { Framework } from "./project_file.ts";
import { readStart } from "./read_start.ts";
import { subfolders } from "./subfolders.ts";

/** A module that looks like the entry of a backend. */
export interface DetectedEntry {
  /** `module` or `module:name`. */
  readonly entry: string;
  /** Undefined if its source does not show it. */
  readonly framework: Framework | undefined;
  /** Names of the applications of the module, if it has several and none is the default. */
  readonly applications: readonly string[];
  /** The folder to run Python in, relative to the searched one: `.` unless its imports start elsewhere. */
  readonly folder: string;
  /** The folder of its source, or of a Django project, relative to the searched one. */
  readonly home: string;
  /** True if its source mounts pyRPC in an application, and not only registers procedures. */
  readonly isMounted: boolean;
}

interface Scored extends DetectedEntry {
  /** True if its source makes an application: other modules may mount pyRPC in one that they receive. */
  readonly hasApplication: boolean;
  readonly score: number;
}

const ENTRY_FILES = [
  "main",
  "app",
  "server",
  "asgi",
  "wsgi",
  "api",
  "application",
  "run",
  "index",
  "__init__",
];
const MOUNTS = /\bmount_(?:fastapi|flask|django)\(|\bPyRPCAsgiApp\(/;
const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const MAX_DEPTH = 3;
const MAX_FOLDERS = 200;
const MAX_FILES = 500;
const IS_TEST = /^(test_.*|.*_test|conftest)$/;

/** Finds modules that look like the entry of a backend, the most likely first. No code is run. */
export async function detectEntries(
  root: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<DetectedEntry[]> {
  const entries: Scored[] = [...await entriesIn(root, []), ...await djangoIn(root, ".", env)];
  const hasPackages = await hasManifest(root);
  // An installed project has no "src" in the names of its modules.
  const moduleOf = (parts: readonly string[]) =>
    hasPackages && parts[0] === "src" ? parts.slice(1) : parts;
  const below = await foldersBelow(root);
  for (const parts of below) {
    entries.push(...await entriesIn(root, parts, moduleOf(parts)));
    const [name, ...inner] = parts;
    if (name !== undefined && inner.length === 0) {
      entries.push(...await djangoIn(join(root, name), name, {}));
    }
  }
  if (!entries.some(({ isMounted }) => isMounted)) {
    entries.push(...await otherEntries(root, [[], ...below], moduleOf));
  }
  return entries.sort((a, b) => b.score - a.score).map((
    { score: _, hasApplication: __, ...entry },
  ) => entry);
}

// Modules with other names, if they mount pyRPC: reading all files is not needed where a usual name is found.
async function otherEntries(
  root: string,
  folders: readonly (readonly string[])[],
  moduleOf: (parts: readonly string[]) => readonly string[],
): Promise<Scored[]> {
  const found: Scored[] = [];
  let read = 0;
  for (const parts of folders) {
    const files = await readdir(join(root, ...parts)).catch((): string[] => []);
    const names = files.filter((file) => file.endsWith(".py")).map((file) => file.slice(0, -3));
    for (const name of names.sort()) {
      if (!NAME.test(name) || ENTRY_FILES.includes(name) || IS_TEST.test(name)) continue;
      if (++read > MAX_FILES) return found;
      const entry = await entryIn(root, parts, moduleOf(parts), name);
      if (entry?.isMounted && entry.hasApplication) found.push(entry);
    }
  }
  return found;
}

// The upper folders come first, so that a large frontend does not use up the limit.
async function foldersBelow(root: string): Promise<string[][]> {
  const found: string[][] = [];
  let parents: string[][] = [[]];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const level: string[][] = [];
    for (const parts of parents) {
      const names = await subfolders(join(root, ...parts));
      level.push(...names.filter((name) => NAME.test(name)).map((name) => [...parts, name]));
    }
    found.push(...level);
    if (found.length >= MAX_FOLDERS) break;
    parents = level;
  }
  return found.slice(0, MAX_FOLDERS);
}

async function entriesIn(
  root: string,
  parts: readonly string[],
  module: readonly string[] = parts,
): Promise<Scored[]> {
  const found = await Promise.all(ENTRY_FILES.map((name) => entryIn(root, parts, module, name)));
  return found.filter((entry) => entry !== undefined);
}

async function entryIn(
  root: string,
  parts: readonly string[],
  module: readonly string[],
  name: string,
): Promise<Scored | undefined> {
  const isPackage = name === "__init__";
  if (isPackage && module.length === 0) return undefined;
  const text = await readStart(join(root, ...parts, `${name}.py`));
  if (text === undefined) return undefined;
  const hasPyrpc = /\bpyrpc/.test(text);
  const framework = frameworkOfSource(text);
  // Most packages and index files have nothing to do with a server.
  if ((isPackage || name === "index") && !hasPyrpc && framework === undefined) return undefined;
  if (framework === "django") return undefined;
  const below = await importFolder(root, parts, text);
  const folders = below === 0 ? module : parts.slice(below);
  const dotted = (isPackage ? folders : [...folders, name]).join(".");
  if (dotted === "") return undefined;
  const application = findApplication(text);
  const applications = application === undefined ? findApplications(text) : [];
  const index = ENTRY_FILES.indexOf(name);
  const rank = index < 0 ? ENTRY_FILES.length : index;
  return {
    entry: application === undefined ? dotted : `${dotted}:${application}`,
    framework,
    applications: applications.includes("app") ? [] : applications,
    folder: below === 0 ? "." : parts.slice(0, below).join("/"),
    home: parts.length === 0 ? "." : parts.join("/"),
    isMounted: MOUNTS.test(text),
    hasApplication: application !== undefined || applications.length > 0 ||
      /^app\s*[:=]/m.test(text),
    score: (hasPyrpc ? 100 : 0) + (framework === undefined ? 0 : 20) - rank - parts.length,
  };
}

async function djangoIn(
  folder: string,
  below: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Scored[]> {
  const django = await detectDjango(folder, env);
  if (django === undefined) return [];
  const { module, hasManage, hasPyrpc } = django;
  return [{
    entry: below !== "." && hasManage ? `${below}/manage.py` : module,
    framework: "django",
    applications: [],
    folder: hasManage ? "." : below,
    home: below,
    isMounted: hasPyrpc,
    hasApplication: true,
    score: (hasPyrpc ? 125 : 50) - (below === "." ? 0 : 1),
  }];
}

/**
 * Returns the number of leading folders that Python has to run in, so that the imports of a module are found: a module
 * `backend/app/main.py` with `from app.models import X` runs in `backend`.
 */
async function importFolder(
  root: string,
  parts: readonly string[],
  text: string,
): Promise<number> {
  const names = [...text.matchAll(/^(?:from|import)\s+([\p{L}_][\p{L}\p{N}_]*)/gmu)]
    .map(([, name = ""]) => name);
  // An installed project finds its modules in "src".
  const installed = await hasManifest(root) ? [join(root, "src")] : [];
  for (const name of new Set(names)) {
    const known = await Promise.all(
      [root, ...installed].map((folder) => isModule(join(folder, name))),
    );
    if (known.includes(true)) continue;
    for (let below = parts.length; below > 0; below--) {
      if (await isModule(join(root, ...parts.slice(0, below), name))) return below;
    }
  }
  return 0;
}

async function isModule(path: string): Promise<boolean> {
  const isFile = await stat(`${path}.py`).then((info) => info.isFile(), () => false);
  if (isFile) return true;
  const names = await readdir(path).catch((): string[] => []);
  return names.some((name) => name.endsWith(".py"));
}

/** Returns the framework that a module imports. */
function frameworkOfSource(text: string): Framework | undefined {
  if (/^\s*(from|import)\s+(fastapi|pyrpc_fastapi)\b/m.test(text)) return "fastapi";
  if (/^\s*(from|import)\s+(flask|pyrpc_flask)\b/m.test(text)) return "flask";
  if (/^\s*(from|import)\s+(django|pyrpc_django)\b/m.test(text)) return "django";
  if (
    /^\s*(from|import)\s+pyrpc_core\.transport\b|\bPyRPCAsgi|\bASGITransport|\bAsgiTransport/m.test(
      text,
    )
  ) {
    return "asgi";
  }
  return undefined;
}
