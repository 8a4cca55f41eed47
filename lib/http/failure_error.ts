import { formatBytes, serverError, type ToolError } from "../errors.ts";
import type { RpcUrl } from "../rpc_url.ts";
import type { HttpFailure } from "./failure.ts";
import { proxyFor } from "./proxy.ts";

/** The request that failed. */
export interface FailedRequest {
  readonly method: string;
  readonly target: RpcUrl;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly maxBytes: number;
}

/** The error for a request without an answer. */
export function failureError(
  failure: HttpFailure,
  request: FailedRequest,
  env: Readonly<Record<string, string | undefined>>,
): ToolError {
  const { url, where } = request.target;
  if (failure.atProxy) {
    const proxy = proxyFor(url, env) ?? "";
    const shown = URL.canParse(proxy) ? new URL(proxy).origin : "the proxy";
    return serverError({
      code: "PROXY_FAILED",
      message: `Cannot reach the server through the proxy ${shown}: ${failure.message}`,
      where,
      fix: failure.code === "407"
        ? "Put user and password into the proxy's URL: http://user:password@host:port"
        : "Check HTTP_PROXY and HTTPS_PROXY, or name the host in NO_PROXY",
      cause: failure,
    });
  }
  const [code, message, fix] = describeFailure(failure, url, request);
  const details = request.method === "POST" && failure.mayHaveBeenSent
    ? ["The call may have been executed"]
    : [];
  return serverError({ code, message, where, details, fix, cause: failure });
}

function describeFailure(
  failure: HttpFailure,
  url: URL,
  base: FailedRequest,
): readonly [code: string, message: string, fix?: string | readonly string[]] {
  const seconds = (ms: number) => `${ms / 1000} s`;
  switch (failure.kind) {
    case "refused":
      return [
        "SERVER_REFUSED",
        `Connection refused: nothing listens at ${url.host}`,
        "Start the backend, or check host and port",
      ];
    case "dns":
      return ["SERVER_DNS", `No such host: "${url.hostname}"`, "Check the URL and the network"];
    case "unreachable":
      return [
        "SERVER_UNREACHABLE",
        `No route to ${url.host} (${failure.code})`,
        "Check the URL and the network",
      ];
    case "timeout":
      return [
        "SERVER_TIMEOUT",
        `No complete answer within ${seconds(base.timeoutMs)}`,
        "Raise the limit with --timeout",
      ];
    case "idle":
      return [
        "SERVER_TIMEOUT",
        `The server stopped in the middle of its answer: no byte for ${seconds(base.idleMs)}`,
        "See the server's log",
      ];
    case "closed":
      return [
        "SERVER_CLOSED",
        "The server closed the connection before its answer was complete",
        `See the server's log${hintOfTls(url)}`,
      ];
    case "not-http":
      return [
        "SERVER_NOT_HTTP",
        "The program that listens there does not speak HTTP",
        `Check host and port${hintOfTls(url)}`,
      ];
    case "tls":
      return ["SERVER_TLS", ...describeTls(failure, url)];
    case "too-large":
      return [
        "SOURCE_TOO_LARGE",
        `The answer is larger than ${formatBytes(base.maxBytes)}`,
        "Check the URL, or raise the limit with --max-size",
      ];
    case "bad-encoding":
      return ["SERVER_ENCODING", `The answer cannot be decoded: ${failure.message}`];
    case "aborted":
      return ["SERVER_ABORTED", "The request was aborted"];
    default:
      return ["SERVER_FAILED", `The request failed: ${failure.message}`];
  }
}

// A TLS server closes a plain HTTP connection, or answers with bytes that are not HTTP.
function hintOfTls(url: URL): string {
  return url.protocol === "http:" ? `, or try https://${url.host}` : "";
}

function describeTls({ code, message }: HttpFailure, url: URL): readonly [string, string] {
  if (/SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO/.test(code)) {
    return [
      `The server's certificate is not signed by a trusted authority (${code})`,
      "Pass the authority's certificate: --ca-file FILE",
    ];
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return [
      `The server's certificate has expired or is not valid yet (${code})`,
      "Renew it on the server",
    ];
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") {
    return [
      `The server's certificate is not for "${url.hostname}"`,
      "Use the name that the certificate was issued for",
    ];
  }
  if (/WRONG_VERSION_NUMBER|wrong version|InvalidContentType/i.test(`${code} ${message}`)) {
    return ["The server does not speak TLS on that port", `Try http://${url.host}`];
  }
  if (/alert|CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/i.test(`${code} ${message}`)) {
    return [
      `The server refused the TLS connection (${code})`,
      "If the server requires a client certificate: --client-cert FILE --client-key FILE",
    ];
  }
  return [`The TLS connection failed: ${message}`, "Check certificate, key and --ca-file"];
}
