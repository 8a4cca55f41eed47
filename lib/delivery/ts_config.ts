import * as fs from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { faultText, parseJsonTree, positionAt, valueOf } from "../json/mod.ts";
import { frameworkConfig } from "./framework_alias.ts";
import { setMember } from "./insert_member.ts";
import { aliasElsewhere, aliasInherited, aliasOfFramework, tsConfigBroken } from "./errors.ts";

/** State of a package name in `paths` of a project's compiler options. */
export type AliasState =
  /** No `tsconfig.json` nor `jsconfig.json`. */
  | { readonly kind: "no config" }
  | { readonly kind: "none" }
  /** Every configuration that has to name it leads to the file. */
  | { readonly kind: "ours"; readonly config: string }
  | { readonly kind: "elsewhere"; readonly config: string; readonly value: string };

/** A `tsconfig.json` with its new text. */
export interface ConfigEdit {
  /** Absolute. */
  readonly path: string;
  readonly content: string;
}

interface CompilerConfig {
  readonly path: string;
  readonly text: string;
  /** `paths` of this file or of the nearest one that it extends. */
  readonly paths: Paths | undefined;
  /** Absolute; where the values of a `paths` in this very file start from. */
  readonly base: string;
}

interface Paths {
  readonly config: string;
  /** Absolute. */
  readonly base: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Says whether the compiler, run in `root`, already takes `name` from `target`. */
export function aliasState(root: string, name: string, target: string): AliasState {
  const framework = frameworkConfig(root, name, relative(root, target));
  if (framework !== undefined) {
    return framework.hasAlias ? { kind: "ours", config: framework.path } : { kind: "none" };
  }
  const configs = readConfigs(root);
  const first = configs[0];
  if (first === undefined) return { kind: "no config" };
  const states = configs.map((config) => stateOf(config, name, target));
  return states.find(({ kind }) => kind === "elsewhere") ??
    states.find(({ kind }) => kind === "none") ??
    { kind: "ours", config: first.path };
}

/**
 * The compiler configurations of a project with `name` added to their `paths`: `tsconfig.json` (else `jsconfig.json`), or,
 * where that one only refers to others, those. Comments, commas and indentation stay as they are.
 *
 * @returns only the files that have to change
 * @throws ToolError where the name leads elsewhere, or `paths` comes from a file that is extended
 */
export function planAlias(root: string, name: string, target: string): ConfigEdit[] {
  const framework = frameworkConfig(root, name, relative(root, target));
  if (framework?.hasAlias) return [];
  if (framework !== undefined) throw aliasOfFramework(framework);
  return readConfigs(root).flatMap((config) => {
    const state = stateOf(config, name, target);
    if (state.kind === "ours") return [];
    if (state.kind === "elsewhere") throw aliasElsewhere(name, state.config, state.value);
    const written = writtenPath(config.base, target);
    const { paths } = config;
    // An own `paths` would hide every name of the inherited one.
    if (paths !== undefined && paths.config !== config.path) {
      throw aliasInherited({
        name,
        config: config.path,
        inherited: paths.config,
        value: writtenPath(paths.base, target),
      });
    }
    return [{
      path: config.path,
      content: setMember(config.text, ["compilerOptions", "paths", name], [written]),
    }];
  });
}

function stateOf(config: CompilerConfig, name: string, target: string): AliasState {
  const { paths } = config;
  if (paths === undefined || !Object.hasOwn(paths.values, name)) return { kind: "none" };
  const value = paths.values[name];
  const [only, ...others] = Array.isArray(value) ? value as unknown[] : [value];
  const same = typeof only === "string" && others.length === 0 &&
    withoutEnding(resolve(paths.base, only)) === withoutEnding(target);
  return same
    ? { kind: "ours", config: paths.config }
    : { kind: "elsewhere", config: paths.config, value: JSON.stringify(value) };
}

function withoutEnding(path: string): string {
  return path.replace(/(\.d)?\.ts$/, "");
}

const MAX_EXTENDS = 20;
const MAX_DEPTH = 64;

// A solution file compiles nothing itself: an alias in it has no effect on the projects that it refers to.
function readConfigs(root: string): CompilerConfig[] {
  const path = ["tsconfig.json", "jsconfig.json"].map((name) => join(root, name))
    .find((path) => fs.existsSync(path));
  if (path === undefined) return [];
  const main = readConfig(path);
  const { references, files, include } = main.value;
  const compilesNothing = Array.isArray(files) && files.length === 0 && include === undefined;
  const referred = !Array.isArray(references) || !compilesNothing ? [] : references
    .map((reference: unknown) => (reference as { path?: unknown } | null)?.path)
    .filter((path) => typeof path === "string")
    .map((path) => configFile(resolve(root, path)))
    .filter((path) => path !== undefined && path.startsWith(root + sep) && dirname(path) === root);
  const configs = referred.length === 0
    ? [main]
    : referred.map((path) => readConfig(path as string));
  return configs.map(({ path, text, value }) => {
    const inherited = inheritance(path, value);
    return { path, text, ...inherited };
  });
}

function configFile(path: string): string | undefined {
  if (path.endsWith(".json")) return fs.existsSync(path) ? path : undefined;
  const inside = join(path, "tsconfig.json");
  return fs.existsSync(inside) ? inside : undefined;
}

interface ReadConfig {
  readonly path: string;
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

function readConfig(path: string): ReadConfig {
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

function inheritance(
  path: string,
  value: ReadConfig["value"],
): Pick<CompilerConfig, "paths" | "base"> {
  let baseUrl: string | undefined;
  let paths: { config: string; values: Paths["values"] } | undefined;
  const visit = (path: string, value: ReadConfig["value"], depth: number) => {
    const own = compilerOptions(value);
    if (baseUrl === undefined && typeof own["baseUrl"] === "string") {
      baseUrl = resolve(dirname(path), own["baseUrl"]);
    }
    if (paths === undefined && typeof own["paths"] === "object" && own["paths"] !== null) {
      paths = { config: path, values: own["paths"] as Paths["values"] };
    }
    if (depth === MAX_EXTENDS) return;
    for (const file of parentsOf(path, value)) visit(file, readConfig(file).value, depth + 1);
  };
  visit(path, value, 0);
  return {
    base: baseUrl ?? dirname(path),
    paths: paths && { ...paths, base: baseUrl ?? dirname(paths.config) },
  };
}

function compilerOptions(value: ReadConfig["value"]): Readonly<Record<string, unknown>> {
  const options = value["compilerOptions"];
  return typeof options === "object" && options !== null
    ? options as Readonly<Record<string, unknown>>
    : {};
}

/** The folder that the compiler's `rootDir` names: a source outside of it is an error (TS6059). @default root */
export function sourceRoot(root: string): string {
  const path = join(root, "tsconfig.json");
  if (!fs.existsSync(path)) return root;
  const found = rootDirOf(path, 0);
  return found !== undefined && found.startsWith(root + sep) ? found : root;
}

function rootDirOf(path: string, depth: number): string | undefined {
  const { value } = readConfig(path);
  const { rootDir } = compilerOptions(value);
  if (typeof rootDir === "string") return resolve(dirname(path), rootDir);
  if (depth === MAX_EXTENDS) return undefined;
  for (const parent of parentsOf(path, value)) {
    const inherited = rootDirOf(parent, depth + 1);
    if (inherited !== undefined) return inherited;
  }
  return undefined;
}

// The last one named wins, so it comes first; packages are not looked into.
function parentsOf(path: string, value: ReadConfig["value"]): string[] {
  const parents = Array.isArray(value["extends"]) ? [...value["extends"]] : [value["extends"]];
  return parents.reverse().flatMap((parent: unknown) => {
    if (typeof parent !== "string" || !/^\.{0,2}[\\/]/.test(parent) && !isAbsolute(parent)) {
      return [];
    }
    const at = resolve(dirname(path), parent);
    return [at, `${at}.json`]
      .filter((candidate) => fs.statSync(candidate, { throwIfNoEntry: false })?.isFile())
      .slice(0, 1);
  });
}

/**
 * Returns true if the compiler resolves modules as Node.js does, so that a relative import of an ECMAScript module needs
 * the file's extension (TS2835). The nearest `tsconfig.json` decides; one that cannot be read counts as no.
 */
export function wantsEndings(folder: string): boolean {
  for (let at = folder;; at = dirname(at)) {
    const path = join(at, "tsconfig.json");
    if (fs.existsSync(path)) {
      try {
        return /^node(?:next|1[6-9]|[2-9]\d)$/i.test(resolutionOf(path, 0) ?? "");
      } catch {
        return false;
      }
    }
    if (at === dirname(at)) return false;
  }
}

function resolutionOf(path: string, depth: number): string | undefined {
  const { value } = readConfig(path);
  const { moduleResolution, module } = compilerOptions(value);
  const own = moduleResolution ?? module;
  if (typeof own === "string") return own;
  if (depth === MAX_EXTENDS) return undefined;
  for (const parent of parentsOf(path, value)) {
    const inherited = resolutionOf(parent, depth + 1);
    if (inherited !== undefined) return inherited;
  }
  return undefined;
}

function writtenPath(base: string, target: string): string {
  const path = relative(base, target).split(sep).join("/");
  return path.startsWith("../") ? path : `./${path}`;
}
