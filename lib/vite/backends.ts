import { realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { targetsOfProject } from "../delivery/mod.ts";
import { isInside } from "../is_inside.ts";
import {
  findBelow,
  findClientConfig,
  findUpwards,
  loadProject,
  PROJECT_FILE,
  type ProjectConfig,
  serverUrlOfEnvironment,
} from "../project/mod.ts";
import type { LoadContext } from "../source/mod.ts";
import { findSyncJobs, type SyncJob } from "../sync/mod.ts";
import { isServerUrl, rpcUrl } from "../rpc_url.ts";
import { noBackend } from "./errors.ts";

/** The backends of a frontend: where their contracts are, and the targets of their types. */
export interface Backends {
  readonly jobs: readonly SyncJob[];
  /** False with workspace distribution: `pyrpc dev` of the backend writes the types. */
  readonly writes: boolean;
  /** Sentences to print at the start. */
  readonly notes: readonly string[];
  /** The folder in which a snapshot of the contract is searched. */
  readonly folder: string;
}

/** Finds the backends of a frontend. @throws Error if no configuration names one */
export async function findBackends(
  source: string | undefined,
  context: Pick<LoadContext, "cwd" | "env">,
): Promise<Backends> {
  const { cwd, env } = context;
  const isNamed = source !== undefined || serverUrlOfEnvironment(env) !== undefined;
  const config = isNamed ? undefined : await findClientConfig(cwd);
  if (!isNamed && config?.distribution !== "server") {
    const project = await findWorkspaceProject(cwd, env);
    if (project !== undefined || config !== undefined) {
      return await workspaceBackends(config?.servers[0]?.url, project, cwd);
    }
  }
  const found = await findSyncJobs({
    cwd,
    env,
    source,
    hasTarget: false,
    setUp: () => Promise.reject(noBackend(cwd)),
  });
  if (found.kind === "workspace") return await workspaceBackends(undefined, undefined, cwd);
  return { jobs: found.jobs, writes: true, notes: found.notes, folder: cwd };
}

/** The address of the only backend that has one. */
export function addressOf({ jobs }: Backends): URL | undefined {
  const [only, ...others] = jobs.filter(({ source }) => isServerUrl(source));
  return only === undefined || others.length > 0 ? undefined : rpcUrl(only.source).url;
}

async function workspaceBackends(
  url: string | undefined,
  project: ProjectConfig | undefined,
  cwd: string,
): Promise<Backends> {
  const targets = project === undefined ? [] : targetsOfProject(project);
  const root = await sameFolder(cwd);
  const areOwn = await Promise.all(targets.map(({ start }) => contains(start, root)));
  const target = targets[areOwn.indexOf(true)];
  const source = url ?? target?.origin?.urls[0];
  const folder = project?.folder ?? cwd;
  if (source === undefined) {
    const note = `No address of the backend was found: add "server_url" to pyrpc-client.json`;
    return { jobs: [], writes: false, notes: [note], folder };
  }
  const job = {
    source,
    snapshot: undefined,
    name: undefined,
    target: target ?? { writer: "dev", start: cwd, isClient: true } as const,
  };
  return { jobs: [job], writes: false, notes: [], folder };
}

/**
 * The project that writes types to this client: in a folder above it, or directly below one.
 *
 * @throws ToolError if none is found, and the file of a project there is wrong
 */
async function findWorkspaceProject(
  cwd: string,
  env: LoadContext["env"],
): Promise<ProjectConfig | undefined> {
  const root = await sameFolder(cwd);
  const repository = await findUpwards(cwd, join(".git", "HEAD"));
  const last = repository === undefined ? dirname(root) : dirname(dirname(repository));
  let wrong: unknown;
  for (let folder = root;; folder = dirname(folder)) {
    const below = await findBelow(folder, PROJECT_FILE);
    for (const name of ["", ...below]) {
      const project = await projectIn(join(folder, name), env)
        .catch((error: unknown) => void (wrong ??= error));
      if (project === undefined) continue;
      const areOwn = await Promise.all(
        project.clients.map((client) => contains(client.root, root)),
      );
      if (areOwn.includes(true)) return project;
    }
    if (folder === last || folder === dirname(folder)) break;
  }
  if (wrong !== undefined) throw wrong;
  return undefined;
}

async function projectIn(
  folder: string,
  env: LoadContext["env"],
): Promise<ProjectConfig | undefined> {
  const path = join(folder, PROJECT_FILE);
  if (await findUpwards(folder, PROJECT_FILE) !== path) return undefined;
  const state = await loadProject({ cwd: folder, env, path });
  return state.kind === "ready" && state.project.distribution === "workspace"
    ? state.project
    : undefined;
}

// Vite's root may be a folder inside the client, such as `app/` of Nuxt.
async function contains(client: string, root: string): Promise<boolean> {
  return isInside(root, await sameFolder(client));
}

async function sameFolder(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}
