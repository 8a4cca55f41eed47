import { isIP } from "node:net";
import { isLoopback } from "../../is_loopback.ts";

/** Returns the allowed names of a `Host` header, without ports. */
export function hostNames(host: string, allowed: readonly string[] = []): ReadonlySet<string> {
  return new Set([host, ...allowed].map((name) => bareName(name)));
}

/** Reports whether the name in a `Host` header is one of loopback or an allowed one. */
export function isAllowedHost(header: string, names: ReadonlySet<string>): boolean {
  const name = bareName(header);
  return names.has(name) || isLoopback(name) || name.endsWith(".localhost");
}

/**
 * Reports whether the `Host` header determines a page's own origin: an unknown name may belong to any site and resolve to
 * this machine (DNS rebinding), while an address is the one that was connected to.
 */
export function isOwnHost(header: string, names: ReadonlySet<string>): boolean {
  return isIP(bareName(header)) !== 0 || isAllowedHost(header, names);
}

/** Formats `host:port` for a URL. */
export function authorityOf(host: string, port: number): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Formats the address of a client; empty if it is unknown. */
export function remoteOf(
  { remoteAddress = "", remotePort }: {
    readonly remoteAddress?: string | undefined;
    readonly remotePort?: number | undefined;
  },
): string {
  return remotePort === undefined ? remoteAddress : authorityOf(remoteAddress, remotePort);
}

function bareName(header: string): string {
  const name = header.trim().toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(name);
  if (bracketed?.[1] !== undefined) return bracketed[1];
  // An IPv6 address without brackets has more than one colon and no port.
  return name.indexOf(":") === name.lastIndexOf(":") ? name.replace(/:\d*$/, "") : name;
}
