import { dirname, isAbsolute, resolve } from "node:path";
import { ALL_PROCEDURES, narrowSelection, type Selection } from "../contract/mod.ts";
import type { GivenRoot } from "./client_roots.ts";
import { isEntrypoint, isPythonFile } from "./entrypoint.ts";
import { notAHost, notAnEntrypoint, notANumber, notOneOf } from "./errors.ts";
import { sharedPath } from "./portable_path.ts";
import type { EffectiveValue, ProjectOverrides } from "./project.ts";
import { type Placed, type PlacedClient, PROJECT_FILE, type ProjectFile } from "./project_file.ts";
import { writtenPath } from "./written_path.ts";

/** The flag of each setting. */
export const SETTING_FLAGS = {
  framework: "--framework",
  entrypoint: "--entry",
  distribution: "--distribution",
  client_root: "--client-root",
  host: "--host",
  port: "--port",
  debounce: "--debounce",
  python: "--python",
  snapshot: "--snapshot",
} as const;

type SettingName = keyof typeof SETTING_FLAGS;

/** The environment variable of each setting. */
export const SETTING_VARIABLES: Readonly<Record<SettingName, string>> = {
  framework: "PYRPC_FRAMEWORK",
  entrypoint: "PYRPC_ENTRY",
  distribution: "PYRPC_DISTRIBUTION",
  client_root: "PYRPC_CLIENT_ROOT",
  host: "PYRPC_HOST",
  port: "PYRPC_PORT",
  debounce: "PYRPC_DEBOUNCE",
  python: "PYRPC_PYTHON",
  snapshot: "PYRPC_SNAPSHOT",
};

/** A value and its origin; both undefined if it is not set. */
export interface Setting<T> {
  readonly value: T | undefined;
  readonly from: "flag" | "environment" | "file" | undefined;
}

/** The sources of {@link ProjectSettings}. */
export interface SettingSources {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly overrides?: ProjectOverrides;
  /** A module given as argument, which replaces the entry. */
  readonly module?: string | undefined;
}

/** Reads settings by precedence (flag, environment, file, default) and records the origin of each. */
export class ProjectSettings {
  readonly #file: ProjectFile | undefined;
  readonly #sources: SettingSources;
  readonly #overrides: ProjectOverrides;
  readonly #values = new Map<string, EffectiveValue>();

  constructor(file: ProjectFile | undefined, sources: SettingSources) {
    this.#file = file;
    this.#sources = sources;
    this.#overrides = sources.overrides ?? {};
  }

