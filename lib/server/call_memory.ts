import { Buffer, isAscii } from "node:buffer";
import type { CallContext, CallEvent, Dispatcher, Outcome, RpcCall } from "./call.ts";
import { isDeeperThan } from "./json_text.ts";
import type { CallCursor, CallTexts, Incoming, MessageLimits } from "./protocol.ts";
import { ReplyTable } from "./reply_table.ts";
import { decodeUtf8 } from "./text.ts";

/** A call and its reply that are longer than this are not worth it. */
const LONGEST = 16_384;
/** A message that is longer than this is read at once, without a search for what could hardly be remembered of it. */
const LONGEST_MESSAGE = 65_536;
/** What replies to batches are put together in, at first and at most between two of them. */
const FIRST_SCRATCH = 16_384;
const LONGEST_SCRATCH = 1_048_576;

const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

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
  readonly #beforeId: Buffer;
  // A full generation takes the place of the older one; what is still asked for moves on to the new one.
  #young = new ReplyTable();
  #old: ReplyTable | undefined;
  #scratch: Buffer = Buffer.allocUnsafeSlow(FIRST_SCRATCH);

  constructor(protocol: string, texts: CallTexts, dispatcher: Dispatcher) {
    this.protocol = protocol;
    this.texts = texts;
    this.#beforeId = Buffer.from(texts.beforeId, "latin1");
    this.dispatcher = dispatcher;
  }

  /** Number of calls that are remembered. */
  get size(): number {
    return this.#young.size + (this.#old?.size ?? 0);
  }

  /**
   * Answers a message whose calls are all remembered. `undefined`: one is not, it is of another shape, or something is wrong
   * with it. Makes nothing but the reply: events of the calls are {@link read}'s.
   */
  answer(message: Uint8Array, limits: MessageLimits): Incoming | undefined {
    if (message.length > LONGEST_MESSAGE) return undefined;
    const cursor = this.texts.open(message);
    if (cursor === undefined) return undefined;
    return cursor.batch
      ? this.#answerBatch(message, cursor, limits.maxBatch)
      : this.#answerOne(message, cursor);
  }

  #answerOne(message: Uint8Array, cursor: CallCursor): Incoming | undefined {
    const place = cursor.next() ? this.#find(message, cursor) : -1;
    if (place === -1) return undefined;
    const reply = Buffer.allocUnsafe(this.#replyLength(cursor, place));
    this.#write(message, cursor, place, reply, 0);
    return { batch: false, items: NO_ITEMS, known: { reply, calls: 1 } };
  }

  #answerBatch(
    message: Uint8Array,
    cursor: CallCursor,
    maxBatch: number,
  ): Incoming | undefined {
    let scratch = this.#scratch;
    let at = 0;
    let calls = 0;
    while (cursor.next()) {
      const place = this.#find(message, cursor);
      if (place === -1 || calls === maxBatch) return undefined;
      const end = at + 1 + this.#replyLength(cursor, place);
      // The end of the list as well.
      if (end >= scratch.length) scratch = this.#growScratch(end + 1, at);
      scratch[at] = calls === 0 ? OPEN_LIST : COMMA;
      this.#write(message, cursor, place, scratch, at + 1);
      at = end;
      calls++;
    }
    if (cursor.isOdd) return undefined;
    scratch[at++] = CLOSE_LIST;
    const reply = Buffer.allocUnsafe(at);
    scratch.copy(reply, 0, 0, at);
    if (scratch.length > LONGEST_SCRATCH) this.#scratch = Buffer.allocUnsafeSlow(FIRST_SCRATCH);
    return { batch: true, items: NO_ITEMS, known: { reply, calls } };
  }

  /** Reads a message of calls. `undefined`: it is of another shape, or something is wrong with it. */
  read(message: Uint8Array, limits: MessageLimits, context: CallContext): Incoming | undefined {
    if (message.length > LONGEST_MESSAGE) return undefined;
    const cursor = this.texts.open(message);
    if (cursor === undefined) return undefined;
    const bytes = bufferOf(message);
    const { batch } = cursor;
    let isPlain: boolean | undefined;
    const items: TextItem[] = [];
    while (cursor.next()) {
      const head = this.texts.beforeId +
        bytes.toString("latin1", cursor.idBegin, cursor.textBegin);
      const text = bytes.toString("latin1", cursor.textBegin, cursor.textEnd);
      const place = this.#find(message, cursor);
      let known: Remembered | undefined;
      let call: RpcCall | undefined;
      if (place !== -1) {
        known = {
          tail: this.#young.reply(place).toString(),
          failure: this.#young.failure(place),
        };
      } else {
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
      items.push(new TextItem(this, head, text, cursor.hash, known, call, context));
    }
    return cursor.isOdd ? undefined : { batch, items };
  }

  /** Remembers a call that is not remembered. */
  add(hash: number, text: string, tail: string, outcome: Outcome): void {
    if (text.length + tail.length > LONGEST) return;
    const bytes = Buffer.from(text, "latin1");
    // It may have come a second time while it ran, or twice in one message.
    if (this.#place(hash, bytes, 0, bytes.length) === -1) {
      this.#put(hash, bytes, Buffer.from(tail), outcome.ok ? undefined : outcome);
    }
  }

  #readCall(text: string, isPlain: boolean): RpcCall | undefined {
    if (isPlain) return this.texts.readCall(text);
    try {
      return this.texts.readCall(decoded(text));
    } catch {
      return undefined;
    }
  }

  #find(message: Uint8Array, { hash, textBegin, textEnd }: CallCursor): number {
    return this.#place(hash, message, textBegin, textEnd);
  }

  /** The place of a text in the young generation, to which it moves if it was in the old one; or -1. */
  #place(hash: number, source: Uint8Array, begin: number, end: number): number {
    const place = this.#young.find(hash, source, begin, end);
    const old = this.#old;
    if (place !== -1 || old === undefined) return place;
    const before = old.find(hash, source, begin, end);
    return before === -1
      ? -1
      : this.#put(hash, source.subarray(begin, end), old.reply(before), old.failure(before));
  }

  #put(hash: number, text: Uint8Array, reply: Uint8Array, failure: Outcome | undefined): number {
    if (!this.#young.hasRoom(text.length + reply.length)) {
      this.#old = this.#young;
      this.#young = new ReplyTable();
    }
    return this.#young.add(hash, text, reply, failure);
  }

  #replyLength({ idBegin, textBegin }: CallCursor, place: number): number {
    return this.#beforeId.length + textBegin - idBegin + this.#young.replyLength(place);
  }

  #write(
    message: Uint8Array,
    { idBegin, textBegin }: CallCursor,
    place: number,
    target: Buffer,
    begin: number,
  ): void {
    const before = this.#beforeId;
    let at = begin;
    for (let index = 0; index < before.length; index++) target[at++] = before[index]!;
    for (let index = idBegin; index < textBegin; index++) target[at++] = message[index]!;
    this.#young.copyReply(place, target, at);
  }

  #growScratch(least: number, used: number): Buffer {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#scratch.length));
    this.#scratch.copy(larger, 0, 0, used);
    return this.#scratch = larger;
  }
}

