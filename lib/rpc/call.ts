import type { JsonSchema } from "../contract/mod.ts";

/** What a protocol makes of a request, what a dispatcher makes of it, and what goes between them. */

/**
 * A value on its way between protocol and dispatcher: JSON's values, `bigint` for integers that a double cannot hold,
 * and `Uint8Array` where the protocol has bytes (MessagePack).
 */
export type WireValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly WireValue[]
  | WireObject;

/** An object of {@link WireValue}s. Keys come from elsewhere: read them with `Object.hasOwn`. */
export interface WireObject {
  readonly [key: string]: WireValue;
}

/** One request, whatever protocol brought it. */
export interface RpcCall {
  readonly method: string;
  /** By position (a list), by name (an object), or `null` for none at all. */
  readonly params: readonly WireValue[] | WireObject | null;
  /** The message's own bytes, where it is this one call in pyRPC's envelope: a proxy hands it on as it came. */
  readonly message?: Uint8Array;
}

/** Where a message came from. The same object goes to the trace, the dispatcher and back to the transport. */
export interface CallContext {
  /** `http`, `ws`, `tcp`, `unix`, `stdio`, `zmq`, `nats`, or a name of one's own. */
  readonly transport: string;
  /** The peer, as `address:port` or the path of a socket, or the inbox that a reply goes to; `""` where there is none. */
  readonly remote: string;
  /** Header of the HTTP request, lower-case names; absent elsewhere. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Who an authenticator says this is. */
  readonly identity?: unknown;
  /** Aborts when the peer is gone or the server stops without patience. */
  readonly signal?: AbortSignal;
}

/** Kinds of failure. Each protocol has its own code for each. */
export type FaultKind =
  /** The message is not of the protocol's encoding. */
  | "parse"
  /** It is, but it is no request. */
  | "invalid-request"
  | "method-not-found"
  /** Number or names of the arguments are wrong. */
  | "invalid-params"
  /** An argument is not what its schema says. */
  | "validation"
  /** The procedure threw. */
  | "procedure"
  /** The procedure's result is not what its schema says, or cannot be sent. */
  | "result"
  /** A failure of ours. */
  | "internal";

/** Why a call has no result. */
export interface RpcFault {
  readonly kind: FaultKind;
  readonly message: string;
  /** The error's own code, where the procedure chose one. */
  readonly code?: number;
  /** `undefined` for none. */
  readonly data?: WireValue;
  /** Class of the exception, where the protocol can tell it. */
  readonly exception?: string;
  /** For the person that watches the server; never sent. */
  readonly stack?: string;
}

/** What became of a call. */
export type Outcome =
  | {
    readonly ok: true;
    readonly value: WireValue;
    /** What the value is, where it is known: tells floats from integers, which JavaScript cannot. */
    readonly schema?: JsonSchema;
    /** The value as JSON, where it came so: sent on as it is by protocols of JSON. */
    readonly text?: string;
  }
  | { readonly ok: false; readonly fault: RpcFault };

/** Something that runs calls. Never throws and never rejects: every failure is an {@link Outcome}. */
export interface Dispatcher {
  /** Whether this dispatcher (or one below it) has the procedure: a stack asks the first that does. */
  has(method: string): boolean;
  /** Answers at once where it can: a promise costs a turn of the event loop. */
  dispatch(call: RpcCall, context: CallContext): Outcome | Promise<Outcome>;
}

/** One call that was answered, for request lines, the explorer's live trace and statistics. */
export interface CallEvent {
  readonly method: string;
  readonly params: RpcCall["params"];
  readonly outcome: Outcome;
  /** Milliseconds from the parsed request to its outcome. */
  readonly ms: number;
  readonly context: CallContext;
  /** The protocol's name. */
  readonly protocol: string;
}

/** A result. */
export function succeeded(value: WireValue, schema?: JsonSchema): Outcome {
  return schema === undefined ? { ok: true, value } : { ok: true, value, schema };
}

/** A failure. */
export function failed(fault: RpcFault): Outcome {
  return { ok: false, fault };
}

/** No such procedure. */
export function methodNotFound(method: string): Outcome {
  return failed({ kind: "method-not-found", message: `Method not found: ${method}` });
}

/**
 * What an exception of a procedure becomes. An integer `code` is kept with `data`, whatever class the error has: the
 * `PyRPCError` of a user's bundled module is not the same class as ours.
 */
export function procedureFailed(error: unknown): Outcome {
  if (typeof error !== "object" || error === null) {
    return failed({ kind: "procedure", message: String(error) });
  }
  const { message, data, name, stack, jsonrpc_error_code, code = jsonrpc_error_code } =
    error as Partial<Record<string, unknown>>;
  return failed({
    kind: "procedure",
    message: typeof message === "string" ? message : String(error),
    ...(Number.isSafeInteger(code) ? { code: code as number } : {}),
    ...(data === undefined ? {} : { data: data as WireValue }),
    ...(typeof name === "string" ? { exception: name } : {}),
    ...(typeof stack === "string" ? { stack } : {}),
  });
}
