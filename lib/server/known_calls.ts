import { Buffer } from "node:buffer";
import type { Dispatcher, RpcCall } from "./call.ts";
import { isDeeperThan } from "./json_text.ts";
import type { CallCursor, CallTexts, Incoming, Item, MessageLimits } from "./protocol.ts";
import { decodeUtf8, isAt } from "./text.ts";

/** A call that is longer than this is read each time. */
const LONGEST = 16_384;
/** What is kept of calls, twice. */
const MOST_CALLS = 8_192;
const MOST_BYTES = 2_000_000;

const ZERO = 0x30;
const QUOTE = 0x22;

/** A call's text without its id, and what it says. Calls of the same text are {@link RpcCall.same} by it. */
interface KnownCall extends Pick<RpcCall, "method" | "params"> {
  readonly text: Uint8Array;
}

/**
 * Knows calls that came before by their texts, so that a call that is handed on to somebody else is not read again. What its
 * outcome is may differ each time: where it does not, `CallMemory` does without the dispatcher as well.
 *
 * Bounded: what has not come in a while is forgotten. One is for one dispatcher.
 */
export class KnownCalls {
  readonly dispatcher: Dispatcher;
  readonly #texts: CallTexts;
  // By hashes. A full generation takes the place of the older one; what still comes moves on to the new one.
  #young = new Map<number, KnownCall>();
  #old = new Map<number, KnownCall>();
  #bytes = 0;

  constructor(texts: CallTexts, dispatcher: Dispatcher) {
    this.#texts = texts;
    this.dispatcher = dispatcher;
  }

  /** Number of calls that are known. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Reads a message of one call. `undefined`: it is another kind of message, or something is wrong with it. */
  read(message: Uint8Array, { maxDepth }: MessageLimits): Incoming | undefined {
    if (message.length > LONGEST) return undefined;
    const cursor = this.#texts.open(message);
    if (cursor === undefined || cursor.batch || !cursor.next()) return undefined;
    const known = this.#find(message, cursor);
    if (known !== undefined) {
      const { method, params } = known;
      return itemOf(message, cursor, { method, params, message, same: known });
    }
    if (message.length > maxDepth && isDeeperThan(message, maxDepth)) return undefined;
    const call = this.#readCall(message, cursor);
    if (call === undefined) return undefined;
    const { method, params } = call;
    // Only who hands a call on does nothing to what it says: a function of the user's may change its arguments.
    if (this.dispatcher.relay?.takes(method) !== true) {
      return itemOf(message, cursor, { method, params, message });
    }
    const text = Uint8Array.prototype.slice.call(message, cursor.textBegin, cursor.textEnd);
    const same: KnownCall = { method, params, text };
    this.#add(cursor.hash, same);
    return itemOf(message, cursor, { method, params, message, same });
  }

  #readCall(message: Uint8Array, { textBegin, textEnd }: CallCursor): RpcCall | undefined {
    try {
      return this.#texts.readCall(decodeUtf8(message.subarray(textBegin, textEnd)));
    } catch {
      return undefined;
    }
  }

  #find(message: Uint8Array, { hash, textBegin }: CallCursor): KnownCall | undefined {
    const young = this.#young.get(hash);
    if (young !== undefined) return isOf(young, message, textBegin) ? young : undefined;
    const old = this.#old.get(hash);
    if (old === undefined || !isOf(old, message, textBegin)) return undefined;
    this.#add(hash, old);
    return old;
  }

  #add(hash: number, call: KnownCall): void {
    this.#bytes += call.text.length;
    if (this.#young.size === MOST_CALLS || this.#bytes > MOST_BYTES) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#bytes = call.text.length;
    }
    this.#young.set(hash, call);
  }
}

function isOf({ text }: KnownCall, message: Uint8Array, begin: number): boolean {
  return message.length - begin === text.length && isAt(text, message, begin);
}

function itemOf(message: Uint8Array, cursor: CallCursor, call: RpcCall): Incoming {
  const item: Item = { call, id: idOf(message, cursor), oneWay: false };
  return { batch: false, items: [item] };
}

/** The id of a call: digits that a number holds, or a text without escapes; a comma is behind it. */
function idOf(message: Uint8Array, { idBegin, textBegin }: CallCursor): number | string {
  const end = textBegin - 1;
  if (message[idBegin] === QUOTE) {
    return Buffer.from(message.subarray(idBegin + 1, end - 1)).toString("latin1");
  }
  let id = 0;
  for (let at = idBegin; at < end; at++) id = 10 * id + message[at]! - ZERO;
  return id;
}
