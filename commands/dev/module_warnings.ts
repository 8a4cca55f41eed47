import { factMessage } from "../../lib/python/mod.ts";
import { isAbsolute, relative } from "node:path";
import { anyOriginWarning, describeOrigins } from "../../lib/cli/mod.ts";
import type { DevEvent } from "../../lib/dev/mod.ts";
import { allowedOrigins } from "../../lib/origins.ts";
import type { ProjectConfig } from "../../lib/project/mod.ts";

type ContractEvent = DevEvent & { readonly kind: "contract" };

/** Returns the warnings of a description, one line each. */
export function moduleWarnings(
  { answer, server }: ContractEvent,
  { entrypoint, folder, corsOrigins }: ProjectConfig,
): string[] {
  const origins = allowedOrigins("loopback", corsOrigins);
  const at = (place: { readonly file: string; readonly line: number } | null) =>
    place === null ? "an unknown location" : `${shortPath(place.file, folder)}:${place.line}`;
  return [
    ...(server === "own" && answer.app === null
      ? [
        `${entrypoint} has no application: serving a bare pyRPC application, without your routes and middleware. ` +
        `To serve yours: pyrpc init --entry MODULE:NAME`,
        `Browsers: ${describeOrigins(origins)}`,
        ...anyOriginWarning(origins, "your procedures"),
      ]
      : []),
    ...answer.duplicates.map(({ name, first, second }) =>
      `Two procedures are called ${name}: ${at(first)} is replaced by ${at(second)}`
    ),
    ...answer.problems.map(({ name, part, reason, place }) => {
      const where = part === null ? "" : part === "return" ? "its result: " : `${part}: `;
      return `${name} has no schema: ${where}${reason} (${at(place)})`;
    }),
    ...answer.facts.map((fact) => `${fact.code}  ${fact.subject}: ${factMessage(fact)}`),
  ];
}

/** Returns a path as it is shown: relative to the project if it is in it. */
export function shortPath(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("..") || isAbsolute(short) ? path : short;
}
