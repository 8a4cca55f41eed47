import * as fs from "node:fs";
import { isInside } from "../is_inside.ts";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isFile, upwards } from "./client_project.ts";
import { frameworkConfig } from "./framework_alias.ts";
import { aliasState, writtenPath } from "./ts_config.ts";
import {
  compiledConfigs,
  type ConfigFile,
  type Inherited,
  inheritedMember,
  inheritedOption,
  locate,
  moduleResolution,
  rootFolder,
} from "./ts_config_file.ts";

/** The members of a chosen layout that the compiler depends on. */
export type TypesLocation =
  | {
    readonly layout: "package";
    readonly name: string;
    /** Absolute. */
    readonly folder: string;
    readonly client: { readonly root: string } | undefined;
  }
  | { readonly layout: "file"; readonly types: string }
  | {
    readonly layout: "alias";
    readonly name: string;
    readonly root: string;
    readonly types: string;
  };

/**
 * Reasons why the client's compiler does not find the delivered types, or rejects them, each with the line that fixes it.
 * Only configurations are read: `files`, `include`, `exclude`, `references`, `extends` and a few options.
 */
export function compilerNotes(chosen: TypesLocation): string[] {
  try {
    if (chosen.layout === "package") {
      const root = chosen.client?.root;
      return root === undefined ? [] : packageNotes(compiledConfigs(root), chosen);
    }
    const configs = nearestConfigs(dirname(chosen.types));
    const aliases = chosen.layout === "alias" ? aliasNotes(chosen.root, chosen) : [];
    return [...aliases, ...fileNotes(configs, chosen.types)];
  } catch {
    // A broken configuration is reported where it is edited.
    return [];
  }
}

// The folder with the package.json of the types is the last one: what is above belongs to another project.
function nearestConfigs(start: string): ConfigFile[] {
  for (const folder of upwards(start)) {
    const configs = compiledConfigs(folder);
    if (configs.length > 0) return configs;
    const isEnd = ["package.json", ".git"].some((name) => fs.existsSync(join(folder, name)));
    if (isEnd) return [];
  }
  return [];
}

function packageNotes(
  configs: readonly ConfigFile[],
  { name, folder }: { readonly name: string; readonly folder: string },
): string[] {
  return configs.flatMap((config) => {
    const file = shortName(config);
    if (moduleResolution(config) === "classic") {
      return [`${file} does not look for packages: set "moduleResolution": "bundler" in it`];
    }
    const mapped = mappedFile(config, name);
    if (mapped === undefined || isInside(mapped.path, folder)) return [];
    const shown = relative(dirname(config.path), mapped.path).split(sep).join("/");
    return [
      `${file} resolves ${name} to ${shown}, not to this package: remove "${mapped.key}" from "paths" in ${
        relative(dirname(config.path), mapped.config).split(sep).join("/")
      }`,
    ];
  });
}

// The file that `paths` gives for a package; where none exists, the compiler looks into node_modules.
function mappedFile(config: ConfigFile, name: string) {
  const paths = inheritedOption(config, "paths");
  const baseUrl = inheritedOption(config, "baseUrl");
  if (typeof paths?.value !== "object" || paths.value === null) return undefined;
  const base = typeof baseUrl?.value === "string"
    ? locate(config, baseUrl, baseUrl.value)
    : dirname(paths.config);
  const keys = Object.entries(paths.value)
    .filter(([key]) => starOf(key, name) !== undefined)
    .sort(([a], [b]) => prefixOf(b).length - prefixOf(a).length);
  const [key, values] = keys[0] ?? [];
  if (key === undefined || !Array.isArray(values)) return undefined;
  const endings = ["", ".ts", ".tsx", ".d.ts", "/package.json", "/index.ts", "/index.d.ts"];
  const found = values.filter((value) => typeof value === "string")
    .map((value) => resolve(base, value.replace("*", starOf(key, name) ?? "")))
    .flatMap((path) => endings.map((ending) => path + ending))
    .find(isFile);
  return found === undefined ? undefined : { key, path: found, config: paths.config };
}

function starOf(key: string, name: string): string | undefined {
  const [before = "", after] = key.split("*");
  if (after === undefined) return key === name ? "" : undefined;
  const fits = name.startsWith(before) && name.endsWith(after) &&
    name.length >= before.length + after.length;
  return fits ? name.slice(before.length, name.length - after.length) : undefined;
}

