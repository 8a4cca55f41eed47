import type { EndpointFault } from "../../lib/dev/mod.ts";
import { plainText, type Style } from "../../lib/terminal/mod.ts";

/** An application without `GET /rpc`, and the lines that fix it. */
export function faultText({ message, fix, snippet = [] }: EndpointFault, style: Style): string {
  return [
    `    ${plainText(message)}`,
    ...fix.map((line) => `    ${style.cyan("fix:")} ${plainText(line)}`),
    ...(snippet.length === 0 ? [] : ["", ...snippet.map(plainText), ""]),
  ].join("\n");
}
