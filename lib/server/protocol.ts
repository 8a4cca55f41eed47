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
  /** The reply, where it was known before anything was run; then there are no items. */
  readonly known?: KnownReply;
}

/** The reply to a message whose calls were all answered before. */
export interface KnownReply {
  readonly reply: Uint8Array;
  /** Number of calls. */
  readonly calls: number;
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

/**
 * Calls and replies by their texts, without the id that tells one from the next: what lets a reply be remembered
 * (`call_memory.ts`). For protocols of text whose requests and replies hold the id in one place.
 */
export interface CallTexts {
  /** Takes a message apart at the beginnings of its calls. `undefined`: it has another shape. */
  open(message: Uint8Array): CallCursor | undefined;
  /** What a reply begins with; the bytes of its call's {@link CallCursor.idBegin id} follow. ASCII. */
  readonly beforeId: string;
  /** The call of a text, `undefined` where it is none that can be told from its text. */
  readCall(text: string): RpcCall | undefined;
  /** The id of what a reply begins with, the id in it. */
  readId(head: string): unknown;
  /** What of a reply follows the id. */
  formatTail(outcome: Outcome): string;
  /** The outcome of a reply's result. */
  readTail(tail: string): Outcome;
}

/** The calls of a message, one after the other. What it takes for the text of a call may be anything. */
export interface CallCursor {
  readonly batch: boolean;
  /** Where the id begins that stands in the reply as it came, up to {@link textBegin}. */
  readonly idBegin: number;
  /** Where the call without its id begins. */
  readonly textBegin: number;
  readonly textEnd: number;
  /** A number that equal texts have in common. */
  readonly hash: number;
  /** Goes to the next call. `false`: there is none, or what comes {@link isOdd}. */
  next(): boolean;
  /** Whether something came that this cannot take apart. */
  readonly isOdd: boolean;
}

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
  /** Present where replies can be remembered by the texts of their calls. */
  readonly texts?: CallTexts;
}
