import { createSocket } from "node:dgram";
import { connect } from "node:net";
import type { Endpoint } from "./entries.ts";
import {
  isOk,
  readEndpoints,
  readNames,
  REGISTRY_PORT,
  type RegistryRequest,
  writeRequest,
} from "./messages.ts";

/** Where a registry is. */
export interface RegistryAddress {
  readonly transport: "udp" | "tcp";
  /** `255.255.255.255` asks every registry of the network (UDP). */
  readonly host: string;
  /** @default {18811} */
  readonly port?: number;
  /** Milliseconds to wait for an answer. @default {2000} */
  readonly timeout?: number;
  /** Own address to register from: the registry takes the sender's as the service's. */
  readonly from?: string;
}

const TIMEOUT = 2000;

/** Registers a service on this machine, or renews it. False when no registry said "OK" in time. */
export async function registerService(
  registry: RegistryAddress,
  names: readonly string[],
  port: number,
): Promise<boolean> {
  return await ask(
    registry,
    { command: "register", names, port },
    (data) => isOk(data) || undefined,
  ) ?? false;
}

/** Takes a service back. Does not wait for the answer longer than it must: a registry forgets by itself. */
export async function unregisterService(registry: RegistryAddress, port: number): Promise<boolean> {
  return await ask(registry, { command: "unregister", port }, (data) => isOk(data) || undefined) ??
    false;
}

/** Where a service runs; `undefined` when no registry answered. */
export function discoverService(
  registry: RegistryAddress,
  name: string,
): Promise<readonly Endpoint[] | undefined> {
  return ask(registry, { command: "query", name }, readEndpoints);
}

/** Names of all services, or of those on `host`; `null` when listing is disabled, `undefined` when no registry answered. */
export function listServices(
  registry: RegistryAddress,
  host?: string,
): Promise<readonly string[] | null | undefined> {
  return ask(registry, { command: "list", host }, readNames);
}

function ask<Answer>(
  registry: RegistryAddress,
  request: RegistryRequest,
  read: (data: Uint8Array) => Answer | undefined,
): Promise<Answer | undefined> {
  const data = writeRequest(request);
  return registry.transport === "udp" ? askUdp(registry, data, read) : askTcp(registry, data, read);
}

function askUdp<Answer>(
  { host, port = REGISTRY_PORT, timeout = TIMEOUT, from }: RegistryAddress,
  data: Uint8Array,
  read: (data: Uint8Array) => Answer | undefined,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
    const finish = (answer: Answer | undefined) => {
      clearTimeout(timer);
      resolve(answer);
      try {
        socket.close();
      } catch {
        // Closed already.
      }
    };
    const timer = setTimeout(() => finish(undefined), timeout);
    socket.on("error", () => finish(undefined));
    socket.on("message", (message, sender) => {
      // Anybody can send to the port that asked: only the registry's own port counts.
      if (sender.port !== port) return;
      const answer = read(message);
      if (answer !== undefined) finish(answer);
    });
    socket.bind(0, from, () => {
      if (host.split(".").includes("255")) socket.setBroadcast(true);
      socket.send(data, port, host, (error) => {
        if (error !== null && error !== undefined) finish(undefined);
      });
    });
  });
}

function askTcp<Answer>(
  { host, port = REGISTRY_PORT, timeout = TIMEOUT, from }: RegistryAddress,
  data: Uint8Array,
  read: (data: Uint8Array) => Answer | undefined,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const socket = connect({ host, port, ...(from === undefined ? {} : { localAddress: from }) });
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
