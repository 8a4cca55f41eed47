import { describeOrigins } from "../cli/mod.ts";
import type { Contract } from "../contract/mod.ts";
import { counted } from "../counted.ts";
import type { AllowedOrigins } from "../origins.ts";
import { plainText, type Style } from "../terminal/mod.ts";
import type { MockSession } from "./session.ts";

/** A started server, for its banner. */
export interface StartedMock {
  /** The name of the command. */
  readonly title: string;
  /** HTTP first. */
  readonly urls: readonly string[];
  readonly session: Pick<MockSession, "served" | "handlers" | "hasExample">;
  readonly origins: AllowedOrigins;
  /** True if the calls are at `/rpc`: only then does the server answer at the usual paths of the other protocols. */
  readonly hasDefaultPath: boolean;
  readonly hasExplorer: boolean;
}

const MAX_LISTED = 40;

/** The banner as lines of JSON, one for each URL. */
export function bannerJson({ urls, session }: Pick<StartedMock, "urls" | "session">): string {
  const { contract, where } = session.served;
  const procedures = [...contract.procedures.keys(), ...handlersOnly(session)];
  return urls.map((url) => {
    const line = { event: "listening", url, source: where, procedures };
    return `${JSON.stringify(line)}\n`;
  }).join("");
}

/** The banner as text. */
export function bannerText(started: StartedMock, style: Style): string {
  const { title, urls: [url = "", ...others], session, origins } = started;
  const { contract, where } = session.served;
  const names = [...contract.procedures.keys()];
  const hasHandler = (name: string) => session.handlers?.get(name)?.fn !== undefined;
  const lines = [
    `${style.bold(title)} ${style.cyan(url)}`,
    ...others.map((other) => `  NATS        ${plainText(other)}`),
    `  contract    ${plainText(where)}, ${procedureCount(contract)}`,
  ];
  if (started.hasDefaultPath) {
    lines.push(`  JSON-RPC    ${plainText(new URL("/jsonrpc", url).href)}`);
  }
  if (started.hasExplorer) {
    lines.push(`  explorer    ${plainText(new URL("/explorer", url).href)}`);
  }
  lines.push(`  browsers    ${plainText(describeOrigins(origins))}`);
  for (const name of names.slice(0, MAX_LISTED)) {
    const mark = hasHandler(name) ? "  (handler)" : session.hasExample(name) ? "  (example)" : "";
    lines.push(`    ${plainText(name)}${style.dim(mark)}`);
  }
  if (names.length > MAX_LISTED) lines.push(`    … and ${names.length - MAX_LISTED} more`);
  for (const name of handlersOnly(session)) {
    lines.push(`    ${plainText(name)}${style.dim("  (handler only)")}`);
  }
  return `${lines.join("\n")}\n`;
}

/** `1 procedure`, `12 procedures`. */
export function procedureCount({ procedures }: Contract): string {
  return counted(procedures.size, "procedure");
}

/** Procedures that have a handler and are not in the contract. */
function handlersOnly({ served, handlers }: StartedMock["session"]): readonly string[] {
  return [...handlers ?? []].filter(([name, { fn }]) =>
    fn !== undefined && !served.contract.procedures.has(name)
  ).map(([name]) => name);
}
