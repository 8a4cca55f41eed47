import * as fs from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { isLink } from "./locate.ts";
import {
  type ClientProject,
  findClient,
  modulesFolder,
  readClient,
  readManifest,
  readNamedClient,
} from "./client_project.ts";
import { compilerNotes } from "./compiler_notes.ts";
import {
  aliasElsewhere,
  aliasWithOut,
  fileWithoutOut,
  noClientNear,
  noModulesWithPlugAndPlay,
  versionWithoutPackage,
} from "./errors.ts";
import { isOtherBackend, isUsedBy, type TypesOrigin } from "./origin.ts";
import { checkPackageName, checkPackageVersion, TYPES_PACKAGE } from "./package_name.ts";
import { aliasState, sourceRoot, wantsEndings } from "./ts_config.ts";

/**
 * How types lie in a client: as a package in its `node_modules`, as one file of its sources, or as `__pyrpc.ts` in its root
 * with an alias for the compiler (pyRPC 0.12 and later).
 */
export type Layout = "package" | "file" | "alias";

/** Every {@link Layout}. */
export const LAYOUTS = ["package", "file", "alias"] as const satisfies readonly Layout[];

/** The file of the `alias` layout. */
export const ALIAS_FILE = "__pyrpc.ts";

/** The request for a layout, before the disk is read. */
export interface LayoutRequest {
  /** Absolute: where the search for the client begins. */
  readonly start: string;
  readonly layout?: Layout | undefined;
  /** Absolute: the file to write, or with `layout: "package"` the folder of the package. */
  readonly out?: string | undefined;
  readonly packageName?: string | undefined;
  readonly packageVersion?: string | undefined;
  /** File of the `alias` layout; each backend of a client needs its own. @default {ALIAS_FILE} */
  readonly aliasFile?: string | undefined;
  /** Use `start` as the client if no `package.json` is found upwards. @default {false} */
  readonly plainFolder?: boolean | undefined;
  /** The backend of the types and its procedures: types of another backend are not shared with other members of a workspace. */
  readonly backend?: {
    readonly origin: TypesOrigin;
    readonly procedures: readonly string[];
  } | undefined;
  /** `start` is the client, with or without a `package.json`: nothing is searched. @default {false} */
  readonly isClient?: boolean | undefined;
}

interface Chosen {
  /** Absolute; nothing outside is written. */
  readonly root: string;
  /** Absolute path of the file with the types. */
  readonly types: string;
  /** Why it is this layout and this place, for people. */
  readonly reason: string;
  /** Further remarks for the user, each a sentence. */
  readonly notes: readonly string[];
}

/** The folder that is written to is a package. */
export interface PackageLayout extends Chosen {
  readonly layout: "package";
  readonly name: string;
  readonly version: string;
  /** Absolute. */
  readonly folder: string;
  /** A link into a store is at that place and makes way for an own folder. */
  readonly replacesLink: boolean;
  /** True if a manifest of the client lists it, so that an installation does not remove it. */
  readonly isNamed: boolean;
  /** The client; undefined where the folder was named outright. */
  readonly client: ClientProject | undefined;
}

/** One file. */
export interface FileLayout extends Chosen {
  readonly layout: "file";
}

/** `__pyrpc.ts` and an alias. */
export interface AliasLayout extends Chosen {
  readonly layout: "alias";
  /** The package name that the alias is for. */
  readonly name: string;
}

/** The decision of {@link chooseLayout}. */
export type ChosenLayout = PackageLayout | FileLayout | AliasLayout;

const DEFAULT_VERSION = "0.0.0";

/**
 * Decides where types go: what was asked for, else what the client shows (Plug'n'Play or an alias: `alias`), else a package.
 *
 * @throws ToolError exit code 2 where no client is near or flags exclude each other, 3 for an alias that leads elsewhere
 */
export function chooseLayout(request: LayoutRequest): ChosenLayout {
  const chosen = placeTypes(request);
  return { ...chosen, notes: [...chosen.notes, ...compilerNotes(chosen)] };
}

function placeTypes(request: LayoutRequest): ChosenLayout {
  const { start, layout, out } = request;
  const name = checkPackageName(request.packageName ?? TYPES_PACKAGE);
  const version = request.packageVersion === undefined
    ? undefined
    : checkPackageVersion(request.packageVersion);
  const isPackage = layout === "package" || layout === undefined && out === undefined;
  if (!isPackage && version !== undefined) {
    throw versionWithoutPackage();
  }
  if (out !== undefined && layout !== "package") {
    if (layout === "alias") throw aliasWithOut(request.aliasFile ?? ALIAS_FILE);
    return {
      layout: "file",
      root: dirname(out),
      types: out,
      reason: "the specified file",
      notes: [],
    };
  }
  if (layout === "file") {
    throw fileWithoutOut();
  }
  if (out !== undefined) return packageAt(out, name, version);

  const search = request.isClient ? { found: readNamedClient(start) } : findClient(start);
  if (search.found === undefined && (search.python !== undefined || !request.plainFolder)) {
    throw noClientNear(start, search.python);
  }
  const client = search.found ?? readClient(start);
  const aliasFile = aliasFileIn(client.root, request.aliasFile ?? ALIAS_FILE);
  const where = search.found === undefined
    ? "no package.json is near, so this folder is the client"
    : request.isClient
    ? "the client of pyrpc.json"
    : "the nearest package.json";
  if (layout === "package") {
    if (client.plugAndPlay !== undefined) throw noModulesWithPlugAndPlay(client.plugAndPlay);
    return packageOf(client, { ...request, name, version }, `requested; ${where}`);
  }
  if (layout === "alias") return aliasOf(client, name, aliasFile, `requested; ${where}`);
  if (client.plugAndPlay !== undefined) {
    return aliasOf(
      client,
      name,
      aliasFile,
      `${basename(client.plugAndPlay)}: Yarn's Plug'n'Play has no node_modules`,
    );
  }
  const alias = aliasState(client.root, name, join(client.root, aliasFile));
  if (alias.kind === "ours") {
    return aliasOf(client, name, aliasFile, `${basename(alias.config)} has the alias of ${name}`);
  }
  // The compiler would never look into node_modules.
  if (alias.kind === "elsewhere") throw aliasElsewhere(name, alias.config, alias.value);
  return packageOf(client, { ...request, name, version }, where);
}

