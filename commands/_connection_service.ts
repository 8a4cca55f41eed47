import { loadUserModule } from "../lib/runtime/mod.ts";
import {
  contractService,
  exportedService,
  functionService,
  instanceService,
  rpycConnections,
  type RpycLimits,
  type ServiceNames,
  type ServiceSource,
} from "../lib/rpyc/mod.ts";
import { parseContract } from "../lib/schema/mod.ts";
import {
  collectHandlers,
  ContractDispatcher,
  handlerLayer,
  type ServeConnection,
  type ServiceDescription,
} from "../lib/server/mod.ts";

/** Everything that what serves connections is built from, as plain data: a worker or child builds the same from it. */
export interface ConnectionServiceDescription {
  readonly protocol: "rpyc";
  readonly service: ServiceDescription;
  readonly names: ServiceNames;
  readonly allowPublicAttrs: boolean;
  readonly allowPickle: boolean;
  readonly limits: Partial<RpycLimits>;
}

/**
 * Builds what a mode calls for each connection.
 *
 * @throws ToolError for a handlers file or contract that cannot be used.
 */
export async function buildConnectionService(
  description: ConnectionServiceDescription,
): Promise<ServeConnection> {
  const { allowPublicAttrs, allowPickle, limits } = description;
  return rpycConnections(await buildRpycService(description), {
    allowPublicAttrs,
    allowPickle,
    limits,
  });
}

/** The service that each connection gets an instance of. */
export async function buildRpycService(
  { service, names }: Pick<ConnectionServiceDescription, "service" | "names">,
): Promise<ServiceSource> {
  const contract = service.contract === undefined
    ? undefined
    : parseContract(service.contract, { where: service.source ?? "the contract" });
  const exports = service.handlers === undefined
    ? undefined
    : (await loadUserModule(service.handlers)).exports;
  const maker = exports === undefined ? undefined : exportedService(exports);
  if (maker !== undefined) return instanceService(maker, names, contract);
  const handlers = exports === undefined
    ? new Map()
    : collectHandlers(exports, service.handlers ?? "");
  if (contract === undefined) return functionService(handlers, names);
  const dispatcher = new ContractDispatcher({
    contract,
    layers: [handlerLayer(handlers)],
    lax: service.lax ?? false,
  });
  return contractService(contract, dispatcher, names);
}
