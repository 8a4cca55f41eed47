import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { lookup } from "node:dns";
import { once } from "node:events";
import { type AddressInfo, createServer, isIP, type Socket } from "node:net";
import { cannotListenForRegistry } from "../errors.ts";
import type { ServiceEntries } from "./entries.ts";
import {
  type BadRequest,
  MAX_LIST_REPLY,
  readRequest,
  type RegistryRequest,
  writeEndpoints,
  writeNames,
  writeOk,
} from "./messages.ts";

/** A line of the log. */
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
  /** Replies to LIST with names. */
  readonly allowListing: boolean;
  /** Returns milliseconds since the epoch; must not decrease. */
  readonly now: () => number;
  readonly log?: (line: RegistryLog) => void;
  /** Writes lines of level DEBUG, several for each request. @default {true} */
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
/** Several clients may have closed their socket since the last reply. */
const SEND_TRIES = 5;

/**
 * Replies to registrations and queries. Malformed requests get no reply and cannot end the server; TCP clients that send nothing
 * do not block others.
 *
 * @throws ToolError `SERVER_ADDRESS_TAKEN`, `SERVER_CANNOT_LISTEN`
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
    // By default, the address of every reply is looked up although it is numeric.
    lookup: (host, settings, done) => {
      const family = isIP(host);
      if (family === 0) lookup(host, { ...settings, all: false }, done);
      else done(null, host, family);
    },
  });
  socket.on("message", (data: Uint8Array, from: RemoteInfo) => {
    const reply = replyTo(readRequest(data), from.address, options);
    if (reply !== undefined) sendReply(socket, reply, from);
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
    // A client closed its socket before its reply, as those do that unregister.
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
 * Sends a reply, and retries if that fails: when a client has closed its socket, the system reports ECONNREFUSED for the next
 * send to any client and does not send it.
 */
function sendReply(
  socket: Pick<UdpSocket, "send">,
  reply: Uint8Array,
  to: RemoteInfo,
  tries = SEND_TRIES,
): void {
  socket.send(reply, to.port, to.address, (error) => {
    if (error !== null && error !== undefined && tries > 1) {
      sendReply(socket, reply, to, tries - 1);
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
      // A request may arrive in several chunks, until READ_TIMEOUT.
      if ("reason" in request && request.isIncomplete === true) return;
      const reply = replyTo(request, peer, options);
      if (reply === undefined) socket.destroy();
      else socket.end(reply);
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

function replyTo(
  request: RegistryRequest | BadRequest,
  source: string,
  options: RegistryServerOptions,
): Uint8Array | undefined {
  if ("reason" in request) {
    options.log?.({ level: "WARNING", text: request.reason });
    return undefined;
  }
  return run(request, plainAddress(source), options);
}

function run(
  request: RegistryRequest,
  host: string,
  { entries, now, allowListing, log, logsDebug, onChange }: RegistryServerOptions,
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
        return writeNames(undefined, MAX_LIST_REPLY);
      }
      const names = entries.list(request.host, now());
      debug(() => `replying with ${names.join(", ")}`);
      return writeNames(names, MAX_LIST_REPLY);
    }
  }
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host}:${port}`;
}

// A socket for both families reports IPv4 addresses in IPv6 notation; they are registered as IPv4 addresses.
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function concatenated(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
