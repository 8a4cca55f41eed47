/** Loads a contract from a file, standard input, a server or a Python module. */
export { type CallAnswer, callBody, callServer, type ServerCall } from "./call_server.ts";
export { type ClassifiedSource, classifySource } from "./classify_source.ts";
// The HTTP client and the Python worker are not exported here: loading them takes as long as everything else together.
export { loadSource, loadSourceIfChanged } from "./load_source.ts";
export { selectSource } from "./select_source.ts";
export type { LoadContext, LoadedSource, LoadOptions } from "./types.ts";
