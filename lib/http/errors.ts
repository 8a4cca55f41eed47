import { serverError, type ToolError } from "../errors.ts";

/** The server redirects to a URL that must not be followed, for `reason`. */
export function redirectRefused(
  { reason, status, where, fix }: { reason: string; status: number; where: string; fix: string },
): ToolError {
  const message = `${reason} (status ${status})`;
  return serverError({ code: "SERVER_REDIRECT", message, where, fix });
}

/** The environment names a proxy of an unsupported scheme; undefined: its URL cannot be parsed. */
export function proxyUnsupported(scheme: string | undefined, where: string): ToolError {
  return serverError({
    code: "PROXY_UNSUPPORTED",
    message: `The proxy in the environment is not supported${
      scheme === undefined ? "" : `: "${scheme}"`
    }`,
    where,
    fix: "Set HTTP_PROXY or HTTPS_PROXY to an http:// URL, or name the host in NO_PROXY",
  });
}
