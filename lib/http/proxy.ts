/** The environment, as far as proxies are concerned. */
type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL as `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say (lower case wins, as in curl);
 * `undefined` when the connection is direct. The text is the user's: it may be no URL.
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
      // An address of version 6 has colons of its own: only with brackets can a port follow.
      /^[^[]*:.*:/.test(entry) ? `[${entry}]` : entry,
    ) ?? [];
    if (name === undefined || name === "") return false;
    if (entryPort !== undefined && entryPort !== port) return false;
    const suffix = name.toLowerCase().replace(/^\*?\./, "");
    return host === suffix || host.endsWith(`.${suffix}`);
  });
}
