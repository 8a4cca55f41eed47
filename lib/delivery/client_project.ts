import * as fs from "node:fs";
import { dirname, join, sep } from "node:path";

/** A TypeScript project that types can be delivered to. */
export interface ClientProject {
  /** Absolute path of its folder. */
  readonly root: string;
  /** Its `package.json`; undefined if it does not exist or cannot be read. */
  readonly manifest: Manifest | undefined;
  /** The folder that packages of this project and its siblings are hoisted to; `root` outside a monorepo. */
  readonly workspace: string;
  /** Why there is no `node_modules`: the file of Yarn's Plug'n'Play. */
  readonly plugAndPlay: string | undefined;
}

/** The members of a `package.json` that matter here. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly packageManager?: string;
  readonly type?: string;
  readonly workspaces?: unknown;
  readonly scripts: Readonly<Record<string, string>>;
  /** Every package that the manifest names, whatever the kind of dependency. */
  readonly dependencies: ReadonlySet<string>;
}

/** The result of a search for a client. */
export type ClientSearch =
  | { readonly found: ClientProject }
  /** `python` is the file that shows that the search began in a Python project. */
  | { readonly found: undefined; readonly python: string | undefined };

const PYTHON_MARKERS = [
  "pyproject.toml",
  "requirements.txt",
  "setup.py",
  "setup.cfg",
  "Pipfile",
  "poetry.lock",
  "uv.lock",
  "manage.py",
  "pyrpc.json",
];

/**
 * The client nearest to a folder: the first one upwards with a `package.json` that is not inside `node_modules`. The search
 * ends at the root of a repository, and at a Python project, whose neighbours are not its client.
 */
export function findClient(start: string): ClientSearch {
  for (const folder of upwards(start)) {
    if (isInsideModules(folder)) continue;
    if (isFile(join(folder, "package.json"))) return { found: readClient(folder) };
    // Source counts where the search begins only: some script lies about in many a folder above.
    const python = PYTHON_MARKERS.find((name) => isFile(join(folder, name))) ??
      (folder === start ? readFolder(folder).find((name) => name.endsWith(".py")) : undefined);
    if (python !== undefined) return { found: undefined, python: join(folder, python) };
    if (isThere(join(folder, ".git"))) break;
  }
  return { found: undefined, python: undefined };
}

/** The client whose folder is known, also where it has no `package.json`. */
export function readClient(root: string): ClientProject {
  const manifest = readManifest(join(root, "package.json"));
  const workspace = findWorkspace(root);
  return { root, manifest, workspace, plugAndPlay: findPlugAndPlay(root, workspace, manifest) };
}

/** The client in a folder that a configuration names. Without a `package.json` it is on its own, whatever is above it. */
export function readNamedClient(root: string): ClientProject {
  return isFile(join(root, "package.json"))
    ? readClient(root)
    : { root, manifest: undefined, workspace: root, plugAndPlay: undefined };
}

/** Reads a `package.json`; undefined if it cannot be read. */
export function readManifest(path: string): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(path, "utf8").replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  const text = (name: string) => {
    const member = members[name];
    return typeof member === "string" ? { [name]: member } : {};
  };
  const names = [
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
  ].flatMap((kind) => Object.keys(objectOf(members[kind])));
  const scripts = Object.entries(objectOf(members["scripts"]))
    .filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    ...text("name"),
    ...text("version"),
    ...text("packageManager"),
    ...text("type"),
    workspaces: members["workspaces"],
    scripts: Object.fromEntries(scripts),
    dependencies: new Set(names),
  };
}

/**
 * Finds the folder for a package: the `node_modules` that holds it already, as the project would resolve it; else the
 * nearest `node_modules` up to the monorepo's root (hoisted); else a new one in the project.
 *
 * @returns the folder that holds `node_modules`
 */
export function modulesFolder(client: ClientProject, name: string): string {
  const folders = upTo(client.root, client.workspace);
  return folders.find((folder) => isThere(join(folder, "node_modules", ...name.split("/")))) ??
    folders.find((folder) => isThere(join(folder, "node_modules"))) ??
    client.root;
}

/** Yields every folder from this one to the root of the file system. */
export function* upwards(start: string): Generator<string> {
  for (let folder = start;; folder = dirname(folder)) {
    yield folder;
    if (folder === dirname(folder)) return;
  }
}

function upTo(start: string, end: string): string[] {
  const folders: string[] = [];
  for (const folder of upwards(start)) {
    folders.push(folder);
    if (folder === end) break;
  }
  return folders;
}

function findWorkspace(root: string): string {
  for (const folder of upwards(root)) {
    if (isFile(join(folder, "pnpm-workspace.yaml")) || isFile(join(folder, "lerna.json"))) {
      return folder;
    }
    if (readManifest(join(folder, "package.json"))?.workspaces !== undefined) return folder;
    if (isThere(join(folder, ".git"))) break;
  }
  return root;
}

function findPlugAndPlay(
  root: string,
  workspace: string,
  manifest: Manifest | undefined,
): string | undefined {
  for (const folder of upTo(root, workspace)) {
    for (const name of [".pnp.cjs", ".pnp.js", ".pnp.loader.mjs"]) {
      if (isFile(join(folder, name))) return join(folder, name);
    }
    if (isThere(join(folder, "node_modules"))) return undefined;
    const settings = join(folder, ".yarnrc.yml");
    if (!isFile(settings)) continue;
    const linker = /^nodeLinker:\s*["']?([\w-]+)/m.exec(readText(settings))?.[1];
    const berry = /^yarn@([2-9]|\d\d)/.test(
      (manifest?.packageManager ?? readManifest(join(folder, "package.json"))?.packageManager) ??
        "",
    );
    // Plug'n'Play is the default of Yarn 2 and later.
    if (linker === "pnp" || (linker === undefined && berry)) return settings;
  }
  return undefined;
}

function isInsideModules(folder: string): boolean {
  return folder.split(sep).includes("node_modules");
}

function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

/** The text of a file; "" if it cannot be read. */
export function readText(path: string): string {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readFolder(path: string): string[] {
  try {
    return fs.readdirSync(path);
  } catch {
    return [];
  }
}

/** Returns true for a file that can be found; an inaccessible one counts as missing. */
export function isFile(path: string): boolean {
  return look(() => fs.statSync(path, { throwIfNoEntry: false }))?.isFile() ?? false;
}

function isThere(path: string): boolean {
  return look(() => fs.lstatSync(path, { throwIfNoEntry: false })) !== undefined;
}

// An inaccessible path counts as missing: writing to it fails later, with the reason.
function look(stat: () => fs.Stats | undefined): fs.Stats | undefined {
  try {
    return stat();
  } catch {
    return undefined;
  }
}
