import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { lookup } from "node:dns";
import { once } from "node:events";
import { type AddressInfo, createServer, isIP, type Socket } from "node:net";
import { cannotListenForRegistry } from "../errors.ts";
import type { ServiceEntries } from "./entries.ts";
import {
  MAX_DATAGRAM,
  MAX_LIST_ANSWER,
  readRequest,
  type RegistryRequest,
  writeEndpoints,
  writeNames,
  writeOk,
} from "./messages.ts";

/** A line of the registry's log. */
export interface RegistryLog {
  readonly level: "DEBUG" | "INFO" | "WARNING" | "ERROR";
  readonly text: string;
}

/** Options of {@link serveRegistry}. */
export interface RegistryServerOptions {
  readonly transport: "udp" | "tcp";
  readonly host: string;
  readonly port: number;
  readonly entries: ServiceEntries;
  /** Whether LIST is answered with names. */
  readonly allowListing: boolean;
  /** Milliseconds since the epoch; must not go back. */
  readonly now: () => number;
  readonly log?: (line: RegistryLog) => void;
  /** Whether lines of level DEBUG, several for each request, are put into words. @default {true} */
  readonly logsDebug?: boolean;
  /** Called after every change of the entries. */
  readonly onChange?: () => void;
}

/** A running registry. */
export interface RegistryServer {
  readonly port: number;
  readonly host: string;
  close(): Promise<void>;
}

const PRUNE_EVERY = 5000;
const READ_TIMEOUT = 3000;
const MAX_TCP_CONNECTIONS = 500;
/** Several clients may have left since the last answer. */
const SEND_TRIES = 5;

/**
 * Answers registrations and queries. A request that is none is not answered; nothing that comes can end the server, and TCP clients
 * that send nothing hold nobody up.
 *
 * @throws ToolError `SERVER_ADDRESS_TAKEN`, `SERVER_CANNOT_LISTEN`.
 */
export async function serveRegistry(options: RegistryServerOptions): Promise<RegistryServer> {
  const { entries, now, log, onChange } = options;
  const prune = setInterval(() => {
    const dropped = entries.prune(now());
    for (const { host, port } of dropped.slice(0, 100)) {
      log?.({ level: "DEBUG", text: `discarding stale ${host}:${port}` });
    }
    if (dropped.length > 0) onChange?.();
  }, PRUNE_EVERY);
  try {
    const server = await (options.transport === "udp" ? serveUdp(options) : serveTcp(options));
    log?.({ level: "DEBUG", text: `server started on ${server.host}:${server.port}` });
    return {
      ...server,
      async close() {
        clearInterval(prune);
        await server.close();
        log?.({ level: "DEBUG", text: "server closed" });
      },
    };
  } catch (error) {
    clearInterval(prune);
    throw error;
  }
}