// An exact key comes before every pattern.
function prefixOf(key: string): string {
  return key.includes("*") ? key.slice(0, key.indexOf("*")) : `${key}*`;
}

// Only configurations in the root get the alias; those of other folders may be generated.
function aliasNotes(
  root: string,
  { name, types }: { readonly name: string; readonly types: string },
): string[] {
  if (frameworkConfig(root, name, relative(root, types)) !== undefined) return [];
  return compiledConfigs(root)
    .filter(({ path }) => dirname(path) !== root)
    .filter(({ path }) => aliasState(dirname(path), name, types).kind !== "ours")
    .map(({ path }) => {
      const value = writtenPath(dirname(path), types);
      return `${relative(root, path).split(sep).join("/")} does not resolve ${name}: ` +
        `add to its "paths": "${name}": ["${value}"]`;
    });
}

// An import brings a file into a program, unless the program is composite or the file is outside of its `rootDir`.
function fileNotes(configs: readonly ConfigFile[], types: string): string[] {
  // Declarations are never compiled.
  if (/\.d\.[cm]?ts$/.test(types)) return [];
  const rejected = configs.map((config) => rejection(config, types));
  const isListed = configs.some((config, at) =>
    rejected[at] === undefined && isIncluded(config, types)
  );
  const first = rejected.find((note) => note !== undefined);
  return isListed || first === undefined ? [] : [first];
}

function rejection(config: ConfigFile, types: string): string | undefined {
  const file = shortName(config);
  const composite = inheritedOption(config, "composite")?.value === true;
  const root = rootFolder(config) ?? (composite ? dirname(config.path) : undefined);
  const shown = relative(dirname(config.path), types).split(sep).join("/");
  if (root !== undefined && !isInside(types, root)) {
    const given = relative(dirname(config.path), root).split(sep).join("/") || ".";
    return `${file} rejects ${shown} because it is outside of its "rootDir" (${given}): write it below that folder`;
  }
  if (!composite || isIncluded(config, types)) return undefined;
  const member = inheritedMember(config, "include") === undefined ? "files" : "include";
  return isMember(config, "exclude", types)
    ? `${file} is composite and excludes ${shown}: remove it from "exclude"`
    : `${file} is composite and does not list ${shown}: add "${shown}" to its "${member}"`;
}

function isIncluded(config: ConfigFile, types: string): boolean {
  if (isMember(config, "files", types)) return true;
  const isOutput = ["outDir", "declarationDir"].some((name) => {
    const folder = inheritedOption(config, name);
    return typeof folder?.value === "string" &&
      isInside(types, locate(config, folder, folder.value));
  });
  const hasExclude = inheritedMember(config, "exclude") !== undefined;
  if (hasExclude ? isMember(config, "exclude", types) : isOutput) return false;
  if (inheritedMember(config, "include") !== undefined) return isMember(config, "include", types);
  return inheritedMember(config, "files") === undefined &&
    pattern(`${dirname(config.path)}/**/*`, "include").test(types.split(sep).join("/"));
}

function isMember(
  config: ConfigFile,
  name: "files" | "include" | "exclude",
  types: string,
): boolean {
  const member = inheritedMember(config, name);
  if (member === undefined || !Array.isArray(member.value)) return false;
  return member.value.filter((path) => typeof path === "string")
    .map((path) => locate(config, member satisfies Inherited, path))
    .some((path) =>
      name === "files" ? path === types : pattern(path, name).test(types.split(sep).join("/"))
    );
}

// `**` matches folders, except for those of packages and hidden ones; a folder stands for all its files.
function pattern(path: string, name: "include" | "exclude"): RegExp {
  const packages = "(?!(?:node_modules|bower_components|jspm_packages)/)";
  const folders = name === "include" ? `(?:${packages}[^/.][^/]*/)*` : "(?:.*/)?";
  const written = path.split(sep).join("/");
  const isFolder = name === "exclude" || !/[.*?][^/]*$/.test(written);
  const source = written.replace(/\*\*(?:\/|$)|\*|[?]|[^\w\s/]/g, (found) => {
    if (found.startsWith("**")) return folders;
    return found === "*" ? "[^/]*" : found === "?" ? "[^/]" : `\\${found}`;
  });
  const rest = isFolder ? name === "include" ? `/${folders}[^/]+` : "(?:/.*)?" : "";
  return new RegExp(`^${source}${rest}$`);
}

function shortName({ path }: ConfigFile): string {
  return path.split(sep).at(-1) ?? path;
}
