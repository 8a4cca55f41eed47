import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A running peer; `await using` stops it. */
export interface ClientPeer extends AsyncDisposable {
  readonly url: string;
  /** Requests seen so far, as `METHOD /path`. */
  readonly requests: readonly string[];
}

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: unknown;
}

/**
 * A server on a free port that answers a client correctly and incorrectly, by the name of the procedure.
 * Extra `pages` are served to browsers. Every origin is allowed but below `/closed`.
 */
export async function startClientPeer(
  pages: Readonly<Record<string, { type: string; text: string }>> = {},
): Promise<ClientPeer> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    requests.push(`${request.method} ${path}`);
    const page = pages[path];
    if (page !== undefined) {
      response.writeHead(200, { "content-type": page.type }).end(page.text);
      return;
    }
    if (!path.startsWith("/closed")) {
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("access-control-allow-headers", "*, authorization, content-type");
    }
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return;
    }
    const body = await readBody(request).catch(() => undefined);
    // The client has aborted the request.
    if (body === undefined) return;
    const answer = ROUTES[path] ?? notFound;
    answer(request, response, body === "" ? undefined : JSON.parse(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

type Route = (request: IncomingMessage, response: ServerResponse, body: unknown) => void;

const ROUTES: Readonly<Record<string, Route>> = {
  "/echo/rpc": (request, response, body) => {
    const { id, ...rest } = body as Call;
    const random = typeof id === "string" && /^[0-9a-z.-]{5,}$/.test(id);
    send(response, {
      id,
      error: null,
      result: { ...rest, random, type: request.headers["content-type"], verb: request.method },
    });
  },
  "/closed/rpc": (_, response, body) => send(response, { id: (body as Call).id, result: 1 }),
  "/headers/rpc": (request, response, body) => {
    const { authorization, "content-type": type, "x-call": own } = request.headers;
    send(response, { id: (body as Call).id, result: { authorization, type, own }, error: null });
  },
  "/secured/rpc": (request, response, body) => {
    if (request.headers.authorization === "Bearer 1") {
      return send(response, { id: (body as Call).id, result: "in", error: null });
    }
    response.writeHead(401, { "www-authenticate": "Bearer" }).end();
  },
  "/raw/rpc": (_, response, body) => misbehave(response, body as Call),
  "/batch/rpc": (_, response, body) => {
    const calls = body as Call[];
    const faulty = calls.find(({ method }) =>
      ["http500", "dies", "slow", "as_sent"].includes(method)
    );
    if (faulty !== undefined) return misbehave(response, faulty);
    if (calls.some(({ method }) => method === "refuse")) {
      return send(response, {
        id: null,
        result: null,
        error: { code: -32600, message: "No batches here", data: null },
      });
    }
    // The order is what counts: identifiers are wrong on purpose.
    const answers = calls.map(({ method, params }) => {
      const list = params as unknown[];
      if (method === "fail") {
        return { id: "x", result: null, error: { code: -32603, message: list[0], data: null } };
      }
      if (method === "size") return { id: "x", result: [list[0], calls.length], error: null };
      return { id: "x", result: Number(list[0]) + Number(list[1]), error: null };
    });
    const missing = calls.findIndex(({ method }) => method === "missing");
    send(response, missing === -1 ? answers : answers.slice(0, missing));
  },
};

function misbehave(response: ServerResponse, { id, method, params }: Call): void {
  switch (method) {
    case "as_sent":
      return void response.writeHead(200, {
        "access-control-expose-headers": "*",
        "content-type": "text/plain",
        "x-own": "1",
      }).end(String((params as unknown[])[0]));
    case "null":
      return send(response, { id, result: null, error: null });
    case "error":
      return send(response, {
        id,
        result: null,
        error: {
          code: -32602,
          message: "Validation failed",
          data: { field: "a", type: "missing", message: "Field required" },
        },
      });
    case "http500":
      return void response.writeHead(500, { "content-type": "text/html" }).end("<h1>Oops</h1>");
    case "http401":
      return void response.writeHead(401, {
        "access-control-expose-headers": "*",
        "www-authenticate": "Bearer",
      }).end('{"detail": "Not authenticated"}');
    case "html":
      return void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Hi</h1>");
    case "dies":
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write('{"id": "1", "resu');
      return void setTimeout(() => response.destroy(), 20);
    case "dies_early":
      return void response.destroy();
    case "drips": {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 20);
      return void response.on("close", () => clearInterval(timer));
    }
    case "slow":
      return;
    default:
      return send(response, { id, result: method, error: null });
  }
}

function notFound(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404, { "content-type": "application/json" }).end("{}");
}

function send(response: ServerResponse, answer: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
