/** A request that MSW intercepted. */
interface Intercepted {
  readonly request: Request;
  readonly requestId?: string;
}

/**
 * A request handler of MSW, structurally: an import of `msw` would have to be installed with this package. MSW 3 reads
 * `kind`, MSW 2 `__kind`.
 *
 * @param baseUrl Without it, the handler answers each request whose path ends with `/rpc`.
 */
export function mswHandler(
  baseUrl: string | undefined,
  respond: (request: Request) => Promise<Response>,
): object {
  const endpoint = baseUrl === undefined ? undefined : endpointOf(baseUrl);
  const isMatch = ({ url }: Request): boolean => {
    const { origin, pathname } = new URL(url);
    return endpoint === undefined ? pathname.endsWith("/rpc") : `${origin}${pathname}` === endpoint;
  };
  const header = `pyRPC ${endpoint ?? "*/rpc"}`;
  const handler = {
    kind: "request",
    __kind: "RequestHandler",
    info: { header, path: endpoint ?? "*/rpc", method: /.*/ },
    isUsed: false,
    async run({ request, requestId }: Intercepted) {
      if (!isMatch(request)) return null;
      handler.isUsed = true;
      const response = await respond(request.clone());
      return { handler, request, requestId, response, parsedResult: {} };
    },
    test: async ({ request }: Intercepted) => isMatch(request),
    parse: async () => ({}),
    predicate: ({ request }: Intercepted) => isMatch(request),
    log() {},
    reset() {},
    restore() {},
    dispose() {},
  };
  return handler;
}

/** The URL of the calls, from one with or without `/rpc`, relative to the page. */
function endpointOf(baseUrl: string): string {
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  const { origin, pathname } = new URL(baseUrl, location?.href);
  return `${origin}${pathname.replace(/(\/rpc)?\/*$/i, "")}/rpc`;
}
