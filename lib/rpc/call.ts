import type { JsonSchema } from "../contract/mod.ts";
import { defined } from "../defined.ts";

/** Calls and their outcomes, which protocols and dispatchers exchange. */

/**
 * A value between protocol and dispatcher: JSON's values, `bigint` for integers that a double cannot hold,
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

/** An object of {@link WireValue}s. Its keys are untrusted: read them with `Object.hasOwn`. */
export interface WireObject {
  readonly [key: string]: WireValue;
}

/** One request, independent of the protocol. */
export interface RpcCall {
  readonly method: string;
  /** By position (a list), by name (an object), or `null` without arguments. */
  readonly params: readonly WireValue[] | WireObject | null;
  /** The message's bytes, if it contains this one call in pyRPC's envelope: a proxy forwards them unchanged. */
  readonly message?: Uint8Array;
  /** The id in `message` as pyRPC returns it. */
  readonly messageId?: WireValue;
}

/** An HTTP response instead of the reply to a message. */
export interface ResponseOverride {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Origin of a message. The trace, the dispatcher and the transport receive the same object. */
export interface CallContext {
  /** `http`, `ws`, `tcp`, `unix`, `stdio`, `zmq`, `nats`, or the name of a custom transport. */
  readonly transport: string;
  /** The peer, as `address:port`, the path of a socket or the inbox of a reply; `""` if it has no address. */
  readonly remote: string;
  /** Headers of the HTTP request, with lower-case names. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Identity that the authenticator returned. */
  readonly identity?: unknown;
  /** Aborts when the peer is gone or the grace period of a stop is over. */
  readonly signal?: AbortSignal;
  /** Asks for a response instead of the reply, which is sent if all calls of the message ask for one. HTTP only. */
  overrideResponse?(response: ResponseOverride): void;
  /** Adds a `Set-Cookie` header to the response. HTTP only. */
  setCookie?(cookie: string): void;
}

/** Kinds of failure. Each protocol has its own code for each. */
export type FaultKind =
  /** The message cannot be decoded. */
  | "parse"
  /** The message is not a request. */
  | "invalid-request"
  | "method-not-found"
  /** Number or names of the arguments do not match. */
  | "invalid-params"
  /** An argument does not match its schema. */
  | "validation"
  /** The procedure threw. */
  | "procedure"
  /** The procedure's result does not match its schema, or cannot be encoded. */
  | "result"
  /** An internal error. */
  | "internal";

/** The error of a call. */
export interface RpcFault {
  readonly kind: FaultKind;
  readonly message: string;
  /** Code that the procedure set. */
  readonly code?: number;
  /** `undefined` without data. */
  readonly data?: WireValue;
  /** Class of the exception, for protocols that send it. */
  readonly exception?: string;
  /** For the server's own log; never sent. */
  readonly stack?: string;
}

/** Result or error of a call. */
export type Outcome =
  | {
    readonly ok: true;
    readonly value: WireValue;
    /** Schema of the value, if known: distinguishes floats from integers, which JavaScript does not. */
    readonly schema?: JsonSchema;
    /** The value as JSON text, if it was received so: JSON protocols send it unchanged. */
    readonly text?: string;
  }
  | { readonly ok: false; readonly fault: RpcFault };

/** Runs calls. Never throws and never rejects: every failure is an {@link Outcome}. */
export interface Dispatcher {
  /** Reports whether this dispatcher, or one below it, has the procedure. */
  has(method: string): boolean;
  /** Answers without a promise if possible: a promise costs a tick of the event loop. */
  dispatch(call: RpcCall, context: CallContext): Outcome | Promise<Outcome>;
}

/** An answered call, for request lines, the explorer's live trace and statistics. */
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

/** Makes the outcome of a result. */
export function succeeded(value: WireValue, schema?: JsonSchema): Outcome {
  return schema === undefined ? { ok: true, value } : { ok: true, value, schema };
}

/** Makes the outcome of an error. */
export function failed(fault: RpcFault): Outcome {
  return { ok: false, fault };
}

/** Makes the outcome of an unknown procedure. */
export function methodNotFound(method: string): Outcome {
  return failed({ kind: "method-not-found", message: `Method not found: ${method}` });
}

/**
 * Converts an exception of a procedure. An integer `code` is kept with `data` for every class of error: the
 * `PyRPCError` of a user's bundled module is another class than the one here.
 */
export function procedureFailed(error: unknown): Outcome {
  if (typeof error !== "object" || error === null) {
    return failed({ kind: "procedure", message: thrownMessage(error) });
  }
  const { data, name, stack, jsonrpc_error_code, code = jsonrpc_error_code } = error as Partial<
    Record<string, unknown>
  >;
  return failed({
    kind: "procedure",
    message: thrownMessage(error),
    ...defined({
      code: Number.isSafeInteger(code) ? code as number : undefined,
      data: data as WireValue | undefined,
      exception: error instanceof Error
        ? errorClass(error)
        : typeof name === "string"
        ? name
        : undefined,
      stack: typeof stack === "string" ? stack : undefined,
    }),
  });
}

/** Returns the text of a thrown value: the `message` of an object, which need not be an `Error`. */
export function thrownMessage(error: unknown): string {
  try {
    const { message } = (error ?? {}) as { readonly message?: unknown };
    return typeof message === "string" ? message : String(error);
  } catch {
    return "a value that cannot be printed"; // `Object.create(null)`
  }
}

/** Returns the name of an error, or that of its class if the class sets no name and inherits "Error". */
export function errorClass(error: Error): string {
  const inherits = error.name === "Error" && !Object.hasOwn(error, "name");
  return inherits ? error.constructor?.name || "Error" : error.name;
}
