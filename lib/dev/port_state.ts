import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";
import { platform } from "node:os";
import { parseContract } from "../schema/mod.ts";
import { askRpc, originOf } from "./ask_http.ts";

/** What is at the port that a server shall have. */
export type PortState =
  | { readonly kind: "free" }
  /** A pyRPC server answers there. */
  | { readonly kind: "pyrpc" }
  /** Something else holds it; `holder` names it where the system tells. */
  | { readonly kind: "taken"; readonly holder: string | undefined };

/** Looks who is at a port of this machine. */
export async function portState(host: string, port: number): Promise<PortState> {
  if (port === 0 || await canListen(host, port)) return { kind: "free" };
  const state = await askRpc(host, port, 2000);
  if (state.kind === "answer" && state.status === 200 && isContract(state.body, host, port)) {
    return { kind: "pyrpc" };
  }
  return { kind: "taken", holder: await portHolder(port) };
}

/** The first port from `port` on that can be listened on; undefined where the next hundred are taken. */
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

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

function isContract(body: string, host: string, port: number): boolean {
  try {
    parseContract(JSON.parse(body), { where: originOf(host, port) });
    return true;
  } catch {
    return false;
  }
}

/** `python3 (process 4711)`: who listens on a TCP port; undefined where the system does not tell. */
export async function portHolder(port: number): Promise<string | undefined> {
  return platform() === "linux" ? await linuxHolder(port) : await lsofHolder(port);
}

// /proc/net/tcp has the socket's number, /proc/PID/fd the links to it (those of our own user, or of all for root).
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

function lsofHolder(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const args = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
    execFile("lsof", args, { timeout: 2000, windowsHide: true }, (error, stdout) => {
      const pid = /^p(\d+)/m.exec(stdout)?.[1];
      const name = /^c(.+)/m.exec(stdout)?.[1];
      resolve(error !== null || pid === undefined ? undefined : `${name} (process ${pid})`);
    });
  });
}
