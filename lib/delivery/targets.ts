import { resolve } from "node:path";
import type { Selection } from "../contract/mod.ts";
import type { ClientConfig, ClientServer, ClientTarget, ProjectConfig } from "../project/mod.ts";
import type { TypesOrigin } from "./origin.ts";
import type { Layout, LayoutRequest } from "./choose_layout.ts";

/** A place that the types of one contract go to. {@link chooseLayout} finds its files. */
export interface Target extends LayoutRequest {
  /** The command that writes it. */
  readonly writer: "codegen" | "dev" | "sync";
  /** The server of `pyrpc-client.json` whose types these are; undefined where the file has none. */
  readonly server?: ClientServer | undefined;
  /** The procedures whose types go there. @default all */
  readonly selection?: Selection | undefined;
  /** The backend, if it is known before its contract is loaded. */
  readonly origin?: TypesOrigin | undefined;
}

/** Flags that name a target. They win over a configuration. */
export interface TargetFlags {
  readonly out?: string | undefined;
  readonly layout?: Layout | undefined;
  readonly packageName?: string | undefined;
  readonly packageVersion?: string | undefined;
  /** Replace the types of another backend. */
  readonly force?: boolean | undefined;
}

/** All targets of a project: its clients in workspace distribution, and the servers of `pyrpc-client.json`. */
export function targetsOf(
  { project, client }: {
    readonly project: ProjectConfig | undefined;
    readonly client: ClientConfig | undefined;
  },
): Target[] {
  return [
    ...project === undefined ? [] : targetsOfProject(project),
    ...client === undefined ? [] : targetsOfClient(client),
  ];
}

/**
 * The targets that `pyrpc dev` writes: one for each client that `pyrpc.json` names.
 *
 * @param formerModules earlier modules of the same session, whose types may be replaced
 */
export function targetsOfProject(
  { clients, layout, distribution, folder, module, host, port }:
    & Pick<ProjectConfig, "clients" | "layout" | "distribution">
    & Partial<Pick<ProjectConfig, "folder" | "module" | "host" | "port">>,
  formerModules: readonly string[] = [],
): Target[] {
  if (distribution !== "workspace") return [];
  const name = host?.includes(":") ? `[${host}]` : host;
  const origin = folder === undefined
    ? undefined
    : { project: folder, module, formerModules, urls: [`http://${name}:${port}`] };
  return clients.map(({ root, target, selection }) => ({
    writer: "dev",
    start: root,
    isClient: true,
    selection,
    origin,
    // The package layout is only the default: a client with Plug'n'Play has no place for it.
    layout: layout === "alias" && target === undefined ? layout : undefined,
    ...placeOf(target),
  }));
}

/** The targets that `pyrpc sync` writes: one for each server that `pyrpc-client.json` names. */
export function targetsOfClient({ folder, distribution, servers }: ClientConfig): Target[] {
  return distribution === "server" ? servers.map((server) => targetOfServer(folder, server)) : [];
}

/** Returns true if the servers of a client have a contract each. A single server has the contract of the project. */
export function hasSeveralContracts(targets: readonly Target[]): boolean {
  return targets.filter(({ server }) => server !== undefined).length > 1;
}

/** The target of one server. Several servers have a package and a file each. */
export function targetOfServer(folder: string, server: ClientServer): Target {
  const { name, target, selection } = server;
  const start = { writer: "sync", start: folder, plainFolder: true, server, selection } as const;
  if (target === undefined) return start;
  const named = name === undefined ? start : {
    ...start,
    packageName: `@pyrpc/${name.toLowerCase()}-types`,
    aliasFile: `__pyrpc_${name.replace(/[^\w-]/g, "_")}.ts`,
  };
  return { ...named, ...placeOf(target) };
}

function placeOf(target: ClientTarget | undefined): Pick<Target, "out" | "packageName"> {
  if (target === undefined) return {};
  return target.kind === "file" ? { out: target.path } : { packageName: target.name };
}

/** A target with the flags of a command line. Paths in flags start from `cwd`. */
export function withFlags(target: Target, flags: TargetFlags, cwd: string): Target {
  const { layout, packageName, packageVersion } = flags;
  const isNamed = flags.out !== undefined || layout !== undefined || packageName !== undefined;
  return {
    ...target,
    layout: layout ?? target.layout,
    out: flags.out === undefined ? isNamed ? undefined : target.out : resolve(cwd, flags.out),
    packageName: packageName ?? target.packageName,
    packageVersion,
  };
}
