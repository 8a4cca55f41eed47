import { resolve } from "node:path";
import { ALL_PROCEDURES } from "../contract/mod.ts";
import {
  type ClientConfig,
  type ClientServer,
  findClientConfig,
  findWorkspaceClient,
  SERVER_URL_VARIABLE,
  serverUrlOfEnvironment,
} from "../project/mod.ts";
import { type Target, targetOfServer } from "../delivery/mod.ts";
import {
  noClientConfig,
  noSuchServer,
  oneTargetForServers,
  snapshotOfOneServer,
} from "./errors.ts";

/** One contract to fetch, and its target. */
export interface SyncJob {
  readonly source: string;
  /** The snapshot that is used instead of the server, as it was given. */
  readonly snapshot: string | undefined;
  /** The server's name in `pyrpc-client.json`. */
  readonly name: string | undefined;
  readonly target: Target;
}

/** The part of the command line and the environment that decides the jobs. */
export interface SyncRequest {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A source that was named: no file is needed. */
  readonly source?: string | undefined;
  /** A snapshot that was named. */
  readonly snapshot?: string | undefined;
  /** Only the server of this name. */
  readonly server?: string | undefined;
  /** True if flags name the target. */
  readonly hasTarget: boolean;
  /** Sets the client up where it has no `pyrpc-client.json`. */
  readonly setUp: () => Promise<ClientConfig | undefined>;
}

/** The jobs of a run, or the reason for none: the backend writes the types. */
export type SyncJobs =
  | { readonly kind: "workspace"; readonly folder: string }
  | { readonly kind: "jobs"; readonly jobs: readonly SyncJob[]; readonly notes: readonly string[] };

/** Finds what a sync has to do. @throws ToolError where that is not clear */
export async function findSyncJobs(request: SyncRequest): Promise<SyncJobs> {
  const { cwd, source, snapshot } = request;
  if (source !== undefined || snapshot !== undefined) {
    // A file that is broken or has another distribution must not be in the way of a source that was named.
    const config = await findClientConfig(cwd).catch(() => undefined);
    return { kind: "jobs", jobs: [namedJob(request, config)], notes: [] };
  }
  const url = serverUrlOfEnvironment(request.env);
  const config = await findClientConfig(cwd, { serverUrl: url }) ??
    (url === undefined ? await request.setUp() : undefined);
  const servers = serversOf(config, request.server);
  if (config === undefined) {
    if (url === undefined) {
      const client = await findWorkspaceClient(cwd);
      if (client === undefined) throw noClientConfig();
      return { kind: "workspace", folder: client.folder };
    }
    const target: Target = { writer: "sync", start: cwd, plainFolder: true };
    const job = { source: url, snapshot: undefined, name: undefined, target };
    return { kind: "jobs", jobs: [job], notes: [] };
  }
  if (config.distribution === "workspace") return { kind: "workspace", folder: config.folder };
  if (request.hasTarget && servers.length > 1) throw oneTargetForServers();
  const isAmbiguous = url !== undefined && servers.length > 1;
  return {
    kind: "jobs",
    jobs: servers.map((server) => ({
      source: url !== undefined && !isAmbiguous ? url : server.url,
      snapshot: undefined,
      name: server.name,
      target: targetOfServer(config.folder, server),
    })),
    notes: isAmbiguous
      ? [
        `${SERVER_URL_VARIABLE} is ignored: pyrpc-client.json has ${servers.length} servers. Choose one with --server NAME`,
      ]
      : [],
  };
}

function namedJob(request: SyncRequest, config: ClientConfig | undefined): SyncJob {
  const { cwd, snapshot, server: name } = request;
  const servers = serversOf(config, name);
  const [only, ...others] = servers;
  if (snapshot !== undefined && others.length > 0) throw snapshotOfOneServer();
  const source = snapshot === undefined ? request.source ?? "" : snapshotPath(cwd, snapshot);
  const target = others.length === 0 ? only?.target ?? config?.target : undefined;
  const selection = (others.length === 0 ? only?.selection : undefined) ?? config?.selection ??
    ALL_PROCEDURES;
  const job = { source, snapshot, name };
  if (config === undefined || target === undefined) {
    return { ...job, target: { writer: "sync", start: cwd, plainFolder: true, selection } };
  }
  return {
    ...job,
    target: targetOfServer(config.folder, { name: only?.name, url: source, target, selection }),
  };
}

function serversOf(
  config: ClientConfig | undefined,
  name: string | undefined,
): readonly ClientServer[] {
  const servers = config?.servers ?? [];
  if (name === undefined) return servers;
  const chosen = servers.filter((server) => server.name === name);
  if (chosen.length > 0) return chosen;
  throw noSuchServer(name, servers.flatMap((server) => server.name ?? []));
}

// Always a path: --offline accepts no address and no Python module.
function snapshotPath(cwd: string, given: string): string {
  return given === "-" || given.startsWith("file:") ? given : resolve(cwd, given);
}
