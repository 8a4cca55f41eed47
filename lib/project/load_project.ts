import { basename, dirname, resolve } from "node:path";
import { defined } from "../defined.ts";
import { type ClientRoot, findClientRoot, type GivenRoot } from "./client_roots.ts";
import { isPythonFile, splitEntrypoint } from "./entrypoint.ts";
import { entryMissing } from "./errors.ts";
import { findUpwards } from "./find_file.ts";
import {
  missingAnswers,
  type ProjectConfig,
  type ProjectState,
  type SetupAnswers,
} from "./project.ts";
import {
  type Distribution,
  DISTRIBUTIONS,
  FRAMEWORKS,
  PROJECT_FILE,
  type ProjectFile,
  readProjectFile,
} from "./project_file.ts";
import { ProjectSettings, type SettingSources } from "./project_settings.ts";

/** Options of {@link loadProject}. A given module needs no file, and no file is changed for it. */
export interface LoadProjectOptions extends SettingSources {
  /** Read this file instead of searching upwards. */
  readonly path?: string | undefined;
}

/**
 * Finds, reads and resolves the configuration of a backend. Flags take precedence over environment, file and defaults.
 *
 * @throws ToolError for an unusable file, an invalid value, or a client folder that does not exist
 */
export async function loadProject(options: LoadProjectOptions): Promise<ProjectState> {
  const path = options.path ?? await findUpwards(options.cwd, PROJECT_FILE);
  const file = path === undefined ? undefined : await readProjectFile(path);
  return await resolveProject(file, options);
}

/** Like {@link loadProject}, for a file that was already read, or for none. */
export async function resolveProject(
  file: ProjectFile | undefined,
  options: LoadProjectOptions,
): Promise<ProjectState> {
  const settings = new ProjectSettings(file, options);
  const framework = settings.oneOf("framework", FRAMEWORKS).value;
  const entry = settings.entry(framework);
  const distribution = settings.oneOf("distribution", DISTRIBUTIONS).value;
  const clientRoots = settings.clientRoots();
  const clientRoot = clientRoots?.map(({ written }) => written);
  const answers = defined({ framework, entry: entry.value, distribution, clientRoot });
  if (file !== undefined && isLater(file) && entry.value === undefined) {
    throw entryMissing(file.file.path, file.format === "legacy" ? "module" : "backend.entrypoint");
  }
  const complete = withDefaults(answers, settings, file, options.module);
  // A file of a later format may have no client: no types are written then.
  const missing = missingAnswers(complete).filter((question) =>
    question !== "client_root" || !isLater(file)
  );
  if (missing.length > 0 || !isDecided(complete)) {
    const { folder, values } = settings;
    return { kind: "incomplete", missing, file, folder, values, answers };
  }
  const isModuleOfFile = options.module === undefined && entry.from === "file";
  const project = await completeProject(complete, settings, {
    file,
    clientRoots: clientRoots ?? [],
    cwd: options.cwd,
    entryBase: entry.from === "file" ? settings.folder : options.cwd,
    module: isModuleOfFile ? file?.typesModule?.value : undefined,
  });
  return { kind: "ready", project };
}

type Decided = SetupAnswers & Required<Pick<SetupAnswers, "framework" | "entry" | "distribution">>;

function isDecided(answers: SetupAnswers): answers is Decided {
  const { framework, entry, distribution } = answers;
  return framework !== undefined && entry !== undefined && distribution !== undefined;
}

function isLater(file: ProjectFile | undefined): boolean {
  return file !== undefined && file.format !== "v1";
}

// The later formats have workspace distribution only, and may not name the adapter.
function withDefaults(
  answers: SetupAnswers,
  settings: ProjectSettings,
  file: ProjectFile | undefined,
  module: string | undefined,
): SetupAnswers {
  const defaults: SetupAnswers = {
    ...(isLater(file) || module !== undefined ? { framework: "fastapi" } : {}),
    ...(isLater(file) ? { distribution: "workspace" } : {}),
  };
  for (const [name, from] of [["framework", "default"], ["distribution", "format"]] as const) {
    if (answers[name] === undefined && defaults[name] !== undefined) {
      settings.record(name, defaults[name], from);
    }
  }
  return { ...defaults, ...answers };
}

async function completeProject(
  { framework, entry, distribution }: Decided,
  settings: ProjectSettings,
  { file, clientRoots, cwd, entryBase, module }: {
    readonly file: ProjectFile | undefined;
    readonly clientRoots: readonly GivenRoot[];
    readonly cwd: string;
    /** The folder that the path of manage.py is relative to. */
    readonly entryBase: string;
    /** The module that registers the procedures, if it is not that of the entry. */
    readonly module: string | undefined;
  },
): Promise<ProjectConfig> {
  const clients: ClientRoot[] = [];
  if (distribution === "workspace") {
    // pyRPC 0.13 resolves paths from the working directory, although users mean the file's folder.
    const fallbackBase = isLater(file) ? cwd : undefined;
    for (const root of clientRoots) {
      clients.push(await findClientRoot(root, file?.file.path, fallbackBase));
    }
  }
  const { folder, entrypoint } = framework === "django" && isPythonFile(entry)
    ? locateManage(resolve(entryBase, entry))
    : { folder: settings.folder, entrypoint: entry };
  const { module: entryModule, application } = splitEntrypoint(entrypoint);
  return {
    path: file?.file.path,
    folder,
    format: file?.format ?? "v1",
    framework,
    entrypoint,
    module: module === undefined ? entryModule : splitEntrypoint(module).module,
    application,
    distribution,
    layout: isLater(file) ? "alias" : "package",
    clients,
    host: settings.textOr("host", "127.0.0.1"),
    port: settings.number("port", 8000, 65_535),
    debounce: settings.number("debounce", 300, 3_600_000),
    python: settings.text("python"),
    snapshot: settings.path("snapshot"),
    corsOrigins: settings.corsOrigins(),
    allow: file?.allow ?? [],
    values: settings.values,
    warnings: clientWarnings(distribution, clientRoots.length),
  };
}

// Django runs in the folder of manage.py, which may be below that of the configuration.
function locateManage(path: string): { folder: string; entrypoint: string } {
  return { folder: dirname(path), entrypoint: basename(path, ".py") };
}

function clientWarnings(distribution: Distribution, clients: number): string[] {
  if (distribution === "server") {
    return clients === 0
      ? []
      : ['client_root in pyrpc.json is not used with "distribution": "server"'];
  }
  return clients === 0 ? ["No client is configured: no types are written"] : [];
}
