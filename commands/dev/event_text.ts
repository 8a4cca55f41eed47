import type { DevEvent, EndpointFault } from "../../lib/dev/mod.ts";
import { plainText, type Style } from "../../lib/terminal/mod.ts";

type ContractEvent = DevEvent & { readonly kind: "contract" };

const MAX_NAMES = 12;

/** An application without `GET /rpc`, and the lines that fix it. */
export function faultText({ message, fix, snippet = [] }: EndpointFault, style: Style): string {
  return [
    `    ${plainText(message)}`,
    ...fix.map((line) => `    ${style.cyan("fix:")} ${plainText(line)}`),
    ...(snippet.length === 0 ? [] : ["", ...snippet.map(plainText), ""]),
  ].join("\n");
}

/** `+ added  ~ changed  - removed`. */
export function changedNames(
  { added, changed, removed }: ContractEvent["changes"]["procedures"],
): string {
  const names = [
    ...added.map((name) => `+ ${name}`),
    ...changed.map((name) => `~ ${name}`),
    ...removed.map((name) => `- ${name}`),
  ];
  const more = names.length - MAX_NAMES;
  return [...names.slice(0, MAX_NAMES), ...(more > 0 ? [`and ${more} more`] : [])].join("  ");
}
