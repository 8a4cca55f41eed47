import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** A server of one test; `await using` stops it and cuts its connections. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** `http(s)://127.0.0.1:PORT`. */
  readonly url: string;
  /** Method, path and headers of every request. */
  readonly requests: {
    method: string;
    url: string;
    headers: http.IncomingHttpHeaders;
    body: string;
  }[];
  readonly server: net.Server;
}

/** Answers a request whose whole body was received. */
export type Handler = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  body: string,
) => void;

/** An HTTP server on a free port. */
export async function serveHttp(
  handler: Handler,
  tls?: https.ServerOptions,
): Promise<TestServer> {
  const requests: TestServer["requests"] = [];
  const listener: http.RequestListener = (request, response) => {
    const entry = {
      method: request.method ?? "",
      url: request.url ?? "",
      headers: request.headers,
      body: "",
    };
    requests.push(entry);
    request.on("data", (chunk) => entry.body += String(chunk));
    request.on("end", () => handler(request, response, entry.body));
  };
  const server = tls === undefined
    ? http.createServer(listener)
    : https.createServer(tls, listener);
  return await listen(server, requests, tls === undefined ? "http" : "https");
}

/** A TCP server whose bytes the test writes. */
export function serveRaw(onConnection: (socket: net.Socket) => void): Promise<TestServer> {
  return listen(net.createServer(onConnection), [], "http");
}

async function listen(
  server: net.Server,
  requests: TestServer["requests"],
  scheme: string,
): Promise<TestServer> {
  const sockets = new Set<Duplex>();
  const track = (socket: Duplex) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  server.on("connection", track);
  server.on("secureConnection", track);
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    requests,
    server,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
