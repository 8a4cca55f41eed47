import type { ClientRoot } from "./client_roots.ts";
import type {
  AllowedFinding,
  Distribution,
  Framework,
  ProjectFile,
  ProjectFormat,
} from "./project_file.ts";

/** Values from the command line; each takes precedence over environment and file. */
export interface ProjectOverrides {
  readonly framework?: string | undefined;
  readonly entry?: string | undefined;
  /** Relative to the working directory, like every path on a command line. */
  readonly clientRoot?: readonly string[] | undefined;
  readonly distribution?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly debounce?: number | undefined;
  readonly python?: string | undefined;
  readonly snapshot?: string | undefined;
  readonly corsOrigins?: readonly string[] | undefined;
  /** Patterns of procedure names, which narrow those of the file. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** One effective value and its origin, for `pyrpc config`. */
export interface EffectiveValue {
  readonly name: string;
  /** Undefined if it is not set. */
  readonly value: string | readonly string[] | number | undefined;
  /** `flag --entry`, `environment PYRPC_ENTRY`, `pyrpc.json:4`, `default`, `not set`. */
  readonly from: string;
}

/** The complete configuration of a backend, with absolute paths. */
export interface ProjectConfig {
  /** The configuration file; undefined for a module that was given without one. */
  readonly path: string | undefined;
  /** Python runs here: the folder of the file, or else the working directory; for Django that of manage.py. */
  readonly folder: string;
  readonly format: ProjectFormat;
  readonly framework: Framework;
  /** `module` or `module:app`, as given. */
  readonly entrypoint: string;
  /** The module that registers the procedures. */
  readonly module: string;
  /** The expression of the application, if the entry has one: a name, or a call of a factory. */
  readonly application: string | undefined;
  readonly distribution: Distribution;
  /** `package`: `node_modules/@pyrpc/types`; `alias`: `__pyrpc.ts` and a path in tsconfig.json (later formats). */
  readonly layout: "package" | "alias";
  /** Empty with server distribution. */
  readonly clients: readonly ClientRoot[];
  readonly host: string;
  readonly port: number;
  /** Milliseconds. */
  readonly debounce: number;
  /** The interpreter that is configured; undefined to search for one. */
  readonly python: string | undefined;
  /** Absolute path of the contract's snapshot, if there is one. */
  readonly snapshot: string | undefined;
  /** Origins whose pages may call the server of `pyrpc dev`; `*` for all. */
  readonly corsOrigins: readonly string[];
  readonly allow: readonly AllowedFinding[];
  readonly values: readonly EffectiveValue[];
  /** Warnings, each one sentence. */
  readonly warnings: readonly string[];
}

/** A question of the setup. */
export type SetupQuestion = "framework" | "entry" | "distribution" | "client_root";

/** Answers of the setup; missing ones are undefined. */
export interface SetupAnswers {
  readonly framework?: Framework;
  readonly entry?: string;
  readonly distribution?: Distribution;
  /** As written into the file: relative to its folder. */
  readonly clientRoot?: readonly string[];
}

/** The questions without an answer, in the order of the setup. */
export function missingAnswers(
  { framework, entry, distribution, clientRoot = [] }: SetupAnswers,
): SetupQuestion[] {
  const missing: SetupQuestion[] = [];
  if (framework === undefined) missing.push("framework");
  if (entry === undefined) missing.push("entry");
  if (distribution === undefined) missing.push("distribution");
  if (distribution === "workspace" && clientRoot.length === 0) missing.push("client_root");
  return missing;
}

/** A complete configuration, or the questions that are open. */
export type ProjectState =
  | { readonly kind: "ready"; readonly project: ProjectConfig }
  | {
    readonly kind: "incomplete";
    /** In the order of the setup. */
    readonly missing: readonly SetupQuestion[];
    readonly answers: SetupAnswers;
    /** The file, or undefined if it does not exist. */
    readonly file: ProjectFile | undefined;
    readonly folder: string;
    readonly values: readonly EffectiveValue[];
  };
