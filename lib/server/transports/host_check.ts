import { isIP } from "node:net";

/** Whether an address means this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || isLoopbackIpv4(host);
}

/** The names that a `Host` header may have, without ports. */
export function hostNames(host: string, allowed: readonly string[] = []): ReadonlySet<string> {
  return new Set([host, ...allowed].map((name) => bareName(name)));
}

/** Whether the name in a `Host` header is one of loopback or one that was allowed. */
export function isAllowedHost(header: string, names: ReadonlySet<string>): boolean {
  const name = bareName(header);
  return names.has(name) || name === "localhost" || name.endsWith(".localhost") || name === "::1" ||
    isLoopbackIpv4(name);
}

/**
 * Tells whether a page's own origin can be read off the `Host` header: a name that was not allowed may be any site's, made to
 * mean this machine (DNS rebinding), while an address is what was connected to.
 */
export function isOwnHost(header: string, names: ReadonlySet<string>): boolean {
  return isIP(bareName(header)) !== 0 || isAllowedHost(header, names);
}

/** `host:port` as it stands in a URL. */
export function authorityOf(host: string, port: number): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}

function isLoopbackIpv4(host: string): boolean {
  return /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function bareName(header: string): string {
  const name = header.trim().toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(name);
  if (bracketed !== null) return bracketed[1]!;
  // An IPv6 address without brackets has more than one colon and no port.
  return name.indexOf(":") === name.lastIndexOf(":") ? name.replace(/:\d*$/, "") : name;
}
