/** The lines of clients that a change of the contract breaks, found by the clients' own TypeScript. @module */
export {
  addBrokenLines,
  type BreakageClient,
  type BreakageContext,
  type BrokenLinesRequest,
} from "./broken_lines.ts";
export { asksForClients, type ClientFolders, findBreakageClients } from "./client_folders.ts";
export { clientsNotCompiled } from "./errors.ts";
