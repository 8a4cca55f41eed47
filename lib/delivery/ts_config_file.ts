import * as fs from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { faultText, parseJsonTree, positionAt, valueOf } from "../json/mod.ts";
import { isFile, upwards } from "./client_project.ts";
import { tsConfigBroken } from "./errors.ts";

/** A `tsconfig.json` or `jsconfig.json`. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A member of a configuration, with the file that has it: relative paths start there. */
export interface Inherited {
  readonly value: unknown;
  /** Absolute. */
  readonly config: string;
}

const MAX_EXTENDS = 20;
const MAX_DEPTH = 64;

/** Reads a configuration. @throws ToolError where it is not JSON with comments, or not an object */
export function readConfig(path: string): ConfigFile {
  const text = fs.readFileSync(path, "utf8");
  // JSON has no byte order mark; a space in its place keeps the offsets.
  const source = text.replace(/^\ufeff/, " ");
  const broken = (message: string, offset: number) =>
    tsConfigBroken({ path, reason: message, position: positionAt(source, offset) });
  const read = parseJsonTree(source, { comments: true, maxDepth: MAX_DEPTH });
  if (read.fault !== undefined) {
    const { message, offset } = faultText(source, read.fault);
    throw broken(message, offset);
  }
  if (read.root.type !== "object") throw broken("its root is not an object", 0);
  const value = valueOf(read.root);
  return { path, text, value: value as Readonly<Record<string, unknown>> };
}

/** A compiler option of a configuration, or of the nearest one that it extends. */
export function inheritedOption(
  config: Pick<ConfigFile, "path" | "value">,
  name: string,
): Inherited | undefined {
  return inherited(
    config,
    ({ compilerOptions }) =>
      typeof compilerOptions === "object" && compilerOptions !== null
        ? (compilerOptions as Readonly<Record<string, unknown>>)[name]
        : undefined,
  );
}

/** A member (`files`, `include`, `exclude`) of a configuration, or of the nearest one that it extends. */
export function inheritedMember(config: ConfigFile, name: string): Inherited | undefined {
  return inherited(config, (value) => value[name]);
}

function inherited(
  { path, value }: Pick<ConfigFile, "path" | "value">,
  pick: (value: ConfigFile["value"]) => unknown,
  depth = 0,
): Inherited | undefined {
  const own = pick(value);
  if (own !== undefined) return { value: own, config: path };
  if (depth === MAX_EXTENDS) return undefined;
  for (const parent of parentsOf(path, value)) {
    const found = inherited(readConfig(parent), pick, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

// The last one named wins, so it comes first.
function parentsOf(path: string, value: ConfigFile["value"]): string[] {
  const parents = Array.isArray(value["extends"]) ? [...value["extends"]] : [value["extends"]];
  return parents.reverse().flatMap((parent: unknown) => {
    if (typeof parent !== "string") return [];
    const isPath = /^\.{0,2}[\\/]/.test(parent) || isAbsolute(parent);
    const places = isPath
      ? [resolve(dirname(path), parent)]
      : [...upwards(dirname(path))].map((folder) => join(folder, "node_modules", parent));
    const file = places.flatMap((at) => [at, `${at}.json`, join(at, "tsconfig.json")])
      .find(isFile);
    return file === undefined ? [] : [file];
  });
}

// A solution file only refers to other configurations.
function compilesNothing({ value: { files, include } }: ConfigFile): boolean {
  return Array.isArray(files) && files.length === 0 && include === undefined;
}

function references({ path, value }: ConfigFile): string[] {
  if (!Array.isArray(value["references"])) return [];
  return value["references"]
    .map((reference: unknown) => (reference as { path?: unknown } | null)?.path)
    .filter((to) => typeof to === "string")
    .map((to) => resolve(dirname(path), to))
    .map((to) => to.endsWith(".json") ? to : join(to, "tsconfig.json"))
    .filter((to) => fs.existsSync(to));
}

/**
 * The configurations that compile the sources of a folder: its `tsconfig.json` (else `jsconfig.json`), or, where that one
 * only refers to others, those.
 *
 * @throws ToolError where one cannot be read
 */
export function compiledConfigs(folder: string): ConfigFile[] {
  const path = ["tsconfig.json", "jsconfig.json"].map((name) => join(folder, name))
    .find((path) => fs.existsSync(path));
  if (path === undefined) return [];
  const main = readConfig(path);
  const referred = compilesNothing(main) ? references(main) : [];
  return referred.length === 0 ? [main] : referred.map(readConfig);
}

/** The folder of `rootDir`, absolute; undefined if none is given. */
export function rootFolder(config: ConfigFile): string | undefined {
  const rootDir = inheritedOption(config, "rootDir");
  return typeof rootDir?.value === "string" ? locate(config, rootDir, rootDir.value) : undefined;
}

/** The absolute form of a path in a configuration. `${configDir}` is the folder of the one that is compiled. */
export function locate(config: ConfigFile, { config: file }: Inherited, path: string): string {
  const template = "${configDir}";
  return path.startsWith(template)
    ? join(dirname(config.path), path.slice(template.length))
    : resolve(dirname(file), path);
}

/** How the compiler finds modules, in lower case; the option `module` decides where it is not given. */
export function moduleResolution(config: ConfigFile): string {
  const found = inheritedOption(config, "moduleResolution") ?? inheritedOption(config, "module");
  return typeof found?.value === "string" ? found.value.toLowerCase() : "";
}
