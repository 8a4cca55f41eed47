import { request } from "node:http";

/** What answers at an address. */
export type HttpState =
  | { readonly kind: "answer"; readonly status: number; readonly body: string }
  /** Nothing listens there. */
  | { readonly kind: "refused" }
  /** Something listens that does not answer as HTTP does, or not in time. */
  | { readonly kind: "silent"; readonly reason: string };

const MAX_BYTES = 64 * 2 ** 20;

/** Asks `GET /rpc` of a server on this machine, by no proxy and in `limit` milliseconds. Never rejects. */
export function askRpc(host: string, port: number, limit: number): Promise<HttpState> {
  return new Promise((resolve) => {
    const asked = request({
      host: dialable(host),
      port,
      path: "/rpc",
      headers: { accept: "application/json", connection: "close" },
      agent: false,
    }, (response) => {
      const pieces: string[] = [];
      let size = 0;
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        size += piece.length;
        if (size > MAX_BYTES) asked.destroy(new Error("the answer is too large"));
        else pieces.push(piece);
      });
      response.on("end", () => {
        done({ kind: "answer", status: response.statusCode ?? 0, body: pieces.join("") });
      });
      response.on("error", (error) => done({ kind: "silent", reason: error.message }));
    });
    const timer = setTimeout(() => {
      done({ kind: "silent", reason: `no answer in ${limit / 1000} s` });
      asked.destroy();
    }, limit);
    const done = (state: HttpState) => {
      clearTimeout(timer);
      resolve(state);
    };
    asked.on("error", (error: NodeJS.ErrnoException) => {
      const isRefused = error.code === "ECONNREFUSED" || /refused/i.test(error.message);
      done(isRefused ? { kind: "refused" } : { kind: "silent", reason: error.message });
    });
    asked.end();
  });
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
