/** Reasons of failed TLS handshakes, and the clients whose handshake failed. */
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { authorityOf } from "./transports/host_check.ts";

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  CERT_REVOKED: "its certificate is revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  INVALID_PURPOSE: "its certificate is not one for clients",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by another authority than --tls-ca",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is signed by another authority than --tls-ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by another authority than --tls-ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by another authority than --tls-ca",
};

const HANDSHAKE: readonly (readonly [RegExp, string])[] = [
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE/, "it has no client certificate"],
  [/HTTP_REQUEST/, "it sent HTTP without TLS"],
  [/WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|RECORD_LAYER/, "it does not use TLS"],
  [
    /ALERT_(?:UNKNOWN_CA|(?:BAD_|UNKNOWN_)?CERTIFICATE|.*CERTIFICATE_UNKNOWN)/,
    "it rejects the server's certificate",
  ],
  [
    /UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|VERSION/,
    "it offers no TLS version or cipher of this server",
  ],
  [/timeout|timed out/i, "the TLS handshake did not finish in time"],
  [/ECONNRESET|EPIPE/, "it disconnected during the TLS handshake"],
];

/** Returns the reason of a failed handshake: which check of the client's certificate failed, or what it sent instead. */
function tlsFailure(
  error: Error & { readonly code?: string },
  socket?: { readonly authorizationError?: unknown },
): string {
  const check = codeOf(socket?.authorizationError) ?? error.code ?? "";
  if (Object.hasOwn(CERTIFICATE, check)) return `${CERTIFICATE[check]} (${check})`;
  const code = error.code ?? error.message;
  const known = HANDSHAKE.find(([pattern]) => pattern.test(code))?.[1];
  return `${known ?? "the TLS handshake failed"} (${code})`;
}

// A code in Deno and Bun, an error in some versions of Node.
function codeOf(error: unknown): string | undefined {
  if (typeof error === "string") return error;
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Calls `onFailure` with the address of each client whose handshake fails, and the reason. */
export function watchHandshakes(
  server: Server,
  onFailure: (remote: string, reason: string, socket: Socket | undefined) => void,
): void {
  // A socket that failed has no address any more.
  const remotes = new WeakMap<object, string>();
  server.on("connection", (socket: Socket) => {
    const { remoteAddress, remotePort = 0 } = socket;
    if (remoteAddress !== undefined) remotes.set(socket, authorityOf(remoteAddress, remotePort));
  });
  server.on("tlsClientError", (error: Error, socket?: Socket) => {
    // Node and Deno keep the plain socket in `_parent`; in Bun it is the same.
    const plain: unknown = socket === undefined
      ? undefined
      : Reflect.get(socket, "_parent") ?? socket;
    const remote = typeof plain === "object" && plain !== null ? remotes.get(plain) : undefined;
    onFailure(remote ?? "", tlsFailure(error, socket as TLSSocket | undefined), socket);
  });
}