  /** The values that were read, in order. */
  get values(): readonly EffectiveValue[] {
    return [...this.#values.values()];
  }

  /** The folder of the file, or else the working directory. */
  get folder(): string {
    return this.#file === undefined ? resolve(this.#sources.cwd) : dirname(this.#file.file.path);
  }

  /** Records a value that was decided otherwise, such as a default. */
  record(name: string, value: EffectiveValue["value"], from: string): void {
    this.#values.set(name, { name, value, from });
  }

  oneOf<const T extends string>(
    name: "framework" | "distribution",
    allowed: readonly T[],
  ): Setting<T> {
    const { value: text, from } = this.#select(name, this.#overrides[name], this.#file?.[name]);
    if (text === undefined) return { value: undefined, from: undefined };
    const value = allowed.find((value) => value === text);
    if (value === undefined) throw notOneOf(this.#nameOf(name, from), allowed, text);
    return { value, from };
  }

  entry(framework: string | undefined): Setting<string> {
    const { module } = this.#sources;
    const isAllowed = (text: string) =>
      isEntrypoint(text) || (framework === "django" && isPythonFile(text));
    if (module !== undefined) {
      if (!isAllowed(module)) throw notAnEntrypoint("The module", module);
      this.record("entrypoint", module, "argument");
      return { value: module, from: "flag" };
    }
    const setting = this.#select("entrypoint", this.#overrides.entry, this.#file?.entrypoint);
    const { value, from } = setting;
    if (value !== undefined && from !== "file" && !isAllowed(value)) {
      throw notAnEntrypoint(this.#nameOf("entrypoint", from), value);
    }
    return setting;
  }

  clientRoots(): readonly GivenRoot[] | undefined {
    const name = "client_root";
    const flag = this.#overrides.clientRoot ?? [];
    if (flag.length > 0) return this.#givenRoots(flag, `flag ${SETTING_FLAGS[name]}`);
    const variable = this.#variable(name);
    if (variable !== undefined) {
      const paths = variable.split(",").map((path) => path.trim());
      return this.#givenRoots(paths, `environment ${SETTING_VARIABLES[name]}`);
    }
    const clients = this.#file?.clients;
    if (clients === undefined) {
      this.record(name, undefined, "not set");
      return undefined;
    }
    const line = clients[0]?.position.line;
    const from = line === undefined ? PROJECT_FILE : `${PROJECT_FILE}:${line}`;
    this.record(name, clients.map(({ value }) => value), from);
    return clients.map((client) => this.#givenClient(client));
  }

  text(name: "host" | "python"): string | undefined {
    return this.#select(name, this.#overrides[name], this.#file?.settings.get(name)).value;
  }

  textOr(name: "host", fallback: string): string {
    const { value, from } = this.#select(
      name,
      this.#overrides[name],
      this.#file?.settings.get(name),
    );
    if (value !== undefined && (!/^[^\s/@?#[\]]+$/.test(value) || /^[^:]+:\d*$/.test(value))) {
      throw notAHost(this.#nameOf(name, from), value);
    }
    if (value === undefined) this.record(name, fallback, "default");
    return value ?? fallback;
  }

  path(name: "snapshot"): string | undefined {
    const inFile = this.#file?.settings.get(name);
    const { value, from } = this.#select(name, this.#overrides[name], inFile);
    if (value === undefined) return undefined;
    return resolve(from === "file" ? this.folder : this.#sources.cwd, value);
  }

  number(name: "port" | "debounce", fallback: number, limit: number): number {
    const flag = this.#overrides[name];
    const { value: text, from } = this.#select(
      name,
      flag === undefined ? undefined : String(flag),
      this.#file?.settings.get(name),
    );
    if (text === undefined) {
      this.record(name, fallback, "default");
      return fallback;
    }
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > limit) {
      throw notANumber(this.#nameOf(name, from), limit, text);
    }
    return value;
  }

  corsOrigins(): readonly string[] {
    const inFile = this.#file?.corsOrigins ?? [];
    const flag = this.#overrides.corsOrigins ?? [];
    const origins = [...flag, ...inFile.map(({ value }) => value)];
    const from = [
      ...(flag.length === 0 ? [] : ["flag --cors-origin"]),
      ...inFile.slice(0, 1).map(({ position }) => `${PROJECT_FILE}:${position.line}`),
    ];
    if (origins.length === 0) this.record("cors_origins", undefined, "not set");
    else this.record("cors_origins", origins, from.join(", "));
    return origins;
  }

  #select(
    name: SettingName,
    flag: string | undefined,
    inFile: Placed<string> | undefined,
  ): Setting<string> {
    const variable = this.#variable(name);
    if (flag !== undefined) {
      this.record(name, flag, `flag ${SETTING_FLAGS[name]}`);
      return { value: flag, from: "flag" };
    }
    if (variable !== undefined) {
      this.record(name, variable, `environment ${SETTING_VARIABLES[name]}`);
      return { value: variable, from: "environment" };
    }
    if (inFile !== undefined) {
      this.record(name, inFile.value, `${PROJECT_FILE}:${inFile.position.line}`);
      return { value: inFile.value, from: "file" };
    }
    this.record(name, undefined, "not set");
    return { value: undefined, from: undefined };
  }

  // Shells and CI systems use an empty variable for "not set".
  #variable(name: SettingName): string | undefined {
    const value = this.#sources.env[SETTING_VARIABLES[name]];
    return value?.trim() === "" ? undefined : value;
  }

  #givenRoots(paths: readonly string[], from: string): GivenRoot[] {
    this.record("client_root", paths, from);
    // A client that the file names as well keeps its target and its procedures.
    const named = this.#file?.clients?.map((client) => this.#givenClient(client)) ?? [];
    return paths.map((path) => {
      const root = resolve(this.#sources.cwd, path);
      const { target, selection = this.#narrow(ALL_PROCEDURES) } = named.find((each) =>
        each.root === root
      ) ?? {};
      const written = isAbsolute(path) ? sharedPath(path) : writtenPath(this.folder, root);
      return { written, root, target, selection };
    });
  }

  // The file's patterns apply to all clients, those of the command line to this run.
  #narrow(selection: Selection): Selection | undefined {
    const { include = [], exclude = [] } = this.#overrides;
    const inFile = narrowSelection(this.#file?.selection ?? ALL_PROCEDURES, selection);
    const narrowed = narrowSelection(inFile, { include, exclude });
    return narrowed.include.length + narrowed.exclude.length === 0 ? undefined : narrowed;
  }

  #givenClient({ value, position, target, selection }: PlacedClient): GivenRoot {
    return {
      written: value,
      root: resolve(this.folder, value),
      position,
      target,
      selection: this.#narrow(selection),
    };
  }

  #nameOf(name: SettingName, from: Setting<unknown>["from"]): string {
    return from === "environment" ? SETTING_VARIABLES[name] : SETTING_FLAGS[name];
  }
}
