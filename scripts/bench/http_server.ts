/** HTTP servers to load: our executable, a bare server of the same engine, and any other program. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../tests/support/free_port.ts";
import { bunPath } from "../bun.ts";

/** A running server. */
export interface HttpServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** A program that starts a server which answers `body`. */
export interface ServerCommand {
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly path: string;
  readonly body: string;
}

/** Starts a server and waits until it answers. */
export async function startHttpServer(
  { command, args, path, body }: ServerCommand,
): Promise<HttpServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${path}`;
  const child: ChildProcess = spawn(command, args(port), { stdio: "ignore" });
  const closed = once(child, "close");
  const killOnExit = () => void child.kill("SIGKILL");
  process.once("exit", killOnExit);
  const stop = async () => {
    process.off("exit", killOnExit);
    child.kill("SIGKILL");
    await closed;
  };
  const end = performance.now() + 60_000;
  while (child.exitCode === null && performance.now() < end) {
    try {
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body });
      await response.arrayBuffer();
      if (response.ok) return { url, pid: child.pid!, [Symbol.asyncDispose]: stop };
    } catch {
      // The server does not listen yet.
    }
    await delay(10);
  }
  await stop();
  throw new Error(`"${command} ${args(port).join(" ")}" does not answer`);
}

/** Starts `node:http` under the pinned Bun: it reads and parses each body and answers `answer`. */
export async function startBareServer(answer: string): Promise<HttpServer> {
  return await startScript(BARE_SERVER, [answer]);
}

/**
 * Starts an upstream server for a proxy: a bare server whose answer has the id of the call, since a proxy reports any
 * other. GET answers `document`.
 */
export async function startBareUpstream(result: string, document: string): Promise<HttpServer> {
  return await startScript(BARE_UPSTREAM, [result, document]);
}

/** Starts a TCP server that answers each chunk of bytes with `answer`: no HTTP server can be faster. */
export async function startTrivialServer(answer: string): Promise<HttpServer> {
  return await startScript(TRIVIAL_SERVER, [answer]);
}

async function startScript(script: string, args: readonly string[]): Promise<HttpServer> {
  return await startHttpServer({
    command: await bunPath(),
    args: (port) => ["-e", script, String(port), ...args],
    path: "/rpc",
    body: "{}",
  });
}

const BARE_SERVER = `
const [port, answer] = process.argv.slice(-2);
const bytes = Buffer.from(answer);
const headers = { "content-type": "application/json", "content-length": bytes.length };
require("node:http").createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200, headers);
    response.end(bytes);
  });
}).listen(Number(port), "127.0.0.1");
`;

const BARE_UPSTREAM = `
const [port, result, document] = process.argv.slice(-3);
const headers = { "content-type": "application/json" };
require("node:http").createServer((request, response) => {
  if (request.method === "GET") return response.end(document);
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const { id } = JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200, headers);
    response.end('{"id":' + id + ',"result":' + result + ',"error":null}');
  });
}).listen(Number(port), "127.0.0.1");
`;

const TRIVIAL_SERVER = `
const [port, answer] = process.argv.slice(-2);
const bytes = Buffer.from(
  "HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: " +
    Buffer.byteLength(answer) + "\\r\\n\\r\\n" + answer,
);
require("node:net").createServer((socket) => {
  socket.on("data", () => socket.write(bytes));
  socket.on("error", () => socket.destroy());
}).listen(Number(port), "127.0.0.1");
`;
