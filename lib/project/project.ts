import { stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { type SourcePosition, usageError } from "../errors.ts";
import { clientRootNotFound, configWrongValue } from "./errors.ts";
import { findUpwards } from "./find_file.ts";
import {
  type AllowedFinding,
  type Distribution,
  DISTRIBUTIONS,
  entryOfPath,
  type Framework,
  FRAMEWORKS,
  isEntrypoint,
  PROJECT_FILE,
  type ProjectFile,
  type ProjectFormat,
  readProjectFile,
} from "./project_file.ts";

/** Values from the command line; each wins over environment and file. */
export interface ProjectOverrides {
  readonly framework?: string | undefined;
  readonly entry?: string | undefined;
  /** Relative to the working directory, as everything on a command line. */
  readonly clientRoot?: readonly string[] | undefined;
  readonly distribution?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly debounce?: number | undefined;
  readonly python?: string | undefined;
  readonly snapshot?: string | undefined;
  readonly corsOrigins?: readonly string[] | undefined;
}

/** One effective value and where it comes from, for `pyrpc config`. */
export interface EffectiveValue {
  readonly name: string;
  /** undefined: not set. */
  readonly value: string | readonly string[] | number | undefined;
  /** `flag --entry`, `environment PYRPC_ENTRY`, `pyrpc.json:4`, `default`, `not set`. */
  readonly from: string;
}

/** One client project of workspace distribution. */
export interface ClientRoot {
  /** As it was written. */
  readonly given: string;
  /** Absolute path. */
  readonly root: string;
}

/** The backend's configuration with everything decided and every path absolute. */
export interface ProjectConfig {
  /** The file, or undefined where a module was given and there is none. */
  readonly path: string | undefined;
  /** The project's folder: that of the file, else the working directory. Python runs here. */
  readonly folder: string;
  readonly format: ProjectFormat;
  readonly framework: Framework;
  /** `module` or `module:app`, as given. */
  readonly entrypoint: string;
  /** The module that registers the procedures. */
  readonly module: string;
  /** The application object's name where the entry has one. */
  readonly application: string | undefined;
  readonly distribution: Distribution;
  /** `package`: `node_modules/@pyrpc/types`; `alias`: `__pyrpc.ts` and a path in tsconfig.json (later formats). */
  readonly layout: "package" | "alias";
  /** Empty in server distribution. */
  readonly clients: readonly ClientRoot[];
  readonly host: string;
  readonly port: number;
  /** Milliseconds. */
  readonly debounce: number;
  /** The interpreter that was asked for; undefined: look for one. */
  readonly python: string | undefined;
  /** Absolute path of the contract's snapshot, where one is kept. */
  readonly snapshot: string | undefined;
  /** Origins whose pages may call what `pyrpc dev` answers itself; `*` for all. */
  readonly corsOrigins: readonly string[];
  readonly allow: readonly AllowedFinding[];
  readonly values: readonly EffectiveValue[];
  /** What is odd without being an error, each one sentence. */
  readonly notices: readonly string[];
}

/** A question that the wizard asks. */
export type SetupQuestion = "framework" | "entry" | "distribution" | "client_root";

/** What is known so far, for the wizard's defaults. */
export interface SetupAnswers {
  readonly framework?: Framework;
  readonly entry?: string;
  readonly distribution?: Distribution;
  /** As they are or would be written: relative to the file's folder. */
  readonly clientRoot?: readonly string[];
}

/** Either everything is decided, or questions are open. */
export type ProjectState =
  | { readonly kind: "ready"; readonly project: ProjectConfig }
  | {
    readonly kind: "incomplete";
    /** In the order of the wizard. */
    readonly missing: readonly SetupQuestion[];
    readonly answers: SetupAnswers;
    /** The file that exists, or undefined. */
    readonly file: ProjectFile | undefined;
    readonly folder: string;
    readonly values: readonly EffectiveValue[];
  };

/** Where to look and what to know for {@link loadProject}. */
export interface LoadProjectOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly overrides?: ProjectOverrides;
  /** A module given as argument: no file is needed, and none is changed. */
  readonly module?: string | undefined;
  /** This file instead of the one found upwards. */
  readonly path?: string | undefined;
}

