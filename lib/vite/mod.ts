/** Plugin for Vite, published as `@pyrpc/vite`: types, proxy, mock and the check of a build. @module */
import { createProcessConsole } from "../runtime/mod.ts";
import type { PyrpcOptions, PyrpcPlugin } from "./options.ts";
import { createPlugin } from "./plugin.ts";

export type { MockSettings, PyrpcOptions, PyrpcPlugin } from "./options.ts";

/**
 * The plugin for Vite. It delivers the backend's types while the development server runs, forwards `/rpc` to the backend
 * or answers it with a mock, and checks the types at the start of a build.
 *
 * @example
 * ```ts
 * import pyrpc from "./mod.ts";
 *
 * export default { plugins: [pyrpc({ stale: "fail" })] };
 * ```
 */
export default function pyrpc(options: PyrpcOptions = {}): PyrpcPlugin {
  return createPlugin(options, createProcessConsole());
}
