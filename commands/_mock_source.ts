import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import type { Contract } from "../lib/contract/mod.ts";
import type { Handler } from "../lib/rpc/mod.ts";
import type { LoadedSource } from "../lib/source/mod.ts";
import { type SourceFlags, sourceOptions } from "../lib/cli/mod.ts";

/** A contract that is to be served, and where it came from. */
export interface ServedContract {
  readonly contract: Contract;
  /** For people. */
  readonly where: string;
  /** What SOURCE was, for following it; absent for what does not change. */
  readonly source?: string;
  readonly kind: "file" | "stdin" | "url" | "module" | "handlers" | "example";
  readonly etag?: string;
  /** Said at the start. */
  readonly notices: readonly string[];
}

/**
 * Loads what is served: SOURCE; without one the handlers' own contract, the server of `pyrpc-client.json`, or an example.
 * With a real server behind the mock its contract goes before the last two. The contract of a server is kept, and served
 * with a notice when the server is away.
 *
 * @param real The real server's URL.
 */
export async function loadServedContract(
  source: string | undefined,
  flags: SourceFlags,
  handlers: ReadonlyMap<string, Handler> | undefined,
  console: Console,
  real?: string,
): Promise<ServedContract> {
  if (source !== undefined) return await loadKept(source, flags, console, []);
  const described = await handlersContract(handlers);
  if (described !== undefined) {
    return { contract: described, where: "the handlers file", kind: "handlers", notices: [] };
  }
  const server = real ?? await configuredServer(console);
  if (server !== undefined) return await loadKept(server, flags, console, []);
  const { EXAMPLE_CONTRACT } = await import("../lib/mock/mod.ts");
  return {
    contract: EXAMPLE_CONTRACT,
    where: "an example contract",
    kind: "example",
    notices: ["Serving an example. Your own: pyrpc mock schema.json, a URL, or a Python module"],
  };
}

async function loadKept(
  source: string,
  flags: SourceFlags,
  console: Console,
  notices: readonly string[],
): Promise<ServedContract> {
  const { classifySource, loadSource } = await import("../lib/source/mod.ts");
  const { readSnapshot, snapshotPath, writeSnapshot } = await import("../lib/mock/mod.ts");
  const { options, context } = sourceOptions(flags, console);
  const classified = classifySource(source, console.cwd);
  if (classified.kind !== "url") {
    const loaded = await loadSource(source, options, context);
    return { ...loaded, source, notices: [...notices, ...oddities(loaded)] };
  }
  const path = snapshotPath(classified.url, console.env);
  try {
    const loaded = await loadSource(source, options, context);
    const kept = await writeSnapshot(path, loaded.contract).then(() => [], (error: Error) => [
      `The contract could not be kept for later: ${error.message}`,
    ]);
    return { ...loaded, source, notices: [...notices, ...kept] };
  } catch (error) {
    const isAway = error instanceof ToolError && error.exitCode === ExitCode.Server;
    const snapshot = isAway ? await readSnapshot(path) : undefined;
    if (snapshot === undefined) throw error;
    const taken = new Date(snapshot.takenAt).toISOString();
    return {
      contract: snapshot.contract,
      where: (error as ToolError).where ?? source,
      source,
      kind: "url",
      notices: [
        ...notices,
        `${(error as ToolError).message}: serving the contract as it was on ${taken}`,
      ],
    };
  }
}

/** What is to be said of a contract that is served all the same: procedures that it lacks, or has twice. */
export function oddities({ notices = [], problems = [] }: LoadedSource): readonly string[] {
  return [...notices, ...problems].map((line) => line.charAt(0).toUpperCase() + line.slice(1));
}

async function handlersContract(
  handlers: ReadonlyMap<string, Handler> | undefined,
): Promise<Contract | undefined> {
  if (handlers === undefined) return undefined;
  const { dispatcherOf } = await import("../lib/rpc/mod.ts");
  const { parseContract } = await import("../lib/contract/mod.ts");
  const document = dispatcherOf(handlers).describe();
  if (Object.keys(document).length === 0) return undefined;
  return parseContract(document, { where: "the handlers file" });
}

async function configuredServer(console: Console): Promise<string | undefined> {
  if (console.env["PYRPC_SERVER_URL"]) return console.env["PYRPC_SERVER_URL"];
  const { findClientConfig } = await import("../lib/project/mod.ts");
  const config = await findClientConfig(console.cwd);
  if (config === undefined) return undefined;
  const [server, ...others] = config.servers;
  if (others.length === 0) return server?.url;
  const names = config.servers.map(({ name, url }) =>
    name === undefined ? url : `${name} (${url})`
  );
  throw usageError(`Several servers are configured in ${config.path}: ${names.join(", ")}`, [
    `Give one of them: pyrpc mock ${server!.url}`,
  ]);
}
