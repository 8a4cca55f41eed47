import type { FaultKind, Outcome, RpcFault, WireValue } from "../call.ts";
import { decodeMsgpack, DepthError, encodeMsgpack } from "./msgpack.ts";
import type { Encoded, Incoming, Item, MessageLimits, Protocol } from "../protocol.ts";
import { whyUnsendable } from "../unsendable.ts";
import { type MarkedValue, markFloats } from "../wire_float.ts";

/**
 * MessagePack-RPC (<https://github.com/msgpack-rpc/msgpack-rpc/blob/master/spec.md>). Errors are `[code, message]`, as
 * tinyrpc sends them.
 */
export const msgpackrpcProtocol: Protocol = {
  name: "msgpackrpc",
  // tinyrpc's HTTP transport sends this type with every reply.
  contentType: "application/json",
  binary: true,
  framing: "none",
  answersNotifications: true,
  parse,
  formatReply,
  formatBatch: () => undefined,
};

const REQUEST = 0;
const REPLY = 1;
const NOTIFICATION = 2;

const TEXTS: Partial<Record<FaultKind, readonly [code: number, message: string]>> = {
  "parse": [-32700, "Parse error"],
  "invalid-request": [-32600, "Invalid request"],
  "method-not-found": [-32601, "Method not found"],
  "invalid-params": [-32602, "Invalid params"],
  "validation": [-32602, "Invalid params"],
  "result": [-32603, "Internal error"],
  "internal": [-32603, "Internal error"],
};

function parse(message: Uint8Array, limits: MessageLimits): Incoming {
  return { batch: false, items: [parseItem(message, limits)] };
}

function parseItem(message: Uint8Array, { maxDepth }: MessageLimits): Item {
  let value: WireValue;
  try {
    value = decodeMsgpack(message, maxDepth);
  } catch (error) {
    const kind = error instanceof DepthError ? "invalid-request" : "parse";
    return refuse(null, kind, error instanceof Error ? error.message : String(error));
  }
  if (!Array.isArray(value) || value.length < 2) {
    return refuse(null, "invalid-request", "the message is not a list");
  }
  const [type, ...rest] = value as readonly WireValue[];
  if (type === REQUEST) return parseRequest(rest);
  if (type === NOTIFICATION) return parseNotification(rest);
  return refuse(null, "invalid-request", "the message is neither request nor notification");
}

function parseRequest(rest: readonly WireValue[]): Item {
  const [id, method, params] = rest;
  // Python accepts `true` as an integer, and so does tinyrpc.
  if (typeof id !== "bigint" && typeof id !== "boolean" && !Number.isInteger(id)) {
    return refuse(null, "invalid-request", "the id is not an integer");
  }
  if (rest.length !== 3 || typeof method !== "string") {
    return refuse(id, "invalid-request", "the request is not [0, id, method, params]");
  }
  if (!Array.isArray(params)) return refuse(id, "invalid-params", "params is not a list");
  return { call: { method, params }, id, oneWay: false };
}

function parseNotification(rest: readonly WireValue[]): Item {
  const [method, params] = rest;
  if (rest.length !== 2 || typeof method !== "string") {
    return refuse(null, "invalid-request", "the notification is not [2, method, params]");
  }
  // tinyrpc replies with the method in place of the id; no client waits for it.
  if (!Array.isArray(params)) {
    return { refusal: { kind: "invalid-params", message: "" }, id: SILENT };
  }
  return { call: { method, params }, id: null, oneWay: true };
}

// The id of a refused notification, which has no reply.
const SILENT = Symbol("silent");

function refuse(id: unknown, kind: FaultKind, message: string): Item {
  return { refusal: { kind, message }, id };
}

function formatReply(item: Item, outcome: Outcome): Encoded | undefined {
  if (item.id === SILENT || (item.call !== undefined && item.oneWay)) return undefined;
  const id = item.id as MarkedValue;
  if (!outcome.ok) return encodeMsgpack([REPLY, id, errorOf(outcome.fault), null]);
  const { value, schema } = outcome;
  try {
    return encodeMsgpack([
      REPLY,
      id,
      null,
      schema === undefined ? value : markFloats(value, schema),
    ]);
  } catch (error) {
    const why = whyUnsendable(value, "MessagePack");
    throw why === undefined ? error : new TypeError(why);
  }
}

function errorOf(fault: RpcFault): [code: number, message: string] {
  const [code, message] = TEXTS[fault.kind] ?? [-32000, fault.message];
  const { field, message: problem } =
    (typeof fault.data === "object" && fault.data !== null ? fault.data : {}) as {
      field?: unknown;
      message?: unknown;
    };
  // Errors carry no data: the detail of an argument or result goes into the message.
  const detail = fault.kind === "validation" && typeof field === "string"
    ? `${message}: ${field}: ${String(problem)}`
    : fault.kind === "result" && fault.data === undefined
    ? `${message}: ${fault.message}`
    : message;
  return [fault.code ?? code, detail];
}