async function serveUdp(options: RegistryServerOptions): Promise<RegistryServer> {
  const isIpv6 = options.host.includes(":");
  const socket: UdpSocket = createSocket({
    type: isIpv6 ? "udp6" : "udp4",
    // Every answer would be looked up otherwise, though its address is none but a number.
    lookup: (host, settings, done) => {
      const family = isIP(host);
      if (family === 0) lookup(host, { ...settings, all: false }, done);
      else done(null, host, family);
    },
  });
  socket.on("message", (data: Uint8Array, from: RemoteInfo) => {
    const answer = answerTo(data, from.address, options, MAX_LIST_ANSWER);
    if (answer !== undefined) sendAnswer(socket, answer, from);
  });
  const listening = once(socket, "listening");
  socket.bind(options.port, options.host);
  try {
    await listening;
  } catch (error) {
    socket.close();
    throw cannotListenForRegistry(
      `udp://${options.host}:${options.port}`,
      error as NodeJS.ErrnoException,
    );
  }
  socket.on("error", (error: NodeJS.ErrnoException) => {
    // A client that did not wait for its answer: who unregisters never does.
    if (error.code === "ECONNREFUSED" || /ECONNREFUSED/.test(error.message)) return;
    options.log?.({ level: "ERROR", text: error.message });
  });
  const { address, port } = socket.address();
  return {
    host: address,
    port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/**
 * Sends an answer, again if that fails: the system reports that an earlier client had closed its socket (ECONNREFUSED) on the next
 * send, whoever it is for, and does not send then.
 */
function sendAnswer(
  socket: Pick<UdpSocket, "send">,
  answer: Uint8Array,
  to: RemoteInfo,
  tries = SEND_TRIES,
): void {
  socket.send(answer, to.port, to.address, (error) => {
    if (error !== null && error !== undefined && tries > 1) {
      sendAnswer(socket, answer, to, tries - 1);
    }
  });
}

async function serveTcp(options: RegistryServerOptions): Promise<RegistryServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (open.size >= MAX_TCP_CONNECTIONS) return void socket.destroy();
    open.add(socket);
    const timer = setTimeout(() => socket.destroy(), READ_TIMEOUT);
    socket.on("close", () => {
      clearTimeout(timer);
      open.delete(socket);
    });
    let data: Uint8Array = new Uint8Array(0);
    socket.on("data", (chunk: Uint8Array) => {
      if (socket.writableEnded) return;
      data = concatenated(data, chunk);
      const peer = socket.remoteAddress ?? "";
      const request = readRequest(data);
      // A request may come in pieces: only one that can never become whole, or has waited too long, is given up.
      if (
        "reason" in request && data.length <= MAX_DATAGRAM &&
        request.reason.endsWith("no brine value")
      ) return;
      const answer = answerTo(data, peer, options, MAX_LIST_ANSWER);
      if (answer === undefined) socket.destroy();
      else socket.end(answer);
    });
  });
  const listening = once(server, "listening");
  server.listen({ host: options.host, port: options.port });
  try {
    await listening;
  } catch (error) {
    throw cannotListenForRegistry(
      `tcp://${options.host}:${options.port}`,
      error as NodeJS.ErrnoException,
    );
  }
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function answerTo(
  data: Uint8Array,
  source: string,
  options: RegistryServerOptions,
  maxList: number,
): Uint8Array | undefined {
  const request = readRequest(data);
  if ("reason" in request) {
    options.log?.({ level: "WARNING", text: request.reason });
    return undefined;
  }
  return run(request, plainAddress(source), options, maxList);
}

function run(
  request: RegistryRequest,
  host: string,
  { entries, now, allowListing, log, logsDebug, onChange }: RegistryServerOptions,
  maxList: number,
): Uint8Array | undefined {
  const debug = (text: () => string) => {
    if (logsDebug !== false) log?.({ level: "DEBUG", text: text() });
  };
  switch (request.command) {
    case "register": {
      const { names, port } = request;
      debug(() => `registering ${host}:${port} as ${names.join(", ")}`);
      const time = now();
      entries.prune(time);
      for (const name of names) {
        if (entries.register(name, { host, port }, time)) continue;
        log?.({ level: "WARNING", text: `no room for ${host}:${port} as ${name}` });
        return undefined;
      }
      onChange?.();
      return writeOk();
    }
    case "unregister":
      debug(() => `unregistering ${host}:${request.port}`);
      entries.unregister({ host, port: request.port });
      onChange?.();
      return writeOk();
    case "query": {
      debug(() => `querying for '${request.name.toUpperCase()}'`);
      const found = entries.query(request.name, now());
      debug(() =>
        found.length === 0 ? "no such service" : `replying with ${found.map(addressOf).join(", ")}`
      );
      return writeEndpoints(found);
    }
    case "list": {
      debug(() => "querying for services list:");
      if (!allowListing) {
        debug(() => "listing is disabled");
        return writeNames(undefined, maxList);
      }
      const names = entries.list(request.host, now());
      debug(() => `replying with ${names.join(", ")}`);
      return writeNames(names, maxList);
    }
  }
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host}:${port}`;
}

// A socket for both families names IPv4 clients in IPv6's notation; they are to be found under their own.
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function concatenated(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
