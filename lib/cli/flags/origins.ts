import { type AllowedOrigins, type OriginPolicy, parseOrigin } from "../../origins.ts";
import type { SourceFlags } from "./source.ts";

/** Functions run with the user's rights, so that only pages of this machine may call them. */
export const SERVE_ORIGINS: OriginPolicy = "loopback";

/** The explorer shows calls and answers of a server that may hold real data. */
export const EXPLORE_ORIGINS: OriginPolicy = "own";

/** Chooses the policy of `mock` and `proxy`: the more a page could reach through the server, the fewer pages may call. */
export function mockOrigins(
  flags: SourceFlags & {
    readonly proxy?: string;
    readonly handlers?: string;
    readonly examples?: string;
  },
): OriginPolicy {
  if (flags.proxy !== undefined) return addsCredentials(flags, flags.proxy) ? "own" : "loopback";
  // Generated values and a contract: nothing that is not in the contract.
  return flags.handlers === undefined && flags.examples === undefined ? "any" : "loopback";
}

// A user, password or query of the URL may be a credential as well.
function addsCredentials({ tokenEnv, header, clientCert }: SourceFlags, upstream: string): boolean {
  const url = URL.canParse(upstream) ? new URL(upstream) : undefined;
  const inUrl = url === undefined ? "" : `${url.username}${url.password}${url.search}`;
  return tokenEnv !== undefined || (header?.length ?? 0) > 0 || clientCert !== undefined ||
    inUrl !== "";
}

/** The value of `--cors-origin`. */
export function parseCorsOrigin(text: string): string {
  const origin = text === "*" || text === "none" ? text : parseOrigin(text);
  if (origin !== undefined) return origin;
  throw new SyntaxError(`Expected an origin such as http://localhost:5173, found "${text}"`);
}

/** Describes for the start banner which pages may call. */
export function describeOrigins({ policy, added = [] }: AllowedOrigins): string {
  if (policy === "any") return "pages of any origin may call";
  const base = policy === "own" ? "only pages of this server" : "only pages of localhost";
  return `${[base, ...added].join(", ")} may call (add others with --cors-origin)`;
}

/** The warning if pages of any origin can reach more than generated values; `reach` names it. */
export function anyOriginWarning({ policy }: AllowedOrigins, reach: string): readonly string[] {
  return policy === "any"
    ? [`Any web page in a browser on this machine can call ${reach} and read the answers ("*")`]
    : [];
}

const MAX_REPORTED = 100;

/** Reports each refused origin once, with the flag that allows it. */
export function reportRefusedOrigins(warn: (text: string) => void): (origin: string) => void {
  const reported = new Set<string>();
  return (origin) => {
    if (reported.has(origin) || reported.size >= MAX_REPORTED) return;
    reported.add(origin);
    warn(
      `Refused a web page of the origin ${JSON.stringify(origin.slice(0, 200))}: ${fix(origin)}`,
    );
  };
}

// Anything may stand in a header, and this is pasted into a shell.
function fix(origin: string): string {
  const isPlain = /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d+)?$/.test(origin);
  if (isPlain && parseOrigin(origin) === origin) return `allow it with --cors-origin ${origin}`;
  return "only --cors-origin '*', which allows every page, allows it";
}
