import type { Outcome, RpcCall, RpcFault } from "./call.ts";

/** An encoded message: JSON text, or MessagePack bytes. */
export type Encoded = string | Uint8Array;

/** One item of a message: a call to run, or a refusal that needs no dispatcher. */
export type Item =
  | {
    readonly call: RpcCall;
    readonly id: unknown;
    /** A notification: it runs, but has no reply. */
    readonly oneWay: boolean;
  }
  | { readonly call?: undefined; readonly refusal: RpcFault; readonly id: unknown };

/** A parsed message. */
export interface Incoming {
  /** The reply is a list, even with one item or none. */
  readonly batch: boolean;
  readonly items: readonly Item[];
}

/** Bounds of every protocol. */
export interface MessageLimits {
  /** Items in one batch. @default {100} */
  readonly maxBatch: number;
  /** Depth of nested lists and objects. @default {100} */
  readonly maxDepth: number;
}

/** Default bounds. */
export const DEFAULT_MESSAGE_LIMITS: MessageLimits = { maxBatch: 100, maxDepth: 100 };

/** Parses bytes to calls and formats outcomes as bytes. Stateless: one instance serves every connection. */
export interface Protocol {
  readonly name: string;
  /** Content type of a reply over HTTP. */
  readonly contentType: string;
  /** Messages are bytes, not text (for framing and WebSocket). */
  readonly binary: boolean;
  /** `none`: each message is one MessagePack value, which needs no framing in a stream. @default {"line" for text, "length" for bytes} */
  readonly framing?: "none";
  /** A notification over WebSocket has an empty reply, because tinyrpc's client reads one for every message. @default {false} */
  readonly answersNotifications?: boolean;
  /** Parses a message. Never throws: an invalid message becomes a refusal. */
  parse(message: Uint8Array, limits: MessageLimits): Incoming;
  /** Formats the reply to one item; `undefined` without a reply. Throws if the value cannot be encoded. */
  formatReply(item: Item, outcome: Outcome): Encoded | undefined;
  /** Joins the replies of a batch; `undefined` without a reply. */
  formatBatch(replies: readonly Encoded[]): Encoded | undefined;
}
