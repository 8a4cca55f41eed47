import { type Contract, parseContract } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { loadUserModule } from "../process/mod.ts";
import {
  collectHandlers,
  ContractDispatcher,
  type Handler,
  handlerResolver,
  jsonrpcProtocol,
  type Protocol,
  pyrpcProtocol,
  tinyrpcJsonrpcProtocol,
} from "../rpc/mod.ts";
import { msgpackrpcProtocol } from "../rpc/msgpack/mod.ts";
import {
  contractService,
  exportedService,
  functionService,
  instanceService,
  rpycConnections,
  type ServiceMaker,
  type ServiceNames,
  type ServiceSource,
  staticNames,
  unnamedService,
} from "../rpyc/mod.ts";
import { type ProtocolName, type ServeConnection, serveMessages } from "../server/mod.ts";
import { callLog, failureText, formatFailure, type LogOutput } from "./log/mod.ts";
import { servedDispatcher } from "./served_dispatcher.ts";
import type {
  ConnectionServiceConfig,
  MessageServiceConfig,
  RpycServiceConfig,
} from "./service_config.ts";

/** The message protocols by name. */
export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  pyrpc: pyrpcProtocol,
  jsonrpc: jsonrpcProtocol,
  "jsonrpc-tinyrpc": tinyrpcJsonrpcProtocol,
  msgpackrpc: msgpackrpcProtocol,
};

/** Contract and handlers of a {@link ConnectionServiceConfig}, loaded. */
export interface LoadedService {
  readonly exports: Readonly<Record<string, unknown>> | undefined;
  readonly maker: ServiceMaker | undefined;
  readonly contract: Contract | undefined;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly names: Required<ServiceNames>;
  /** Texts about exports that are probably not meant as they are served. */
  readonly warnings: readonly string[];
}

/** @throws ToolError for a handlers file or contract that cannot be used */
export async function loadService(
  { service, names }: Pick<RpycServiceConfig, "service" | "names">,
): Promise<LoadedService> {
  const contract = service.contract === undefined
    ? undefined
    : parseContract(service.contract, { where: "the contract" });
  const exports = service.handlers === undefined
    ? undefined
    : (await loadUserModule(service.handlers)).exports;
  const maker = exports === undefined
    ? undefined
    : exportedService(exports, service.handlers ?? "");
  const handlers = exports === undefined || maker !== undefined
    ? new Map<string, Handler>()
    : collectHandlers(withoutAuthenticator(exports), service.handlers ?? "");
  const unnamed = exports === undefined || maker !== undefined
    ? undefined
    : unnamedService(exports);
  const warnings = unnamed === undefined ? [] : [
    `The class ${unnamed} is served as conn.root.${unnamed}(): ` +
    `name it ${unnamed}Service, or export it as "service", to serve its methods`,
  ];
  return { exports, maker, contract, handlers, names: staticNames(maker, names), warnings };
}

/** Builds the function that a mode calls for each connection. @throws ToolError as {@link loadService} */
export async function buildConnectionService(
  config: ConnectionServiceConfig,
  { loaded, output }: { readonly loaded?: LoadedService; readonly output?: LogOutput } = {},
): Promise<ServeConnection> {
  const serve = config.protocol === "rpyc"
    ? await rpycService(config, loaded)
    : await messageConnections(config, output);
  if (output === undefined) return serve;
  // Connections of a worker or child have no listener that receives their failures.
  return (connection, info) =>
    serve(connection, {
      onFailure: (reason) => {
        const text = failureText(reason, config.service.handlers ?? "");
        output.write("failed", formatFailure(info.remote, text));
      },
      ...info,
    });
}

async function rpycService(
  config: RpycServiceConfig,
  loaded: LoadedService | undefined,
): Promise<ServeConnection> {
  const { allowPublicAttrs, allowPickle, limits } = config;
  const service = serviceSource(loaded ?? await loadService(config), config);
  return rpycConnections(service, { allowPublicAttrs, allowPickle, limits });
}

async function messageConnections(
  { protocol, service, framing, limits, bounds, log }: MessageServiceConfig,
  output: LogOutput | undefined,
): Promise<ServeConnection> {
  const { contract, handlers } = await loadService({ service, names: {} });
  const warn = (text: string) => output?.write("warning", `${text}\n`);
  return serveMessages({
    protocol: PROTOCOLS[protocol],
    dispatcher: servedDispatcher({ contract, handlers, lax: service.lax, warn }),
    limits,
    ...(output === undefined ? {} : callLog(log, output)),
  }, { ...defined({ framing }), ...bounds });
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
    lax: service.lax,
  });
  return contractService(contract, dispatcher, names);
}

// An authenticator beside the functions is not a procedure.
function withoutAuthenticator(
  exports: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { authenticator: _, ...rest } = exports;
  return rest;
}
