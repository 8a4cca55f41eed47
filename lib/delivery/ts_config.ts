import { dirname, relative, resolve, sep } from "node:path";
import { upwards } from "./client_project.ts";
import { frameworkConfig } from "./framework_alias.ts";
import { setMember } from "./insert_member.ts";
import { aliasElsewhere, aliasInherited, aliasOfFramework } from "./errors.ts";
import {
  compiledConfigs,
  type ConfigFile,
  inheritedOption,
  moduleResolution,
  rootFolder,
} from "./ts_config_file.ts";

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

/** Returns true if the compiler, run in `root`, already resolves `name` to `target`. */
export function aliasState(root: string, name: string, target: string): AliasState {
  const framework = frameworkConfig(root, name, relative(root, target));
  if (framework !== undefined) {
    return framework.hasAlias ? { kind: "ours", config: framework.path } : { kind: "none" };
  }
  const configs = readConfigs(root);
  const first = configs[0];
  if (first === undefined) {
    return { kind: compiledConfigs(root).length === 0 ? "no config" : "none" };
  }
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

// An alias in a solution file has no effect on the projects that it refers to.
function readConfigs(root: string): CompilerConfig[] {
  const own = compiledConfigs(root).filter(({ path }) => dirname(path) === root);
  return own.map((config) => ({
    path: config.path,
    text: config.text,
    ...inheritance(config),
  }));
}

function inheritance({ path, value }: ConfigFile): Pick<CompilerConfig, "paths" | "base"> {
  const baseUrl = inheritedOption({ path, value }, "baseUrl");
  const paths = inheritedOption({ path, value }, "paths");
  const own = typeof baseUrl?.value === "string"
    ? resolve(dirname(baseUrl.config), baseUrl.value)
    : undefined;
  return {
    base: own ?? dirname(path),
    paths: typeof paths?.value === "object" && paths.value !== null
      ? {
        config: paths.config,
        values: paths.value as Paths["values"],
        base: own ?? dirname(paths.config),
      }
      : undefined,
  };
}

/** The folder that the compiler's `rootDir` names: a source outside of it is an error (TS6059). @default root */
export function sourceRoot(root: string): string {
  const found = compiledConfigs(root).map(rootFolder);
  return found.find((folder) => folder?.startsWith(root + sep)) ?? root;
}

/**
 * Returns true if the compiler resolves modules as Node.js does, so that a relative import of an ECMAScript module needs
 * the file's extension (TS2835). The nearest `tsconfig.json` decides; one that cannot be read counts as no.
 */
export function wantsEndings(folder: string): boolean {
  try {
    const configs = [...upwards(folder)].map(compiledConfigs).find(({ length }) => length > 0);
    return (configs ?? []).some((config) =>
      /^node(?:next|1[6-9]|[2-9]\d)$/.test(moduleResolution(config))
    );
  } catch {
    return false;
  }
}

/** The form of a path in a configuration, relative to a folder. */
export function writtenPath(base: string, target: string): string {
  const path = relative(base, target).split(sep).join("/");
  return path.startsWith("../") ? path : `./${path}`;
}
