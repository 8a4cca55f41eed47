import { readdir, readFile, readlink } from "node:fs/promises";
import { connect, createServer, isIP } from "node:net";
import { platform } from "node:os";
import { parseJson } from "../json/mod.ts";
import { runProgram } from "../process/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import { type Contract, parseContract } from "../contract/mod.ts";
import { askRpc, dialable, originOf } from "./ask_http.ts";
import { cannotListen, portForbidden } from "./errors.ts";

/** The state of a port that a server is to listen on. */
export type PortState =
  | { readonly kind: "free" }
  /** A pyRPC server answers there, of this project or of another. */
  | { readonly kind: "pyrpc"; readonly contract: Contract; readonly holder: string | undefined }
  /** Another program listens there; `holder` names it if the system reports it. */
  | { readonly kind: "taken"; readonly holder: string | undefined };

/** Finds out who listens on a port of this machine. */
export async function portState(host: string, port: number): Promise<PortState> {
  if (port === 0 || await canListen(host, port)) return { kind: "free" };
  const [state, holder] = await Promise.all([askRpc(host, port, 2000), portHolder(port)]);
  const contract = state.kind === "answer" && state.status === 200
    ? contractIn(state.body, host, port)
    : undefined;
  return contract === undefined ? { kind: "taken", holder } : { kind: "pyrpc", contract, holder };
}

/** Fails unless servers can listen on this host. @throws ToolError for a name or an address of another machine */
export async function checkHost(host: string): Promise<void> {
  const problem = await listenProblem(host, 0);
  if (problem !== undefined) throw cannotListen(host, isIP(host) === 0 ? "name" : "address");
}

/** The first free port from `port` on; undefined if the next hundred are taken. */
export async function nextFreePort(host: string, port: number): Promise<number | undefined> {
  for (let next = port; next < Math.min(port + 100, 65_536); next++) {
    if (await canListen(host, next)) return next;
  }
  return undefined;
}

/** Any port that is free now. */
export function anyFreePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function canListen(host: string, port: number): Promise<boolean> {
  const problem = await listenProblem(host, port);
  if (problem?.code === "EACCES") throw portForbidden(port);
  return problem === undefined;
}

function listenProblem(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

/** Returns true if a port accepts connections, or does not refuse them within two seconds. */
export function isListening(host: string, port: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: dialable(host), port });
    const done = (isThere: boolean) => {
      cancel();
      socket.destroy();
      resolve(isThere);
    };
    const cancel = clock.after(2000, () => done(true));
    socket.once("connect", () => done(true));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      done(!(error.code === "ECONNREFUSED" || /refused/i.test(error.message)));
    });
  });
}

function contractIn(body: string, host: string, port: number): Contract | undefined {
  try {
    return parseContract(parseJson(body), { where: originOf(host, port) });
  } catch {
    return undefined;
  }
}

/** The program that listens on a TCP port, as `python3 (process 4711)`; undefined if the system does not report it. */
export async function portHolder(port: number): Promise<string | undefined> {
  const system = platform();
  if (system === "linux") return await linuxHolder(port);
  return system === "win32" ? await windowsHolder(port) : await lsofHolder(port);
}

// Without `-p TCP`, which lists IPv4 only.
async function windowsHolder(port: number): Promise<string | undefined> {
  const connections = await runProgram("netstat", ["-ano"], { limitMs: 5000 });
  const pid = listenerIn(connections.stdout, port);
  if (pid === undefined) return undefined;
  const filter = ["/fi", `PID eq ${pid}`, "/fo", "csv", "/nh"];
  const { stdout } = await runProgram("tasklist", filter, { limitMs: 5000 });
  const name = /^"([^"]+)"/m.exec(stdout)?.[1];
  return name === undefined ? `process ${pid}` : `${name} (process ${pid})`;
}

/**
 * The process that listens on a port, in the output of `netstat -ano`. A listener has no remote port; the word for its state
 * is translated.
 */
export function listenerIn(output: string, port: number): string | undefined {
  for (const line of output.split("\n")) {
    const [protocol, local = "", remote = "", ...rest] = line.trim().split(/\s+/);
    if (protocol === "TCP" && local.endsWith(`:${port}`) && remote.endsWith(":0")) {
      return rest.at(-1);
    }
  }
  return undefined;
}

// /proc/net/tcp lists the socket's number, /proc/PID/fd the links to it (only those of our own user, unless root).
async function linuxHolder(port: number): Promise<string | undefined> {
  const sockets = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await readFile(table, "utf8").catch(() => "");
    for (const line of text.split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [, local = "", , state] = fields;
      const isListening = state === "0A";
      if (isListening && parseInt(local.split(":")[1] ?? "", 16) === port) {
        sockets.add(`socket:[${fields[9]}]`);
      }
    }
  }
  if (sockets.size === 0) return undefined;
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
      if (!sockets.has(target)) continue;
      const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
      return `${name} (process ${pid})`;
    }
  }
  return undefined;
}

async function lsofHolder(port: number): Promise<string | undefined> {
  const args = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
  const { code, stdout } = await runProgram("lsof", args, { limitMs: 2000 });
  const pid = /^p(\d+)/m.exec(stdout)?.[1];
  const name = /^c(.+)/m.exec(stdout)?.[1];
  return code !== 0 || pid === undefined ? undefined : `${name} (process ${pid})`;
}
