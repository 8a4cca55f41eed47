import { loadUserModule } from "../process/mod.ts";
import { collectHandlers, type Handler } from "../rpc/mod.ts";

/** Loads the handlers that a TypeScript or JavaScript file exports. @throws ToolError */
export async function loadHandlers(path: string): Promise<ReadonlyMap<string, Handler>> {
  return collectHandlers((await loadUserModule(path)).exports, path);
}
