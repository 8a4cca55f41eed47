/** Loads a contract from a file, standard input, a server or a Python module. */
export { type CallAnswer, callBody, callServer, type ServerCall } from "./call_server.ts";
export { type ClassifiedSource, classifySource } from "./classify_source.ts";
// Only types: what speaks HTTP or with Python is loaded by who does (`lib/http/mod.ts`, `module/mod.ts`), since it takes as long
// as all the rest.

export {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
  loadSourceIfChanged,
} from "./load_source.ts";
export { parseDocument, type ParseDocumentOptions } from "./parse_document.ts";
