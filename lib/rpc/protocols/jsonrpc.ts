import { defined } from "../../defined.ts";
import type { FaultKind, Outcome, RpcFault, WireValue } from "../call.ts";
import { formatJsonText } from "../../json/mod.ts";
import { formatResultText } from "../json_text.ts";
import type { Encoded, Incoming, Item, MessageLimits, Protocol } from "../protocol.ts";
import { isWireObject, readJsonMessage } from "./_json_message.ts";

/**
 * JSON-RPC 2.0 (<https://www.jsonrpc.org/specification>): an id is a string, a number or null, a request without an id is a
 * notification, and further members are ignored.
 */
export const jsonrpcProtocol: Protocol = makeProtocol("jsonrpc", true);

/**
 * JSON-RPC 2.0 as tinyrpc implements it: any id is returned unchanged, `null` marks a notification, further members are
 * refused, and a notification over WebSocket has an empty reply.
 */
export const tinyrpcJsonrpcProtocol: Protocol = makeProtocol("jsonrpc-tinyrpc", false);

const MEMBERS = new Set(["id", "jsonrpc", "method", "params"]);

const TEXTS: Partial<Record<FaultKind, readonly [code: number, message: string]>> = {
  "parse": [-32700, "Parse error"],
  "invalid-request": [-32600, "Invalid Request"],
  "method-not-found": [-32601, "Method not found"],
  "invalid-params": [-32602, "Invalid params"],
  "validation": [-32602, "Invalid params"],
  "result": [-32603, "Internal error"],
  "internal": [-32603, "Internal error"],
};

function makeProtocol(name: string, strict: boolean): Protocol {
  return {
    name,
    contentType: "application/json",
    binary: false,
    answersNotifications: !strict,
    parse: (message, limits) => parse(message, limits, strict),
    formatReply,
    formatBatch: (replies) => replies.length === 0 ? undefined : `[${replies.join(",")}]`,
  };
}

function parse(message: Uint8Array, limits: MessageLimits, strict: boolean): Incoming {
  const read = readJsonMessage(message, limits.maxDepth);
  if (read.fault !== undefined) return single(refuse(null, read.fault));
  if (!Array.isArray(read.value)) return single(parseItem(read.value, strict));
  const items = read.value as readonly WireValue[];
  if (items.length === 0) return single(refuse(null, invalid("an empty batch")));
  if (items.length > limits.maxBatch) {
    const problem = `a batch of ${items.length} requests (max ${limits.maxBatch})`;
    return single(refuse(null, invalid(problem, problem)));
  }
  return { batch: true, items: items.map((item) => parseItem(item, strict)) };
}

function single(item: Item): Incoming {
  return { batch: false, items: [item] };
}

function parseItem(value: WireValue, strict: boolean): Item {
  if (!isWireObject(value)) return refuse(null, invalid("expected an object"));
  const given = Object.hasOwn(value, "id");
  const id = given ? value["id"] ?? null : null;
  if (strict && typeof id === "object" && id !== null || strict && typeof id === "boolean") {
    return refuse(null, invalid("the id is not a string, a number or null"));
  }
  if (value["jsonrpc"] !== "2.0" || !Object.hasOwn(value, "jsonrpc")) {
    return refuse(id, invalid('"jsonrpc" must be "2.0"'));
  }
  if (!strict) {
    const unknown = Object.keys(value).find((key) => !MEMBERS.has(key));
    if (unknown !== undefined) return refuse(id, invalid(`unknown member "${unknown}"`));
  }
  const method = Object.hasOwn(value, "method") ? value["method"] : undefined;
  if (typeof method !== "string") return refuse(id, invalid("the method is not a string"));
  const oneWay = strict ? !given : id === null;
  const params = Object.hasOwn(value, "params") ? value["params"] ?? null : null;
  if (params !== null && !Array.isArray(params) && !isWireObject(params)) {
    const fault: RpcFault = { kind: "invalid-params", message: "params is not a list or object" };
    // A notification has no reply, even if its call is invalid.
    return oneWay ? { refusal: fault, id: SILENT } : refuse(id, fault);
  }
  return { call: { method, params: params as readonly WireValue[] | null }, id, oneWay };
}

// The id of a refused notification, which has no reply.
const SILENT = Symbol("silent");

function invalid(problem: string, data?: string): RpcFault {
  return {
    kind: "invalid-request",
    message: problem,
    ...defined({ data }),
  };
}

function refuse(id: unknown, refusal: RpcFault): Item {
  return { refusal, id };
}

function formatReply(item: Item, outcome: Outcome): Encoded | undefined {
  if (item.id === SILENT || (item.call !== undefined && item.oneWay)) return undefined;
  const id = formatJsonText(item.id);
  return outcome.ok
    ? `{"jsonrpc":"2.0","id":${id},"result":${formatResultText(outcome)}}`
    : `{"jsonrpc":"2.0","id":${id},"error":${formatJsonText(errorOf(outcome.fault))}}`;
}

function errorOf(fault: RpcFault): { code: number; message: string; data?: WireValue } {
  const [code, message] = TEXTS[fault.kind] ?? [-32000, fault.message];
  // Empty data is omitted, as in tinyrpc. The reason why a result cannot be sent goes here.
  const { data = fault.kind === "result" ? fault.message : undefined } = fault;
  return {
    code: fault.code ?? code,
    message,
    ...defined({ data: isEmpty(data) ? undefined : data }),
  };
}

function isEmpty(data: WireValue | undefined): boolean {
  return data === undefined || data === null || data === "" ||
    (typeof data === "object" && Object.keys(data).length === 0);
}
