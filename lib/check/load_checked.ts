import {
  type ClientConfig,
  findBelow,
  findClientConfig,
  findUpwards,
  loadProject,
  PROJECT_FILE,
  type ProjectConfig,
  serverUrlOfEnvironment,
} from "../project/mod.ts";
import {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
} from "../source/mod.ts";
import { nothingToCheck } from "./errors.ts";

/** The configurations that apply to a folder. */
export interface CheckedProject {
  readonly project: ProjectConfig | undefined;
  readonly client: ClientConfig | undefined;
}

/** Reads the configurations that apply to the working directory. */
export async function findCheckedProject(
  { cwd, env }: Pick<LoadContext, "cwd" | "env">,
): Promise<CheckedProject> {
  const path = await findUpwards(cwd, PROJECT_FILE);
  const state = path === undefined ? undefined : await loadProject({ cwd, env, path });
  return {
    project: state?.kind === "ready" ? state.project : undefined,
    client: await findClientConfig(cwd),
  };
}

/** Loads the contract to check: the given source, else the entry, else the first server, else the snapshot. */
export async function loadChecked(
  { project, client }: CheckedProject,
  { source, snapshot }: {
    readonly source: string | undefined;
    readonly snapshot: string | undefined;
  },
  options: LoadOptions,
  context: LoadContext,
): Promise<LoadedSource> {
  if (source !== undefined) return await loadSource(source, options, context);
  if (project !== undefined) {
    const { entrypoint, module, folder, framework } = project;
    const python = options.python ?? project.python;
    const entry = entrypoint.split(":")[0] === module ? entrypoint : module;
    // The entry is relative to the folder of the project.
    const inFolder = { cwd: folder, env: context.env, stdin: context.stdin };
    return await loadSource(entry, { ...options, python, framework }, inFolder);
  }
  const known = serverUrlOfEnvironment(context.env) ?? client?.servers[0]?.url ?? snapshot;
  if (known === undefined) throw nothingToCheck(await findBelow(context.cwd, PROJECT_FILE));
  return await loadSource(known, options, context);
}
