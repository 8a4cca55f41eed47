import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError } from "../errors.ts";
import { findBackendOfClient, loadProject } from "../project/mod.ts";
import { type InspectedTarget, inspectTarget } from "./inspect_target.ts";
import { type Target, targetsOfProject } from "./targets.ts";

/** The types that a backend writes into a client with workspace distribution. */
export interface WorkspaceTypes {
  /** The `pyrpc.json` that names the client; undefined if none does. */
  readonly backend: string | undefined;
  readonly state: InspectedTarget;
}

/** Inspects the types of a client with workspace distribution, as far as that is possible without its backend. */
export async function inspectWorkspaceTypes(client: string): Promise<WorkspaceTypes> {
  const backend = await findBackendOfClient(client);
  const target = backend === undefined ? undefined : await targetIn(backend, client);
  const usual: Target = { writer: "dev", start: client, isClient: true };
  return { backend, state: inspectTarget(target ?? usual, undefined) };
}

async function targetIn(backend: string, client: string): Promise<Target | undefined> {
  try {
    const project = await loadProject({ cwd: dirname(backend), env: {}, path: backend });
    if (project.kind !== "ready") return undefined;
    const wanted = realpathSync(client);
    return targetsOfProject(project.project).find(({ start }) => realpathSync(start) === wanted);
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}
