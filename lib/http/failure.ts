/** The reason why a request has no answer. */
export type HttpFailureKind =
  | "dns"
  | "refused"
  | "unreachable"
  | "closed"
  | "tls"
  | "not-http"
  | "timeout"
  | "idle"
  | "too-large"
  | "bad-encoding"
  | "proxy"
  | "aborted"
  | "other";

const UNSENT: ReadonlySet<HttpFailureKind> = new Set([
  "dns",
  "refused",
  "unreachable",
  "tls",
  "proxy",
  "aborted",
]);

/** A request without an answer. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  readonly kind: HttpFailureKind;
  /** The system's or OpenSSL's code, such as `ECONNREFUSED`. */
  readonly code: string;
  /** True if the proxy failed rather than the server. */
  readonly atProxy: boolean;

  constructor(
    kind: HttpFailureKind,
    message: string,
    { code = "", atProxy = false, cause }: { code?: string; atProxy?: boolean; cause?: unknown } =
      {},
  ) {
    super(message, { cause });
    this.kind = kind;
    this.code = code;
    this.atProxy = atProxy;
  }

  /** True if the request may have reached the server. */
  get mayHaveBeenSent(): boolean {
    return !this.atProxy && !UNSENT.has(this.kind);
  }
}

/** The connection ended too early. */
export function closed(): HttpFailure {
  return new HttpFailure("closed", "The connection was closed before the answer was complete");
}

const KINDS: Readonly<Record<string, HttpFailureKind>> = {
  ECONNREFUSED: "refused",
  // Bun on Windows, for some refused connections.
  ENOTCONN: "refused",
  WSAECONNREFUSED: "refused",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  EAI_NONAME: "dns",
  ECONNRESET: "closed",
  EPIPE: "closed",
  ECONNABORTED: "closed",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  EHOSTDOWN: "unreachable",
  ETIMEDOUT: "timeout",
};

/** Converts an error of the system, of TLS or of the HTTP parser. */
export function failureOf(error: unknown): HttpFailure {
  if (error instanceof HttpFailure) return error;
  const { code: rawCode, message } = error as { code?: unknown; message?: unknown };
  const code = typeof rawCode === "string" ? rawCode : "";
  const text = typeof message === "string" ? message : String(error);
  const kind = KINDS[code] ??
    (code.startsWith("HPE_") ? "not-http" : isTls(code, text) ? "tls" : "other");
  return new HttpFailure(kind, text, { code, cause: error });
}

function isTls(code: string, message: string): boolean {
  return /^(ERR_SSL|ERR_TLS|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)/
    .test(code) || /\b(certificate|SSL|TLS|handshake)\b/i.test(message);
}
