import type { FaultKind, Outcome, RpcFault, WireValue } from "../call.ts";
import { formatJsonText } from "../../json/mod.ts";
import { formatResultText } from "../json_text.ts";
import type { Encoded, Incoming, Item, MessageLimits, Protocol } from "../protocol.ts";
import { isWireObject, readPythonMessage } from "./_json_message.ts";

/** pyRPC's envelope, as pyrpc-core 0.14 implements it (`tests/fixtures/wire-transcript.json`). */
export const pyrpcProtocol: Protocol = {
  name: "pyrpc",
  contentType: "application/json",
  binary: false,
  parse,
  formatReply,
  formatBatch,
};

/** Codes of pyRPC's errors. A procedure's own code goes before them. */
const CODES: Readonly<Record<FaultKind, number>> = {
  "parse": -32700,
  "invalid-request": -32600,
  "method-not-found": -32601,
  "invalid-params": -32602,
  "validation": -32602,
  "procedure": -32603,
  "result": -32603,
  "internal": -32603,
};

// pyRPC answers each item of a batch that is too large. Beyond this number the reply would be many times larger than
// the body.
const MAX_REFUSED_ITEMS = 10_000;

function parse(message: Uint8Array, limits: MessageLimits): Incoming {
  // pyRPC accepts an empty body as an empty object.
  const read = message.length === 0
    ? { value: {} as WireValue }
    : readPythonMessage(message, limits.maxDepth);
  if (read.fault !== undefined) {
    const { kind, message } = read.fault;
    return single(refuse(null, {
      kind,
      message: kind === "parse" ? "Invalid JSON" : `Invalid request: ${message}`,
    }));
  }
  if (!Array.isArray(read.value)) return single(parseItem(read.value, message));
  const items = read.value as readonly WireValue[];
  if (items.length <= limits.maxBatch) {
    return {
      batch: true,
      items: items.map((item) => parseItem(item)),
    };
  }
  const fault: RpcFault = {
    kind: "invalid-request",
    message: `Batch too large: ${items.length} operations (max ${limits.maxBatch})`,
  };
  return items.length > MAX_REFUSED_ITEMS ? single(refuse(null, fault)) : {
    batch: true,
    items: items.map((item) => refuse(isWireObject(item) ? ownId(item) : null, fault)),
  };
}

function single(item: Item): Incoming {
  return { batch: false, items: [item] };
}

function parseItem(value: WireValue, message?: Uint8Array): Item {
  if (!isWireObject(value)) {
    return refuse(null, {
      kind: "invalid-request",
      message: "Invalid request: expected an object",
    });
  }
  const rawId = ownId(value);
  const id = echoedId(rawId);
  // Pydantic reports the first wrong member in the order of the model: id, method, params.
  if (id === undefined) return refuse(null, badMember("id.str", "string_type", "a valid string"));
  if (!Object.hasOwn(value, "method")) {
    return refuse(id, {
      kind: "invalid-request",
      message: "Invalid request",
      data: { field: "method", message: "Field required", type: "missing" },
    });
  }
  const method = value["method"];
  if (typeof method !== "string") {
    return refuse(id, badMember("method", "string_type", "a valid string"));
  }
  const params = Object.hasOwn(value, "params") ? value["params"] : null;
  if (params !== null && !Array.isArray(params) && !isWireObject(params)) {
    return refuse(id, badMember("params.list[any]", "list_type", "a valid list"));
  }
  const args = params as readonly WireValue[] | null;
  const call = message === undefined
    ? { method, params: args }
    : { method, params: args, message, messageId: id };
  return { call, id, oneWay: false };
}

function ownId(value: { readonly [key: string]: WireValue }): WireValue {
  return Object.hasOwn(value, "id") ? value["id"] ?? null : null;
}

// Pydantic's `int | str | None` in lax mode: `true` is 1 and `1.0` is 1. pyRPC fails for anything else.
function echoedId(id: WireValue): WireValue | undefined {
  if (id === null || typeof id === "string" || typeof id === "bigint") return id;
  if (typeof id === "boolean") return id ? 1 : 0;
  if (typeof id !== "number" || !Number.isInteger(id)) return undefined;
  return Number.isSafeInteger(id) ? id : BigInt(id);
}

function badMember(field: string, type: string, wanted: string): RpcFault {
  return {
    kind: "invalid-request",
    message: "Invalid request",
    data: { field, message: `Input should be ${wanted}`, type },
  };
}

function refuse(id: unknown, refusal: RpcFault): Item {
  return { refusal, id };
}

// Faster than `join`, which flattens the replies again.
function formatBatch(replies: readonly Encoded[]): string {
  let text = `[${replies[0] ?? ""}`;
  for (let index = 1; index < replies.length; index++) text = `${text},${replies[index]}`;
  return `${text}]`;
}

function formatReply(item: Item, outcome: Outcome): Encoded {
  const id = typeof item.id === "number" ? item.id : formatJsonText(item.id);
  return outcome.ok
    ? `{"id":${id},"result":${formatResultText(outcome)},"error":null}`
    : `{"id":${id},"result":null,"error":${formatJsonText(pyrpcError(outcome.fault))}}`;
}

/** The `error` member of an envelope. */
export function pyrpcError(
  fault: RpcFault,
): { code: number; message: string; data: WireValue } {
  const code = fault.code ?? CODES[fault.kind];
  // Arguments that cannot be bound have an empty object as data; other errors without data have null.
  const data = fault.data ?? (fault.kind === "invalid-params" ? {} : null);
  return { code, message: fault.message, data };
}
