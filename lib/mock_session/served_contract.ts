import {
  ALL_PROCEDURES,
  type Contract,
  narrowSelection,
  parseContract,
  type Selection,
} from "../contract/mod.ts";
import { ExitCode, ToolError } from "../errors.ts";
import { hideCredentials } from "../hide_credentials.ts";
import { EXAMPLE_CONTRACT } from "../mock/mod.ts";
import { readSnapshot, snapshotPath, writeSnapshot } from "../mock/files/mod.ts";
import { type ClientServer, findClientConfig, serverUrlOfEnvironment } from "../project/mod.ts";
import { dispatcherOf, type Handler } from "../rpc/mod.ts";
import {
  classifySource,
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
  selectSource,
} from "../source/mod.ts";
import { severalServers } from "./errors.ts";

/** A contract that a session serves, and its origin. */
export interface ServedContract {
  readonly contract: Contract;
  /** The origin for people: a path, a URL, a module. */
  readonly where: string;
  /** The SOURCE to follow; absent if the contract cannot change. */
  readonly source?: string;
  readonly kind: "file" | "stdin" | "url" | "module" | "handlers" | "example";
  readonly etag?: string;
  /** The procedures of the source that are served. */
  readonly selection: Selection;
  /** Warnings to print at the start. */
  readonly warnings: readonly string[];
}

/** Options of {@link loadServedContract}. */
export interface ServedContractOptions {
  /** SOURCE as the user typed it. */
  readonly source: string | undefined;
  /** URL of the upstream server, if there is one. */
  readonly upstream: string | undefined;
  readonly handlers: ReadonlyMap<string, Handler> | undefined;
  readonly load: LoadOptions;
  /** The procedures that flags choose. */
  readonly selection: Selection;
}

/**
 * Loads the contract to serve: of SOURCE, else of the handlers, the upstream server, the server of `pyrpc-client.json`, or
 * an example. A server's contract is cached, and the cached one is served with a warning if the server is unreachable.
 */
export async function loadServedContract(
  { source, upstream, handlers, load, selection }: ServedContractOptions,
  context: LoadContext,
): Promise<ServedContract> {
  const select = (loaded: Whole, selected = selection) => ({
    ...selectSource(loaded, selected),
    selection: selected,
  });
  if (source !== undefined) return select(await loadCached(source, load, context));
  const described = handlers === undefined ? undefined : handlersContract(handlers);
  if (described !== undefined) {
    return select({
      contract: described,
      where: "the handlers file",
      kind: "handlers",
      warnings: [],
    });
  }
  if (upstream !== undefined) return select(await loadCached(upstream, load, context));
  const server = await configuredServer(context);
  if (server !== undefined) {
    const narrowed = narrowSelection(server.selection, selection);
    return select(await loadCached(server.url, load, context), narrowed);
  }
  return select({
    contract: EXAMPLE_CONTRACT,
    where: "an example contract",
    kind: "example",
    warnings: ["Serving an example. Your own: pyrpc mock schema.json, a URL, or a Python module"],
  });
}

async function loadCached(
  source: string,
  load: LoadOptions,
  context: LoadContext,
): Promise<Whole> {
  const classified = classifySource(source, context.cwd);
  if (classified.kind !== "url") {
    const loaded = await loadSource(source, load, context);
    return { ...loaded, source, warnings: sourceWarnings(loaded) };
  }
  const path = snapshotPath(classified.url, context.env);
  try {
    const loaded = await loadSource(source, load, context);
    const warnings = await writeSnapshot(path, loaded.contract).then(() => [], (error: Error) => [
      `The contract could not be cached: ${error.message}`,
    ]);
    return { ...loaded, source, warnings };
  } catch (error) {
    if (!(error instanceof ToolError) || error.exitCode !== ExitCode.Server) throw error;
    const snapshot = await readSnapshot(path);
    if (snapshot === undefined) throw error;
    const takenAt = new Date(snapshot.takenAt).toISOString();
    return {
      contract: snapshot.contract,
      where: error.where ?? hideCredentials(source),
      source,
      kind: "url",
      warnings: [`${error.message}: serving the contract as it was on ${takenAt}`],
    };
  }
}

/** A contract with all its procedures. */
type Whole = Omit<ServedContract, "selection">;

/** Warnings about a contract that is served anyway: procedures that it lacks or lists twice. */
export function sourceWarnings({ warnings = [], problems = [] }: LoadedSource): readonly string[] {
  return [...warnings, ...problems].map((line) => line.charAt(0).toUpperCase() + line.slice(1));
}

function handlersContract(handlers: ReadonlyMap<string, Handler>): Contract | undefined {
  const document = dispatcherOf(handlers).describe();
  if (Object.keys(document).length === 0) return undefined;
  return parseContract(document, { where: "the handlers file" });
}

async function configuredServer(
  { cwd, env }: Pick<LoadContext, "cwd" | "env">,
): Promise<Pick<ClientServer, "url" | "selection"> | undefined> {
  const url = serverUrlOfEnvironment(env);
  if (url !== undefined) return { url, selection: ALL_PROCEDURES };
  const config = await findClientConfig(cwd);
  if (config === undefined) return undefined;
  const [server, ...others] = config.servers;
  if (server === undefined || others.length === 0) return server;
  throw severalServers(config.path, config.servers, server);
}
