import type { Endpoint } from "./entries.ts";
import { registryUnreachable, serviceNotRegistered, tcpNeedsHost } from "./errors.ts";
import { BROADCAST, LOOPBACK } from "./addresses.ts";
import { REGISTRY_PORT } from "./messages.ts";
import { discoverService, listServices, type RegistryAddress } from "./registry_client.ts";
import type { RegistrationOptions } from "./registration.ts";

/** The registries to ask: one machine, or (without `host`) this machine and the whole network. */
export interface RegistryQuery {
  readonly transport: "udp" | "tcp";
  readonly host?: string | undefined;
  readonly port: number;
}

/** Addresses that a query is sent to. */
function addressesOf({ transport, host, port }: RegistryQuery): readonly RegistryAddress[] {
  const hosts = host === undefined ? [LOOPBACK, BROADCAST] : [host];
  return hosts.map((host) => ({ transport, host, port }));
}

/** Finds the servers of a service; `undefined` if no registry answered. */
export function queryRegistries(
  query: RegistryQuery,
  name: string,
): Promise<readonly Endpoint[] | undefined> {
  return firstAnswer(
    addressesOf(query).map((address) => discoverService(address, name)),
    ({ length }) => length > 0,
  );
}

/** Lists all services; `null` if the registry does not list them, `undefined` if no registry answered. */
export function listRegistries(
  query: RegistryQuery,
): Promise<readonly string[] | null | undefined> {
  return firstAnswer(
    addressesOf(query).map((address) => listServices(address)),
    (answer) => answer !== null,
  );
}

// The first useful answer, else any: with broadcast every registry of the network may answer.
async function firstAnswer<Answer>(
  answers: readonly Promise<Answer | undefined>[],
  isUseful: (answer: Answer) => boolean,
): Promise<Answer | undefined> {
  const useful = answers.map((answer) =>
    answer.then((value) => value !== undefined && isUseful(value) ? value : Promise.reject(value))
  );
  return await Promise.any(useful).catch(async () =>
    (await Promise.all(answers)).find((answer) => answer !== undefined)
  );
}

/** The registry to ask, as it is given on the command line. */
export type DiscoverOptions = Pick<
  RegistrationOptions,
  "registryType" | "registryHost" | "registryPort"
>;

/**
 * Finds the URL of the HTTP server that registered a name.
 *
 * @throws ToolError `SERVICE_NOT_FOUND` if no registry answered or has the name
 */
export async function discoverUrl(name: string, options: DiscoverOptions): Promise<string> {
  const { host, port } = await discoverEndpoint(name, options);
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function discoverEndpoint(
  name: string,
  { registryType = "udp", registryHost, registryPort = REGISTRY_PORT }: DiscoverOptions,
): Promise<Endpoint> {
  if (registryType === "tcp" && registryHost === undefined) throw tcpNeedsHost();
  const query = { transport: registryType, host: registryHost, port: registryPort };
  const answers = await Promise.all(
    addressesOf(query).map((address) => discoverService(address, name)),
  );
  const found = answers.flatMap((answer) => answer ?? [])[0];
  if (found !== undefined) return found;
  const where = `${registryType}://${registryHost ?? `${LOOPBACK}, ${BROADCAST}`}:${registryPort}`;
  throw answers.every((answer) => answer === undefined)
    ? registryUnreachable(where)
    : serviceNotRegistered(name, where);
}