/**
 * Finds, reads and resolves the backend's configuration: flag over environment over file over default.
 *
 * @throws ToolError for a file that cannot be used, a value that cannot be, and a client folder that is not there.
 */
export async function loadProject(options: LoadProjectOptions): Promise<ProjectState> {
  const path = options.path ?? await findUpwards(options.cwd, PROJECT_FILE);
  const file = path === undefined ? undefined : await readProjectFile(path);
  return await resolveProject(file, options);
}

/** {@link loadProject} for a file that was read (or for none). */
export async function resolveProject(
  file: ProjectFile | undefined,
  options: LoadProjectOptions,
): Promise<ProjectState> {
  const folder = file === undefined ? resolve(options.cwd) : dirname(file.file.path);
  const pick = picker(file, options);
  const format = file?.format ?? "own";
  const later = format !== "own";

  const framework = pick.oneOf("framework", FRAMEWORKS);
  const entry = pick.entry();
  const distribution = pick.oneOf("distribution", DISTRIBUTIONS);
  const clientRoots = pick.clientRoots();
  // The later formats know workspace distribution only, and their flat kind does not name the adapter.
  if (later && distribution.value === undefined) pick.settle("distribution", "workspace", "format");
  const decided = distribution.value ?? (later ? "workspace" : undefined);
  const adapter = framework.value ??
    (later || options.module !== undefined ? "fastapi" : undefined);
  if (framework.value === undefined && adapter !== undefined) {
    pick.settle("framework", adapter, "default");
  }

  const missing: SetupQuestion[] = [];
  if (adapter === undefined) missing.push("framework");
  if (entry.value === undefined) missing.push("entry");
  if (decided === undefined) missing.push("distribution");
  const noClient = clientRoots.value === undefined || clientRoots.value.length === 0;
  if (decided === "workspace" && noClient && !later) missing.push("client_root");
  if (missing.length > 0 || adapter === undefined || entry.value === undefined || !decided) {
    if (later && file !== undefined && entry.value === undefined) {
      throw configWrongValue({
        path: file.file.path,
        field: format === "flat" ? "module" : "backend.entrypoint",
        expected: "the Python module to scan",
        found: "nothing",
        fix: "Add it, or name a module on the command line, or convert the file with --reconfigure",
      });
    }
    return {
      kind: "incomplete",
      missing,
      file,
      folder,
      values: pick.values(),
      answers: {
        ...(framework.value === undefined ? {} : { framework: framework.value }),
        ...(entry.value === undefined ? {} : { entry: entry.value }),
        ...(distribution.value === undefined ? {} : { distribution: distribution.value }),
        ...(clientRoots.value === undefined
          ? {}
          : { clientRoot: clientRoots.value.map(({ written }) => written) }),
      },
    };
  }

  const notices: string[] = [];
  const clients: ClientRoot[] = [];
  if (decided === "server") {
    if (!noClient) {
      notices.push(
        `client_root is ignored: with server distribution no client file is ever touched`,
      );
    }
  } else {
    for (const client of clientRoots.value ?? []) {
      clients.push(await existingRoot(client, file, later ? options.cwd : undefined));
    }
    if (clients.length === 0) notices.push(`No client is configured: no types are written`);
  }

  const [entryModule = "", application] = entry.value.split(":");
  return {
    kind: "ready",
    project: {
      path: file?.file.path,
      folder,
      format,
      framework: adapter,
      entrypoint: entry.value,
      module: options.module === undefined && entry.from === "file"
        ? (file?.typesModule?.value.split(":")[0] ?? entryModule)
        : entryModule,
      application,
      distribution: decided,
      layout: later ? "alias" : "package",
      clients,
      host: pick.text("host", "127.0.0.1") ?? "127.0.0.1",
      port: pick.number("port", 8000, 65_535),
      debounce: pick.number("debounce", 300, 3_600_000),
      python: pick.text("python", undefined),
      snapshot: pick.path("snapshot"),
      corsOrigins: pick.corsOrigins(),
      allow: file?.allow ?? [],
      values: pick.values(),
      notices,
    },
  };
}

