/** The environment variables. */
type Env = Readonly<Record<string, string | undefined>>;

/**
 * Returns the proxy for a URL from `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` (lower case wins, as in curl),
 * or undefined for a direct connection. The value may be an invalid URL.
 */
export function proxyFor(url: URL, env: Env): string | undefined {
  const read = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const proxy = read(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") ?? read("ALL_PROXY");
  if (proxy === undefined || isExcluded(url, read("NO_PROXY") ?? "")) return undefined;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

function isExcluded(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "*") return true;
    const [, name, entryPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(
      // An IPv6 address contains colons: a port can only follow brackets.
      /^[^[]*:.*:/.test(entry) ? `[${entry}]` : entry,
    ) ?? [];
    if (name === undefined || name === "") return false;
    if (entryPort !== undefined && entryPort !== port) return false;
    const suffix = name.toLowerCase().replace(/^\*?\./, "");
    return host === suffix || host.endsWith(`.${suffix}`);
  });
}
