import { Buffer, isAscii } from "node:buffer";
import type { CallContext, CallEvent, Dispatcher, Outcome, RpcCall } from "./call.ts";
import { isDeeperThan } from "./json_text.ts";
import type { CallTexts, Incoming, MessageLimits } from "./protocol.ts";
import { decodeUtf8 } from "./text.ts";

/** Characters of texts and replies, and number of calls, in one of the two generations. */
const MOST_CHARACTERS = 4_000_000;
const MOST_CALLS = 8_192;
/** A call and its reply that are longer than this are not worth it. */
const LONGEST = 16_384;
/** A message that is longer than this is read at once, without a search for what could hardly be remembered of it. */
const LONGEST_MESSAGE = 65_536;

/**
 * Remembers replies by the texts of their calls, so that a call that comes again is neither read nor dispatched again. Only
 * outcomes that their dispatcher calls lasting are remembered. Bounded: what has not been asked for in a while is forgotten.
 *
 * Nobody can tell by what is answered or observed. One memory is for one dispatcher.
 */
export class CallMemory {
  readonly dispatcher: Dispatcher;
  readonly texts: CallTexts;
  /** The protocol's name. */
  readonly protocol: string;
  // A full generation takes the place of the older one; what is still asked for moves on to the new one.
  #young = new Map<string, Remembered>();
  #old = new Map<string, Remembered>();
  #characters = 0;

  constructor(protocol: string, texts: CallTexts, dispatcher: Dispatcher) {
    this.protocol = protocol;
    this.texts = texts;
    this.dispatcher = dispatcher;
  }

  /** Number of calls that are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Reads a message of calls. `undefined`: it is of another shape, or something is wrong with it. */
  read(message: Uint8Array, limits: MessageLimits, context: CallContext): Incoming | undefined {
    if (message.length > LONGEST_MESSAGE) return undefined;
    const bytes = bufferOf(message);
    // One character for each byte: equal texts are equal bytes, whatever their encoding.
    const cursor = this.texts.open(bytes.toString("latin1"));
    if (cursor === undefined) return undefined;
    const { batch } = cursor;
    let isPlain: boolean | undefined;
    const items: TextItem[] = [];
    while (cursor.next()) {
      const { text } = cursor;
      const known = this.#find(text);
      let call: RpcCall | undefined;
      if (known === undefined) {
        if (isPlain === undefined) {
          // What is remembered must be shallow enough for a batch as well.
          const depth = batch ? limits.maxDepth : limits.maxDepth - 1;
          if (message.length > depth && isDeeperThan(message, depth)) return undefined;
          isPlain = isAscii(bytes);
        }
        call = this.#readCall(text, isPlain);
        if (call === undefined) return undefined;
      }
      if (items.length === limits.maxBatch && batch) return undefined;
      items.push(new TextItem(this, cursor.head, text, known, call, context));
    }
    return cursor.isOdd ? undefined : { batch, items };
  }

  /** Remembers a call. */
  add(text: string, tail: string, outcome: Outcome): void {
    if (text.length + tail.length > LONGEST) return;
    // A text that was joined of pieces keeps them all.
    const whole = Buffer.from(tail).toString();
    this.#put(copyOf(text), outcome.ok ? whole : { tail: whole, failure: outcome });
  }

  #readCall(text: string, isPlain: boolean): RpcCall | undefined {
    if (isPlain) return this.texts.readCall(text);
    try {
      return this.texts.readCall(decoded(text));
    } catch {
      return undefined;
    }
  }

  #find(text: string): Remembered | undefined {
    const known = this.#young.get(text);
    if (known !== undefined || this.#old.size === 0) return known;
    const old = this.#old.get(text);
    if (old !== undefined) this.#put(copyOf(text), old);
    return old;
  }

  #put(text: string, call: Remembered): void {
    const characters = text.length + tailOf(call).length;
    if (this.#characters + characters > MOST_CHARACTERS || this.#young.size >= MOST_CALLS) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#characters = 0;
    }
    this.#characters += characters;
    this.#young.set(text, call);
  }
}

/**
 * What is remembered of a call: its reply without the id, with the outcome where the reply does not say all of it. As little
 * as can be: a busy server spends its time on fetching this from memory.
 */
export type Remembered = string | { readonly tail: string; readonly failure: Outcome };

function tailOf(known: Remembered): string {
  return typeof known === "string" ? known : known.tail;
}

/** A call that was read by its text; of one that is remembered it is the event as well, worked out when looked at. */
export class TextItem implements CallEvent {
  readonly memory: CallMemory;
  /** One character for each byte, without the id. */
  readonly text: string;
  readonly known: Remembered | undefined;
  readonly context: CallContext;
  readonly #head: string;
  #call: RpcCall | undefined;

  constructor(
    memory: CallMemory,
    head: string,
    text: string,
    known: Remembered | undefined,
    call: RpcCall | undefined,
    context: CallContext,
  ) {
    this.memory = memory;
    this.#head = head;
    this.text = text;
    this.known = known;
    this.#call = call;
    this.context = context;
  }

  get oneWay(): boolean {
    return false;
  }

  get id(): unknown {
    return this.memory.texts.readId(this.#head);
  }

  get call(): RpcCall {
    return this.#call ??= this.memory.texts.readCall(decoded(this.text))!;
  }

  get method(): string {
    return this.call.method;
  }

  get params(): RpcCall["params"] {
    return this.call.params;
  }

  get outcome(): Outcome {
    const known = this.known!;
    return typeof known === "string" ? this.memory.texts.readTail(known) : known.failure;
  }

  get ms(): number {
    return 0;
  }

  get protocol(): string {
    return this.memory.protocol;
  }

  /** The reply of a call that was dispatched, which is remembered if it lasts. Throws where it cannot be written. */
  reply(outcome: Outcome): string {
    const tail = this.memory.texts.formatTail(outcome);
    if (outcome.lasting === true) this.memory.add(this.text, tail, outcome);
    return this.#head + tail;
  }

  /** The reply of a call that is remembered. */
  replyAgain(known: Remembered): string {
    return this.#head + tailOf(known);
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// A piece of a text keeps the whole of it in memory.
function copyOf(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

/** @throws TypeError where the bytes are no UTF-8 */
function decoded(text: string): string {
  return decodeUtf8(Buffer.from(text, "latin1"));
}
