/**
 * Decides which web pages may call a server: one rule for HTTP, server-sent events and WebSocket upgrades.
 *
 * A page of any site can send requests to this machine, and reads the answers where CORS allows it. Every request that a page
 * of another origin sends with a body, as a stream or as an upgrade carries an `Origin` header, which pages cannot forge.
 *
 * @module
 */

/** Pages that may call a server: of any origin, of this machine (and the server's own), or only the server's own. */
export type OriginPolicy = "any" | "loopback" | "own";

/** A policy and the origins that the user added to it. */
export interface AllowedOrigins {
  readonly policy: OriginPolicy;
  /** As `Origin` headers have them: `https://app.example.com`. */
  readonly added?: readonly string[];
}

/** The default of every server: pages of this machine. */
export const LOOPBACK_ORIGINS: AllowedOrigins = { policy: "loopback" };

/** Matches the origins of `http` and `https` pages of this machine. The Python worker uses it too: keep it portable. */
export const LOOPBACK_ORIGIN =
  /^https?:\/\/(?:(?:[a-z0-9_-]+\.)*localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/;

/** Adds the origins of `--cors-origin` and of the configuration files (`cors_origins`) to a policy. */
export function allowedOrigins(
  policy: OriginPolicy,
  corsOrigin: readonly string[] = [],
  configured: readonly string[] = [],
): AllowedOrigins {
  if (corsOrigin.includes("none")) {
    return { policy: "own", added: corsOrigin.filter((origin) => origin !== "none") };
  }
  const added = [...corsOrigin, ...configured];
  return added.includes("*") ? { policy: "any" } : { policy, added };
}

/**
 * Decides about the value of an `Origin` header.
 *
 * @param host The request's `Host` header, if its name is known to be the server's own.
 * @returns the value of `Access-Control-Allow-Origin`, or undefined if the request is refused
 */
export function allowOrigin(
  origin: string,
  { policy, added = [] }: AllowedOrigins,
  host?: string,
): string | undefined {
  if (policy === "any") return "*";
  const isAllowed = added.includes(origin) ||
    (policy === "loopback" && LOOPBACK_ORIGIN.test(origin)) ||
    (host !== undefined && isOriginOf(origin, host.toLowerCase()));
  return isAllowed ? origin : undefined;
}

function isOriginOf(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

/**
 * Reads an origin as a user writes it.
 *
 * @returns it as browsers send it, or undefined for anything else. `file:` pages and sandboxed frames have none of their own.
 */
export function parseOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return undefined;
  const rest = `${url.username}${url.password}${url.search}${url.hash}`;
  if (rest !== "" || (url.pathname !== "/" && url.pathname !== "")) return undefined;
  if (url.origin !== "null") return url.origin;
  // Extensions and application shells have schemes of their own: tauri://localhost, chrome-extension://ID.
  return url.host === "" ? undefined : `${url.protocol}//${url.host}`;
}