const NO_ITEMS: readonly never[] = [];

/** What is remembered of a call. */
export interface Remembered {
  /** Its reply without the id. */
  readonly tail: string;
  /** Its outcome, where the reply does not say all of it. */
  readonly failure: Outcome | undefined;
}

/** A call that was read by its text; of one that is remembered it is the event as well, worked out when looked at. */
export class TextItem implements CallEvent {
  readonly memory: CallMemory;
  /** One character for each byte, without the id. */
  readonly text: string;
  readonly known: Remembered | undefined;
  readonly context: CallContext;
  readonly #hash: number;
  readonly #head: string;
  #call: RpcCall | undefined;

  constructor(
    memory: CallMemory,
    head: string,
    text: string,
    hash: number,
    known: Remembered | undefined,
    call: RpcCall | undefined,
    context: CallContext,
  ) {
    this.memory = memory;
    this.#head = head;
    this.text = text;
    this.#hash = hash;
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
    const { tail, failure } = this.known!;
    return failure ?? this.memory.texts.readTail(tail);
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
    if (outcome.lasting === true) this.memory.add(this.#hash, this.text, tail, outcome);
    return this.#head + tail;
  }

  /** The reply of a call that is remembered. */
  replyAgain({ tail }: Remembered): string {
    return this.#head + tail;
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @throws TypeError where the bytes are no UTF-8 */
function decoded(text: string): string {
  return decodeUtf8(Buffer.from(text, "latin1"));
}
