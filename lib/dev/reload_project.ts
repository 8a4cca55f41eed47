import {
  loadProject,
  type ProjectConfig,
  type ProjectOverrides,
  type ProjectState,
} from "../project/mod.ts";

/** Options of {@link reloadProject}. */
export interface ReloadProjectOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A module given as argument, instead of a file. */
  readonly module: string | undefined;
  /** The configuration as it was read at the start. */
  readonly configured: ProjectConfig;
  /** The configuration at the start, with the port that was chosen. */
  readonly started: ProjectConfig;
  /** Flags that the configuration file does not store. */
  readonly overrides: ProjectOverrides;
  /** Flags that the setup stores in the file; a later edit of the file overrides them. */
  readonly stored: ProjectOverrides;
}

/** Reads the configuration of a running session again. */
export async function reloadProject(
  { cwd, env, module, configured, started, overrides, stored }: ReloadProjectOptions,
): Promise<ProjectState> {
  const { path, format } = configured;
  const isStored = format === "v1" && module === undefined;
  const state = await loadProject({
    cwd,
    env,
    path,
    module,
    overrides: { ...overrides, ...(isStored ? {} : stored) },
  });
  if (state.kind !== "ready" || state.project.port !== configured.port) return state;
  // A port that was chosen in place of the configured one stays as long as that one does not change.
  return { ...state, project: { ...state.project, port: started.port } };
}
