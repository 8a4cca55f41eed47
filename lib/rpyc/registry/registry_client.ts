import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { defined } from "../../defined.ts";
import type { Endpoint } from "./entries.ts";
import {
  isOk,
  readEndpoints,
  readNames,
  REGISTRY_PORT,
  type RegistryRequest,
  writeRequest,
} from "./messages.ts";

/** The address of a registry. */
export interface RegistryAddress {
  readonly transport: "udp" | "tcp";
  /** `255.255.255.255` sends the request to every registry of the network (UDP). */
  readonly host: string;
  /** @default {18811} */
  readonly port?: number;
  /** Milliseconds to wait for a reply. @default {2000} */
  readonly timeout?: number;
  /** Local address to send from, which the registry stores as the service's address. */
  readonly from?: string;
}

const TIMEOUT = 2000;

/** Registers or renews a service on this host; returns false if no registry confirmed it in time. */
export async function registerService(
  registry: RegistryAddress,
  names: readonly string[],
  port: number,
): Promise<boolean> {
  return await send(
    registry,
    { command: "register", names, port },
    (data) => isOk(data) || undefined,
  ) ?? false;
}

/** Unregisters a service; returns false if no registry confirmed it in time. Registries remove it later in any case. */
export async function unregisterService(registry: RegistryAddress, port: number): Promise<boolean> {
  return await send(registry, { command: "unregister", port }, (data) => isOk(data) || undefined) ??
    false;
}

/** Returns the addresses of a service; `undefined` if no registry replied. */
export function discoverService(
  registry: RegistryAddress,
  name: string,
): Promise<readonly Endpoint[] | undefined> {
  return send(registry, { command: "query", name }, readEndpoints);
}

/** Returns the names of all services or of those on `host`; `null` if listing is disabled, `undefined` if no registry replied. */
export function listServices(
  registry: RegistryAddress,
  host?: string,
): Promise<readonly string[] | null | undefined> {
  return send(registry, { command: "list", host }, readNames);
}

function send<Reply>(
  registry: RegistryAddress,
  request: RegistryRequest,
  read: (data: Uint8Array) => Reply | undefined,
): Promise<Reply | undefined> {
  const data = writeRequest(request);
  return registry.transport === "udp"
    ? sendUdp(registry, data, read)
    : sendTcp(registry, data, read);
}

function sendUdp<Reply>(
  { host, port = REGISTRY_PORT, timeout = TIMEOUT, from }: RegistryAddress,
  data: Uint8Array,
  read: (data: Uint8Array) => Reply | undefined,
): Promise<Reply | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
    const finish = (reply: Reply | undefined) => {
      clearTimeout(timer);
      resolve(reply);
      try {
        socket.close();
      } catch {
        // The socket is already closed.
      }
    };
    const timer = setTimeout(() => finish(undefined), timeout);
    socket.on("error", () => finish(undefined));
    socket.on("message", (message, sender) => {
      // Any host can send to this port: only messages from the registry's port are accepted.
      if (sender.port !== port) return;
      const reply = read(message);
      if (reply !== undefined) finish(reply);
    });
    socket.bind(0, from, () => {
      if (host.split(".").includes("255")) socket.setBroadcast(true);
      socket.send(data, port, host, (error) => {
        if (error !== null && error !== undefined) finish(undefined);
      });
    });
  });
}

function sendTcp<Reply>(
  { host, port = REGISTRY_PORT, timeout = TIMEOUT, from }: RegistryAddress,
  data: Uint8Array,
  read: (data: Uint8Array) => Reply | undefined,
): Promise<Reply | undefined> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const socket = connect({ host, port, ...defined({ localAddress: from }) });
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      const all = new Uint8Array(size);
      let at = 0;
      for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      resolve(size === 0 ? undefined : read(all));
    };
    const timer = setTimeout(finish, timeout);
    socket.on("connect", () => socket.write(data));
    socket.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > 1 << 20) finish();
    });
    socket.on("end", finish);
    socket.on("error", finish);
  });
}
