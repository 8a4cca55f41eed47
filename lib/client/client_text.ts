import source from "./pyrpc_client.ts" with { type: "text" };

/** The name of the file that {@link clientText} belongs in, beside the types. */
export const CLIENT_FILE = "pyrpc-client.ts";

const HEADER =
  `// The client of pyRPC, written by "pyrpc codegen --client". Do not edit: the next run replaces it.
/* eslint-disable */

`;
const MARK = "// The client of pyRPC, written by ";

/**
 * The client as a file of the user's project. It is the published module's own text, so that there is one client only;
 * it depends on nothing and compiles under the flags that the generated types compile under.
 */
export function clientText(): string {
  return HEADER + source.replaceAll("\r\n", "\n");
}

/** Returns true if {@link clientText} of any version made a text, also after a formatter. */
export function isClientText(text: string): boolean {
  return text.replace(/^\ufeff/, "").startsWith(MARK);
}
