import { CLIENT_MODULE } from "./client_module.generated.ts";
import source from "./pyrpc_client.ts" with { type: "text" };

/** The name of the client's file, which is written beside the types. */
export const CLIENT_FILE = "pyrpc-client.ts";
/** The same client as JavaScript, in packages. */
export const CLIENT_MODULE_FILE = "pyrpc-client.js";

const HEADER =
  `// The client of pyRPC, written by "pyrpc codegen --client". Do not edit: the next run replaces it.
/* eslint-disable */

`;
const MARK = "// The client of pyRPC, written by ";

/**
 * Returns the client as a file of the user's project: the text of the published module, so that there is only one
 * client. It has no dependencies and compiles under the same flags as the generated types.
 */
export function clientText(): string {
  return HEADER + source.replaceAll("\r\n", "\n");
}

/** Returns the client as a JavaScript module, for packages: engines load no TypeScript from `node_modules`. */
export function clientModuleText(): string {
  return HEADER + CLIENT_MODULE;
}

/** Returns true if {@link clientText} of any version produced a text, also if a formatter changed it. */
export function isClientText(text: string): boolean {
  return text.replace(/^\ufeff/, "").startsWith(MARK);
}
