import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type Target, targetsOfClient, targetsOfProject } from "../delivery/mod.ts";
import { type ClientConfig, findClientConfig, type ProjectConfig } from "../project/mod.ts";
import type { BreakageClient } from "./broken_lines.ts";
import { noClientsConfigured, notAClientFolder } from "./errors.ts";

/** The clients that a command line names. */
export interface ClientFolders {
  /** Paths of `--client-root`, relative to the working folder. */
  readonly roots: readonly string[];
  /** True for the configured clients as well. */
  readonly configured: boolean;
}

/** Returns true if a command line names clients to compile. */
export function asksForClients({ roots, configured }: ClientFolders): boolean {
  return roots.length > 0 || configured;
}

/**
 * Finds the folders of the clients and the targets of their types.
 *
 * @throws ToolError for a folder that does not exist, and if no client is configured
 */
export async function findBreakageClients(
  { roots, configured }: ClientFolders,
  { project, client }: {
    readonly project: ProjectConfig | undefined;
    readonly client: ClientConfig | undefined;
  },
  cwd: string,
): Promise<BreakageClient[]> {
  const folders = roots.map((given) => {
    const root = resolve(cwd, given);
    if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) throw notAClientFolder(given);
    return root;
  });
  if (configured) {
    const known = [
      ...(project?.clients ?? []).map(({ root }) => root),
      ...(client?.distribution === "server" ? [client.folder] : []),
    ];
    if (known.length === 0) throw noClientsConfigured();
    folders.push(...known);
  }
  const targets = project === undefined ? [] : targetsOfProject(project);
  return await Promise.all([...new Set(folders)].map(async (root) => ({
    root,
    targets: await targetsIn(root, targets),
  })));
}

// Those of both configurations, else the default one.
async function targetsIn(root: string, ofProject: readonly Target[]): Promise<readonly Target[]> {
  const config = await findClientConfig(root);
  const found = [
    ...ofProject.filter(({ start }) => resolve(start) === root),
    ...(config?.folder === root ? targetsOfClient(config) : []),
  ];
  return found.length > 0 ? found : [{ writer: "codegen", start: root, isClient: true }];
}