/** The path as it is written into a file in `folder`: relative, with forward slashes. */
export function writtenPath(folder: string, path: string): string {
  const shown = relative(folder, path).replaceAll("\\", "/");
  if (shown === "") return ".";
  // On Windows there is no relative path to another drive.
  return isAbsolute(shown) ? shown : shown.startsWith(".") ? shown : `./${shown}`;
}

interface GivenRoot {
  readonly written: string;
  readonly root: string;
  readonly position?: SourcePosition;
}

async function existingRoot(
  { written, root, position }: GivenRoot,
  file: ProjectFile | undefined,
  alsoFrom: string | undefined,
): Promise<ClientRoot> {
  const candidates = [root];
  // The later formats mean the working directory (0.13 and later use it), people mean the file's folder.
  if (alsoFrom !== undefined) candidates.push(resolve(alsoFrom, written));
  let reason: "missing" | "file" = "missing";
  for (const candidate of candidates) {
    const info = await stat(candidate).catch(() => undefined);
    if (info?.isDirectory()) return { given: written, root: candidate };
    if (info !== undefined) reason = "file";
  }
  throw clientRootNotFound({
    given: written,
    resolved: root,
    reason,
    where: position === undefined ? undefined : file?.file.path,
    position,
  });
}

interface Picked<T> {
  readonly value: T | undefined;
  readonly from: "flag" | "environment" | "file" | undefined;
}

const FLAGS: Readonly<Record<string, string>> = {
  framework: "--framework",
  entrypoint: "--entry",
  distribution: "--distribution",
  client_root: "--client-root",
  host: "--host",
  port: "--port",
  debounce: "--debounce",
  python: "--python",
  snapshot: "--snapshot",
};

