/** The registry's messages (`rpyc/utils/registry.py` of rpyc 6): one brine value for the request and one for the reply, over UDP and TCP. */
import { type BrineValue, decodeBrine, encodeBrine } from "../brine.ts";
import type { Endpoint } from "./entries.ts";

/** Default port of a registry, UDP and TCP. */
export const REGISTRY_PORT = 18811;
/** Largest request, and largest reply except to LIST, that rpyc's clients and servers read. */
export const MAX_DATAGRAM = 1500;
/** Largest reply to LIST that rpyc's client reads. */
export const MAX_LIST_REPLY = 15_000;

const MAGIC = "RPYC";
const MAX_NAMES = 100;
const MAX_NAME_LENGTH = 255;
/** Up to this number of items, a reply is encoded once, because it almost always fits. */
const FEW = 8;

/** A request to a registry. */
export type RegistryRequest =
  | { readonly command: "register"; readonly names: readonly string[]; readonly port: number }
  | { readonly command: "unregister"; readonly port: number }
  | { readonly command: "query"; readonly name: string }
  | { readonly command: "list"; readonly host: string | undefined };

/** A malformed request. It gets no reply, as in rpyc. */
export interface BadRequest {
  readonly reason: string;
  /** True if the request may be valid once more bytes are received. */
  readonly isIncomplete?: boolean;
}

/** Decodes a request. */
export function readRequest(data: Uint8Array): RegistryRequest | BadRequest {
  if (data.length > MAX_DATAGRAM) return { reason: "request is too large" };
  let message: BrineValue;
  try {
    message = decodeBrine(data, { maxDepth: 8, maxDigits: 20 });
  } catch {
    return { reason: "request is not a brine value", isIncomplete: true };
  }
  if (!Array.isArray(message) || message.length !== 3) return { reason: "request is not a triple" };
  const [magic, command, args] = message as readonly BrineValue[];
  if (magic !== MAGIC) return { reason: `invalid magic: ${shown(magic)}` };
  if (typeof command !== "string" || !Array.isArray(args)) {
    return { reason: `unknown command: ${shown(command)}` };
  }
  return readCommand(command, args as readonly BrineValue[]);
}

function readCommand(command: string, args: readonly BrineValue[]): RegistryRequest | BadRequest {
  const wrong = { reason: `wrong arguments of ${shown(command)}` };
  switch (command.toLowerCase()) {
    case "register": {
      const port = portOf(args[1]);
      if (args.length !== 2 || !Array.isArray(args[0]) || port === undefined) return wrong;
      const names = (args[0] as readonly BrineValue[]).filter(isName);
      if (names.length !== args[0].length || names.length > MAX_NAMES) return wrong;
      return { command: "register", names, port };
    }
    case "unregister": {
      const port = portOf(args[0]);
      return args.length === 1 && port !== undefined ? { command: "unregister", port } : wrong;
    }
    case "query":
      return args.length === 1 && isName(args[0]) ? { command: "query", name: args[0] } : wrong;
    case "list": {
      const [filter] = args;
      if (args.length !== 1 || !Array.isArray(filter) || filter.length === 0) return wrong;
      const host = filter[0] as BrineValue;
      if (host !== null && typeof host !== "string") return wrong;
      return { command: "list", host: host === null || host === "" ? undefined : host };
    }
  }
  return { reason: `unknown command: ${shown(command)}` };
}

function isName(value: BrineValue | undefined): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_NAME_LENGTH;
}

function portOf(value: BrineValue | undefined): number | undefined {
  return typeof value === "bigint" && value > 0n && value < 65_536n ? Number(value) : undefined;
}

function shown(value: BrineValue | undefined): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : typeof value;
}

/** Encodes a request. */
export function writeRequest(request: RegistryRequest): Uint8Array {
  return encodeBrine([MAGIC, request.command.toUpperCase(), argumentsOf(request)]);
}

function argumentsOf(request: RegistryRequest): BrineValue {
  switch (request.command) {
    case "register":
      return [request.names, BigInt(request.port)];
    case "unregister":
      return [BigInt(request.port)];
    case "query":
      return [request.name];
    case "list":
      return [[request.host ?? null]];
  }
}

/** Encodes the reply to REGISTER and UNREGISTER. */
export function writeOk(): Uint8Array {
  return encodeBrine("OK");
}

/** Encodes the reply to QUERY, with as many servers as fit into the client's buffer. */
export function writeEndpoints(endpoints: readonly Endpoint[]): Uint8Array {
  return writeFitting(endpoints.map(({ host, port }) => [host, BigInt(port)]), MAX_DATAGRAM);
}

/** Encodes the reply to LIST; `undefined` means that listing is disabled. */
export function writeNames(names: readonly string[] | undefined, maxSize: number): Uint8Array {
  return names === undefined ? encodeBrine(null) : writeFitting(names, maxSize);
}

function writeFitting(items: readonly BrineValue[], maxSize: number): Uint8Array {
  if (items.length <= FEW) {
    const whole = encodeBrine(items);
    if (whole.length <= maxSize) return whole;
  }
  // The header of a tuple has at most five bytes.
  let size = 5;
  const fitting = items.slice(0, maxSize);
  const count = fitting.findIndex((item) => (size += encodeBrine(item).length) > maxSize);
  return encodeBrine(count < 0 ? fitting : fitting.slice(0, count));
}

/** Decodes the reply to QUERY; returns `undefined` for any other message. */
export function readEndpoints(data: Uint8Array): readonly Endpoint[] | undefined {
  const reply = readReply(data);
  if (!Array.isArray(reply)) return undefined;
  const endpoints: Endpoint[] = [];
  for (const pair of reply as readonly BrineValue[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    const host = pair[0] as BrineValue;
    const port = portOf(pair[1] as BrineValue);
    if (typeof host !== "string" || port === undefined) return undefined;
    endpoints.push({ host, port });
  }
  return endpoints;
}

/** Decodes the reply to LIST: names, `null` if listing is disabled, `undefined` for any other message. */
export function readNames(data: Uint8Array): readonly string[] | null | undefined {
  const reply = readReply(data);
  if (reply === null) return null;
  if (!Array.isArray(reply) || !reply.every((name) => typeof name === "string")) return undefined;
  return reply as readonly string[];
}

/** Returns true for the reply `"OK"`. */
export function isOk(data: Uint8Array): boolean {
  return readReply(data) === "OK";
}

function readReply(data: Uint8Array): BrineValue | undefined {
  try {
    return decodeBrine(data, { maxDepth: 8, maxDigits: 20 });
  } catch {
    return undefined;
  }
}
