import type { Outcome, RpcCall, RpcFault } from "./call.ts";

/** What encoded messages are: text of JSON, bytes of MessagePack. */
export type Encoded = string | Uint8Array;

/** One item of a message: a call to run, or a refusal that needs no dispatcher. */
export type Item =
  | {
    readonly call: RpcCall;
    readonly id: unknown;
    /** A notification: runs, is never answered. */
    readonly oneWay: boolean;
  }
  | { readonly call?: undefined; readonly refusal: RpcFault; readonly id: unknown };

/** A parsed message. */
export interface Incoming {
  /** Answered as a list, even with one item or none. */
  readonly batch: boolean;
  readonly items: readonly Item[];
}

/** Bounds that hold for every protocol. */
export interface MessageLimits {
  /** Items in one batch. @default {100} */
  readonly maxBatch: number;
  /** Lists and objects inside one another. @default {100} */
  readonly maxDepth: number;
}

/** The bounds where nothing else is said. */
export const DEFAULT_MESSAGE_LIMITS: MessageLimits = { maxBatch: 100, maxDepth: 100 };

/** Turns bytes into calls, and outcomes into bytes. Has no state: one serves every connection. */
export interface Protocol {
  readonly name: string;
  /** Of a reply's body over HTTP. */
  readonly contentType: string;
  /** Whether messages are bytes rather than text (for framing and WebSocket). */
  readonly binary: boolean;
  /** Reads a message. Never throws: what cannot be read is a refusal. */
  parse(message: Uint8Array, limits: MessageLimits): Incoming;
  /** The reply to one item; `undefined` when there is none to send. Throws when the value cannot be encoded. */
  formatReply(item: Item, outcome: Outcome): Encoded | undefined;
  /** A batch's reply out of its items' replies; `undefined` when there is none to send. */
  formatBatch(replies: readonly Encoded[]): Encoded | undefined;
}
