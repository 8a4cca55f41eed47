import { loadUserModule } from "../lib/process/mod.ts";
import {
  contractService,
  exportedService,
  functionService,
  instanceService,
  rpycConnections,
  type RpycLimits,
  type ServiceMaker,
  type ServiceNames,
  type ServiceSource,
  staticNames,
} from "../lib/rpyc/mod.ts";
import { type Contract, parseContract } from "../lib/contract/mod.ts";
import {
  collectHandlers,
  ContractDispatcher,
  type Handler,
  handlerResolver,
  jsonrpcProtocol,
  type MessageLimits,
  msgpackrpcProtocol,
  type Protocol,
  pyrpcProtocol,
  traceLine,
} from "../lib/rpc/mod.ts";
import {
  type Framing,
  type ProtocolName,
  type ServeConnection,
  serveMessages,
  type ServeMessagesOptions,
  type ServiceConfig,
} from "../lib/server/mod.ts";
import { servedDispatcher } from "./_served_dispatcher.ts";
import { type CallLogConfig, watching, type WatchOutlet } from "./_watching.ts";

/** Everything that what serves connections is built from, as plain data: a worker or child builds the same from it. */
export type ConnectionServiceConfig = RpycServiceConfig | MessageServiceConfig;

/** Framed messages of one of the other protocols. */
export interface MessageServiceConfig {
  readonly protocol: ProtocolName;
  readonly service: ServiceConfig;
  readonly framing?: Framing;
  readonly limits: MessageLimits;
  /** Bytes of one message, and times in milliseconds. */
  readonly bounds: Pick<ServeMessagesOptions, "maxMessage" | "messageTimeout" | "idleTimeout">;
  readonly watch: CallLogConfig;
}

/** rpyc's objects. */
export interface RpycServiceConfig {
  readonly protocol: "rpyc";
  readonly service: ServiceConfig;
  readonly names: ServiceNames;
  readonly allowPublicAttrs: boolean;
  readonly allowPickle: boolean;
  readonly limits: Partial<RpycLimits>;
}

/** What a description names, loaded. */
export interface LoadedService {
  readonly exports: Readonly<Record<string, unknown>> | undefined;
  readonly maker: ServiceMaker | undefined;
  readonly contract: Contract | undefined;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly names: Required<ServiceNames>;
}

/** @throws ToolError for a handlers file or contract that cannot be used. */
export async function loadService(
  { service, names }: Pick<RpycServiceConfig, "service" | "names">,
): Promise<LoadedService> {
  const contract = service.contract === undefined
    ? undefined
    : parseContract(service.contract, { where: service.source ?? "the contract" });
  const exports = service.handlers === undefined
    ? undefined
    : (await loadUserModule(service.handlers)).exports;
  const maker = exports === undefined ? undefined : exportedService(exports);
  const handlers = exports === undefined || maker !== undefined
    ? new Map<string, Handler>()
    : collectHandlers(withoutOwn(exports), service.handlers ?? "");
  return { exports, maker, contract, handlers, names: staticNames(maker, names) };
}

/** Builds what a mode calls for each connection. @throws ToolError as {@link loadService} */
export async function buildConnectionService(
  description: ConnectionServiceConfig,
  { loaded, outlet }: { readonly loaded?: LoadedService; readonly outlet?: WatchOutlet } = {},
): Promise<ServeConnection> {
  if (description.protocol !== "rpyc") return await messageConnections(description, outlet);
  const { allowPublicAttrs, allowPickle, limits } = description;
  const service = serviceSource(loaded ?? await loadService(description), description);
  return rpycConnections(service, { allowPublicAttrs, allowPickle, limits });
}

/** The protocols of messages by name. */
export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  pyrpc: pyrpcProtocol,
  jsonrpc: jsonrpcProtocol,
  msgpackrpc: msgpackrpcProtocol,
};

async function messageConnections(
  { protocol, service, framing, limits, bounds, watch }: MessageServiceConfig,
  outlet: WatchOutlet | undefined,
): Promise<ServeConnection> {
  const { contract, handlers } = await loadService({ service, names: {} });
  const warn = (text: string) => outlet?.write("warning", `${text}\n`);
  return serveMessages({
    protocol: PROTOCOLS[protocol],
    dispatcher: await servedDispatcher({ contract, handlers, lax: service.lax ?? false, warn }),
    limits,
    ...(outlet === undefined ? {} : watching(watch, outlet, traceLine)),
  }, {
    ...(framing === undefined ? {} : { framing }),
    ...bounds,
  });
}

function serviceSource(
  { maker, contract, handlers }: LoadedService,
  { names, service }: RpycServiceConfig,
): ServiceSource {
  if (maker !== undefined) return instanceService(maker, names, contract);
  if (contract === undefined) return functionService(handlers, names);
  const dispatcher = new ContractDispatcher({
    contract,
    resolvers: [handlerResolver(handlers)],
    lax: service.lax ?? false,
  });
  return contractService(contract, dispatcher, names);
}

// An authenticator beside the functions is no procedure.
function withoutOwn(exports: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { authenticator: _, ...rest } = exports;
  return rest;
}