const VARIABLES: Readonly<Record<string, string>> = {
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

// Applies the precedence to each value and remembers where it came from.
function picker(file: ProjectFile | undefined, options: LoadProjectOptions) {
  const { env, overrides = {} } = options;
  const values: EffectiveValue[] = [];
  const fileName = file === undefined ? "" : PROJECT_FILE;
  const fromEnv = (name: string) => {
    const variable = VARIABLES[name];
    const value = variable === undefined ? undefined : env[variable];
    // An empty variable is how shells and CI systems say "not set".
    return value === undefined || value.trim() === "" ? undefined : value;
  };
  const note = (name: string, value: EffectiveValue["value"], from: string) => {
    const at = values.findIndex((other) => other.name === name);
    if (at >= 0) values.splice(at, 1, { name, value, from });
    else values.push({ name, value, from });
  };
  const select = (
    name: string,
    flag: string | undefined,
    placed: { readonly value: string; readonly position: SourcePosition } | undefined,
  ): Picked<string> => {
    const variable = fromEnv(name);
    if (flag !== undefined) {
      note(name, flag, `flag ${FLAGS[name]}`);
      return { value: flag, from: "flag" };
    }
    if (variable !== undefined) {
      note(name, variable, `environment ${VARIABLES[name]}`);
      return { value: variable, from: "environment" };
    }
    if (placed !== undefined) {
      note(name, placed.value, `${fileName}:${placed.position.line}`);
      return { value: placed.value, from: "file" };
    }
    note(name, undefined, "not set");
    return { value: undefined, from: undefined };
  };
  const named = (name: string, from: Picked<unknown>["from"]) =>
    from === "environment" ? `${VARIABLES[name]}` : `${FLAGS[name]}`;

  return {
    values: () => values,
    settle: (name: string, value: string, from: string) => note(name, value, from),
    oneOf<const T extends string>(
      name: "framework" | "distribution",
      allowed: readonly T[],
    ): Picked<T> {
      const picked = select(name, overrides[name], file?.[name]);
      if (picked.value === undefined) return { value: undefined, from: undefined };
      const value = allowed.find((value) => value === picked.value);
      if (value === undefined) {
        throw usageError(
          `${named(name, picked.from)} must be one of ${
            allowed.join(", ")
          }, found "${picked.value}"`,
          picked.value === "django"
            ? "Start the server yourself and take the types from it: pyrpc codegen URL, or pyrpc sync"
            : undefined,
        );
      }
      return { value, from: picked.from };
    },
    entry(): Picked<string> {
      if (options.module !== undefined) {
        checkEntry(options.module, "The module");
        note("entrypoint", options.module, "argument");
        return { value: options.module, from: "flag" };
      }
      const picked = select("entrypoint", overrides.entry, file?.entrypoint);
      if (picked.value !== undefined && picked.from !== "file") {
        checkEntry(picked.value, named("entrypoint", picked.from));
      }
      return picked;
    },
    clientRoots(): { value: GivenRoot[] | undefined } {
      const name = "client_root";
      const folder = file === undefined ? resolve(options.cwd) : dirname(file.file.path);
      const given = (paths: readonly string[], from: string): { value: GivenRoot[] } => {
        note(name, paths, from);
        return {
          value: paths.map((path) => {
            const root = resolve(options.cwd, path);
            return { written: isAbsolute(path) ? path : writtenPath(folder, root), root };
          }),
        };
      };
      const variable = fromEnv(name);
      if (overrides.clientRoot !== undefined && overrides.clientRoot.length > 0) {
        return given(overrides.clientRoot, `flag ${FLAGS[name]}`);
      }
      if (variable !== undefined) {
        return given(
          variable.split(",").map((path) => path.trim()),
          `environment ${VARIABLES[name]}`,
        );
      }
      if (file?.clients === undefined) {
        note(name, undefined, "not set");
        return { value: undefined };
      }
      const line = file.clients[0]?.position.line;
      const written = file.clients.map(({ value }) => value);
      note(name, written, line === undefined ? fileName : `${fileName}:${line}`);
      return {
        value: file.clients.map(({ value, position }) => ({
          written: value,
          root: resolve(folder, value),
          position,
        })),
      };
    },
    text(name: "host" | "python", fallback: string | undefined): string | undefined {
      const picked = select(name, overrides[name], file?.settings.get(name));
      if (picked.value === undefined && fallback !== undefined) note(name, fallback, "default");
      return picked.value ?? fallback;
    },
    path(name: "snapshot"): string | undefined {
      const picked = select(name, overrides[name], file?.settings.get(name));
      if (picked.value === undefined) return undefined;
      const base = picked.from === "file" && file ? dirname(file.file.path) : options.cwd;
      return resolve(base, picked.value);
    },
    corsOrigins(): readonly string[] {
      const inFile = file?.corsOrigins ?? [];
      const flag = overrides.corsOrigins ?? [];
      const origins = [...flag, ...inFile.map(({ value }) => value)];
      const from = [
        ...(flag.length === 0 ? [] : ["flag --cors-origin"]),
        ...inFile.slice(0, 1).map(({ position }) => `${fileName}:${position.line}`),
      ];
      if (origins.length === 0) note("cors_origins", undefined, "not set");
      else note("cors_origins", origins, from.join(", "));
      return origins;
    },
    number(name: "port" | "debounce", fallback: number, limit: number): number {
      const flag = overrides[name];
      const picked = select(
        name,
        flag === undefined ? undefined : String(flag),
        file?.settings.get(name),
      );
      if (picked.value === undefined) {
        note(name, fallback, "default");
        return fallback;
      }
      const value = Number(picked.value);
      if (!/^\d+$/.test(picked.value) || value > limit) {
        throw usageError(
          `${
            named(name, picked.from)
          } must be a whole number from 0 to ${limit}, found "${picked.value}"`,
        );
      }
      return value;
    },
  };
}

function checkEntry(text: string, what: string): void {
  if (isEntrypoint(text)) return;
  throw usageError(
    `${what} must be a Python module such as app.main or app.main:app, found "${text}"`,
    /\.py$|[/\\]/.test(text) ? `Write the module, not its file: ${entryOfPath(text)}` : undefined,
  );
}
