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

/**
 * Calls and replies by their texts, without the id that tells one from the next: what lets a reply be remembered
 * (`call_memory.ts`). For protocols of text whose requests and replies hold the id in one place.
 */
export interface CallTexts {
  /**
   * Takes the ids out of a message. Looks at the beginnings of calls only: what it takes for the text of a call may be
   * anything, and {@link readCall} says whether it is one. `undefined`: the message has another shape.
   *
   * @param text one character for each byte
   */
  split(text: string, maxBatch: number): SplitMessage | undefined;
  /** The call of a text that {@link split} gave, `undefined` where it is none that can be told from its text. */
  readCall(text: string): RpcCall | undefined;
  /** A reply but for its head. */
  formatTail(outcome: Outcome): string;
  /** The outcome of a reply's result. */
  readTail(tail: string): Outcome;
  /** The id of a head. */
  readId(head: string): unknown;
}

/** A message with the ids taken out. */
export interface SplitMessage {
  readonly batch: boolean;
  /** For each call the beginning of its reply, with the id; the rest is {@link CallTexts.formatTail}. */
  readonly heads: readonly string[];
  /** For each call the text without its id. */
  readonly texts: readonly string[];
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
