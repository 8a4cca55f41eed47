import type { ProjectConfig } from "../project/mod.ts";
import type { FindInterpreterOptions } from "../python/mod.ts";
import { originOf } from "./ask_http.ts";
import { compareServer } from "./compare_server.ts";
import type { ServerRole } from "./dev_event.ts";
import { portTaken } from "./errors.ts";
import { anyFreePort, checkHost, nextFreePort, portState } from "./port_state.ts";

/** Options of {@link placeServer}. */
export interface PlaceServerOptions {
  readonly env: FindInterpreterOptions["env"];
  readonly cwd: string;
  /** The server that is wanted: one of the session, one of the user's command, or none. */
  readonly wanted: "own" | "exec" | "none";
  /** Asks the user a yes-or-no question; undefined without a terminal. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
}

/** A project with the port of its server, and who runs that server. */
export interface PlacedServer {
  readonly project: ProjectConfig;
  readonly server: ServerRole;
  /** Program of a server that already runs, as `python3 (process 4711)`, if the system reports it. */
  readonly holder?: string | undefined;
}

/**
 * Finds a port for the project's server: the configured one if it is free or if a server with the same contract listens
 * there, else the next free one if the user confirms it.
 *
 * @throws ToolError if the port is taken
 */
export async function placeServer(
  project: ProjectConfig,
  { env, cwd, wanted, confirm }: PlaceServerOptions,
): Promise<PlacedServer> {
  const { host, port } = project;
  if (wanted === "none") return { project, server: "none" };
  await checkHost(host);
  if (port === 0) return { project: { ...project, port: await anyFreePort(host) }, server: wanted };
  const state = await portState(host, port);
  if (state.kind === "free") return { project, server: wanted };
  let { holder } = state;
  // A server that runs already would answer in the place of the command's.
  if (state.kind === "pyrpc" && wanted === "own") {
    const compared = await compareServer(project, state.contract, { env, cwd });
    if (compared.kind === "same") return { project, server: "attached", holder };
    holder = compared.description + (holder === undefined ? "" : `: ${holder}`);
  }
  const next = await nextFreePort(host, port + 1);
  const error = portTaken({ origin: originOf(host, port), port, holder, next });
  // The command has its own port.
  if (next === undefined || confirm === undefined || wanted === "exec") throw error;
  if (!await confirm(`${error.message}. Use port ${next}?`)) throw error;
  return { project: { ...project, port: next }, server: "own" };
}
