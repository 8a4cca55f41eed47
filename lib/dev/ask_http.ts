import { exchange, HttpFailure } from "../http/mod.ts";

/** The outcome of a request to an address. */
export type HttpState =
  | { readonly kind: "answer"; readonly status: number; readonly body: string }
  /** No program listens there. */
  | { readonly kind: "refused" }
  /** A program listens that does not answer in time or in HTTP. */
  | { readonly kind: "silent"; readonly reason: string };

const MAX_BYTES = 64 * 2 ** 20;

/** Sends `GET /rpc` to a server on this machine, without a proxy and within `limit` milliseconds. Never rejects. */
export async function askRpc(host: string, port: number, limit: number): Promise<HttpState> {
  try {
    const { status, body } = await exchange({
      method: "GET",
      url: new URL(`${originOf(host, port)}/rpc`),
      headers: [],
      timeoutMs: limit,
      idleMs: limit,
      maxBytes: MAX_BYTES,
    });
    return { kind: "answer", status, body: new TextDecoder().decode(body) };
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const { kind, message } = error;
    if (kind === "refused") return { kind: "refused" };
    const isLate = kind === "timeout" || kind === "idle";
    return { kind: "silent", reason: isLate ? `no answer in ${limit / 1000} s` : message };
  }
}

/** The address of a server that listens on `host`: clients cannot connect to the wildcard addresses. */
export function dialable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

/** `http://127.0.0.1:8000`, for people and clients. */
export function originOf(host: string, port: number): string {
  const name = dialable(host);
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
