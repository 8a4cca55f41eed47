import { removeCommand } from "../../lib/delivery/mod.ts";
import type { DevEvent, EndpointFault } from "../../lib/dev/mod.ts";
import type { ProjectConfig } from "../../lib/project/mod.ts";
import type { ModuleAnswer } from "../../lib/python/mod.ts";
import { plainText, type Style } from "../../lib/terminal/mod.ts";
import { shortPath } from "./module_warnings.ts";

/** Options of the banner. */
export interface BannerOptions {
  readonly hasConsole: boolean;
  /** Program of a server that already runs, as `python3 (process 4711)`. */
  readonly holder: string | undefined;
}

/** Describes a server that another process runs. */
export function attachedText(
  holder: BannerOptions["holder"],
  { distribution }: Pick<ProjectConfig, "distribution">,
): string {
  const task = distribution === "server" ? "follows the code" : "writes types";
  const program = holder === undefined ? "" : ` as ${plainText(holder)}`;
  return `  (already running${program}; this one only ${task})`;
}

/** Describes why the server does not run. */
export function serverEndText(
  exit: (DevEvent & { kind: "server_failed" })["exit"],
  reason: string | undefined,
): string {
  const how = reason ??
    (exit?.signal ? `was terminated by ${exit.signal}` : `stopped (exit code ${exit?.code})`);
  return `The server ${plainText(how)}; it is started again after your next save`;
}

/** The application that is served, and those that are not although the entry names none. */
export function applicationText(
  { name, others, endpoints }: NonNullable<ModuleAnswer["app"]>,
  entrypoint: string,
): string {
  // The name of Django's application is that of the settings.
  const served = endpoints?.urls == null ? `${entrypoint}:${name}` : name;
  return others.length === 0 ? served : `${served} (not ${others.join(", ")})`;
}

/** An application without `GET /rpc`, and the lines that fix it. */
export function faultText({ message, fix, snippet = [] }: EndpointFault, style: Style): string {
  return [
    `    ${plainText(message)}`,
    ...fix.map((line) => `    ${style.cyan("fix:")} ${plainText(line)}`),
    ...(snippet.length === 0 ? [] : ["", ...snippet.map(plainText), ""]),
  ].join("\n");
}

/** Files that the backend writes each time, which would restart it for ever. */
export function ownWritesText(paths: readonly string[], folder: string): string {
  const files = paths.map((path) => plainText(shortPath(path, folder))).join(", ");
  return `The backend writes ${files} at every start: ignored until another file changes`;
}

/** Files with types that no client of `pyrpc.json` names any more. */
export function staleTypesTexts(paths: readonly string[], cwd: string): string[] {
  return paths.map((path) => {
    const command = plainText(removeCommand(path, cwd));
    return `${
      plainText(shortPath(path, cwd))
    } has old types that pyrpc.json no longer names; if nothing imports them: ${command}`;
  });
}

/** The first import is slow. */
export function importingText({ entrypoint }: ProjectConfig, seconds: number): string {
  return `  importing ${entrypoint} … ${seconds} s`;
}

/** The settings that apply after a change of `pyrpc.json`. */
export function configText(
  { framework, entrypoint, distribution, clients }: ProjectConfig,
): string {
  const to = distribution === "server" ? "" : ` to ${clients.map(({ given }) => given).join(", ")}`;
  return `pyrpc.json: ${framework}, ${entrypoint}, ${distribution}${to}`;
}
