/**
 * Opens sockets itself, so that TLS options and proxies work the same under Deno, Bun and Node; `fetch` and the agents of
 * `node:https` do not offer that.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { closed, failureOf, HttpFailure } from "./failure.ts";

/** Texts in PEM format. */
export interface TlsOptions {
  /** Trusted instead of the authorities of the runtime. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The server to connect to. */
export interface HttpConnection {
  readonly url: URL;
  readonly tls?: TlsOptions;
  /** An `http:` or `https:` URL and its credentials. */
  readonly proxy?: { readonly url: URL; readonly authorization?: string };
}

/** Receives every socket that is opened, so that the caller can destroy it. */
export type Track = <S extends Duplex>(socket: S) => S;

/** Opens a connection to a server, directly or through a proxy, and secures it. */
export async function connect(request: HttpConnection, track: Track): Promise<Duplex> {
  const { url, proxy } = request;
  if (proxy === undefined) {
    const raw = await dial(url, track);
    return url.protocol === "https:" ? await secure(raw, url, request.tls ?? {}, track) : raw;
  }
  let raw: Duplex;
  try {
    raw = await dial(proxy.url, track);
    if (proxy.url.protocol === "https:") raw = await secure(raw, proxy.url, {}, track);
    if (url.protocol === "http:") return raw;
    await tunnel(raw, url, proxy.authorization);
  } catch (error) {
    const failure = failureOf(error);
    throw new HttpFailure(failure.kind, failure.message, {
      code: failure.code,
      atProxy: true,
      cause: error,
    });
  }
  return await secure(raw, url, request.tls ?? {}, track);
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "https:" ? 443 : 80);
}

function dial(url: URL, track: Track): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = track(net.connect({ host: hostOf(url), port: portOf(url) }));
    socket.setNoDelay(true);
    socket.once("error", reject);
    socket.once("close", () => reject(closed()));
    socket.once("connect", () => resolve(socket));
  });
}

function secure(raw: Duplex, url: URL, options: TlsOptions, track: Track): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const host = hostOf(url);
    const socket = track(tls.connect({
      socket: raw,
      // SNI does not allow addresses; `host` still validates the certificate.
      ...(net.isIP(host) ? { host } : { servername: host }),
      ALPNProtocols: ["http/1.1"],
      ...options,
      // Otherwise NODE_TLS_REJECT_UNAUTHORIZED=0 of another program would apply here too.
      rejectUnauthorized: true,
    }));
    socket.once("error", reject);
    socket.once("close", () => reject(closed()));
    socket.once("secureConnect", () => resolve(socket));
  });
}

const MAX_TUNNEL_ANSWER = 64 * 1024;

// Opens a tunnel to the server through a proxy (CONNECT).
function tunnel(socket: Duplex, url: URL, authorization: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const finish = (then: () => void) => {
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.off("close", onEnd);
      then();
    };
    const onEnd = () => finish(() => reject(closed()));
    const onData = (chunk: Uint8Array) => {
      answer += Buffer.from(chunk).toString("latin1");
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
      if (answer.length > MAX_TUNNEL_ANSWER || (status === undefined && answer.length > 12)) {
        return finish(() => reject(new HttpFailure("not-http", "The proxy does not speak HTTP")));
      }
      if (!answer.includes("\r\n\r\n")) return;
      finish(() => {
        if (status?.startsWith("2")) return resolve();
        reject(
          new HttpFailure("proxy", `The proxy answered ${answer.split("\r\n")[0]?.slice(9, 80)}`, {
            code: status ?? "",
          }),
        );
      });
    };
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("close", onEnd);
    const target = `${url.hostname}:${portOf(url)}`;
    const credentials = authorization === undefined
      ? ""
      : `Proxy-Authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentials}\r\n`);
  });
}
