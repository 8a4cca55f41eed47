/** Loads a contract from a file, standard input, a server or a Python module. */
export { type CallAnswer, callBody, callServer, type ServerCall } from "./call_server.ts";
export { type ClassifiedSource, classifySource } from "./classify_source.ts";
export {
  type HttpContext,
  type HttpOptions,
  type ServerAnswer,
  type ServerConnections,
  serverConnections,
  type ServerRequest,
} from "./http_request.ts";
export { loadedModule } from "./load_module.ts";
export {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
  loadSourceIfChanged,
} from "./load_source.ts";
export { parseDocument, type ParseDocumentOptions } from "./parse_document.ts";
export { type RpcUrl, rpcUrl } from "./rpc_url.ts";
