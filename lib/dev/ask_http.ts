import { exchange, HttpFailure } from "../http/mod.ts";

/** What answers at an address. */
export type HttpState =
  | { readonly kind: "answer"; readonly status: number; readonly body: string }
  /** Nothing listens there. */
  | { readonly kind: "refused" }
  /** Something listens that does not answer as HTTP does, or not in time. */
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

/** The address to reach a server at that listens on `host`: the wildcard addresses are none. */
export function dialable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

/** `http://127.0.0.1:8000`, for people and clients. */
export function originOf(host: string, port: number): string {
  const name = dialable(host);
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