// Below the compiler's `rootDir`, or in `src` if only its files are compiled, unless the file is there already.
function aliasFileIn(root: string, file: string): string {
  if (fs.existsSync(join(root, file))) return file;
  try {
    const path = join(sourceRoot(root), file);
    const inSrc = join(root, "src", file);
    const isRejected = compilerNotes({ layout: "file", types: path }).length > 0 &&
      fs.existsSync(dirname(inSrc)) && compilerNotes({ layout: "file", types: inSrc }).length === 0;
    return relative(root, isRejected ? inSrc : path);
  } catch {
    // A broken tsconfig.json is reported where the alias is added.
    return file;
  }
}

/** The import that is true for a layout; `from` is the folder that a file is seen from. */
export function importLine(chosen: ChosenLayout, from: string): string {
  return `import type { Types } from "${moduleName(chosen, from)}"`;
}

/** The import of the client that lies beside the types. */
export function clientImportLine(chosen: ChosenLayout, from: string): string {
  const name = chosen.layout === "package"
    ? `${chosen.name}/client`
    : relativeModule(join(dirname(chosen.types), "pyrpc-client.ts"), from);
  return `import { createClient } from "${name}"`;
}

function moduleName(chosen: ChosenLayout, from: string): string {
  return chosen.layout === "file" ? relativeModule(chosen.types, from) : chosen.name;
}

function relativeModule(path: string, from: string): string {
  const written = relative(from, path).split(sep).join("/").replace(
    /(\.d)?\.([cm]?)tsx?$/,
    (_, __, kind) => kind === "" && !wantsEndings(dirname(path)) ? "" : `.${kind}js`,
  );
  return written.startsWith("../") ? written : `./${written}`;
}

function packageAt(out: string, name: string, version: string | undefined): PackageLayout {
  const present = readManifest(join(out, "package.json"));
  return {
    layout: "package",
    root: out,
    folder: out,
    types: join(out, "src", "index.ts"),
    name,
    version: version ?? present?.version ?? DEFAULT_VERSION,
    replacesLink: false,
    isNamed: true,
    client: undefined,
    reason: "the specified folder",
    notes: [],
  };
}

function packageOf(
  client: ClientProject,
  { name, version, backend }: Pick<LayoutRequest, "backend"> & {
    readonly name: string;
    readonly version: string | undefined;
  },
  reason: string,
): PackageLayout {
  const folderIn = (root: string) => join(root, "node_modules", ...name.split("/"));
  const shared = modulesFolder(client, name);
  const place = { layout: "package", types: join(folderIn(shared), "src", "index.ts") } as const;
  // Types that this client uses already are not hidden by others: the delivery reports the conflict.
  const isOther = backend !== undefined &&
    isOtherBackend(place, backend.origin, backend.procedures) && !isUsedBy(place, client.root);
  const root = isOther ? client.root : shared;
  const folder = folderIn(root);
  // Through a link: the package manager resolved the version to that folder.
  const present = readManifest(join(folder, "package.json"));
  const replacesLink = isLink(folder);
  const notes = [];
  if (replacesLink) {
    notes.push(
      `${relative(client.root, folder)} was a link to ${
        fs.readlinkSync(folder)
      }; it was replaced by a folder, and the link's target is unchanged`,
    );
  }
  const hoisted = root !== shared
    ? `, not hoisted: ${shared} has the types of another backend`
    : root === client.root
    ? ""
    : `, hoisted to ${root}`;
  const manifests = [client.manifest, readManifest(join(root, "package.json"))];
  return {
    layout: "package",
    root,
    folder,
    types: join(folder, "src", "index.ts"),
    name,
    version: version ?? present?.version ?? DEFAULT_VERSION,
    replacesLink,
    isNamed: manifests.some((manifest) => manifest?.dependencies.has(name) ?? false),
    client,
    reason: `${reason}${hoisted}`,
    notes,
  };
}

function aliasOf(
  client: ClientProject,
  name: string,
  file: string,
  reason: string,
): AliasLayout {
  const types = join(client.root, file);
  const { kind } = aliasState(client.root, name, types);
  const notes = kind !== "no config" ? [] : [
    `tsconfig.json does not exist: configure your tools to resolve ${name} to ./${file}`,
  ];
  const bundler = unawareBundler(client, name);
  if (bundler !== undefined) {
    notes.push(`The adapters import ${name} at run time: add its alias to ${bundler} as well`);
  }
  return { layout: "alias", root: resolve(client.root), types, name, reason, notes };
}

// Types need no bundler; upstream's adapters import `procedureKinds`, which does.
function unawareBundler(client: ClientProject, name: string): string | undefined {
  const adapters = [...client.manifest?.dependencies ?? []]
    .some((dependency) => /^@pyrpc\/(react|next|vue|svelte)$/.test(dependency));
  if (!adapters) return undefined;
  const config = ["vite", "next"]
    .flatMap((tool) => ["ts", "js", "mjs"].map((ending) => `${tool}.config.${ending}`))
    .find((file) => fs.existsSync(join(client.root, file)));
  if (config === undefined) return undefined;
  return fs.readFileSync(join(client.root, config), "utf8").includes(name) ? undefined : config;
}
