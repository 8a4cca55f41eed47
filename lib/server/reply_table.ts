import { Buffer } from "node:buffer";
import type { Outcome } from "./call.ts";

/** Bytes of texts and replies, and number of calls. */
const MOST_BYTES = 4_000_000;
const MOST_CALLS = 8_192;
/** At most half of the slots are taken. */
const SLOTS = 2 * MOST_CALLS;
/** Slots that are looked at for a call: whoever makes up texts with one hash does not make the rest slow. */
const MOST_LOOKS = 32;
const FIRST_BYTES = 65_536;
/** Below, a loop is faster than to ask the engine for a copy. */
const SHORT = 64;

// An entry begins with three words, and on the border of one: the hash, the length of the text and that of the reply. Text
// and reply follow at once, so that whoever comes again after the one before finds all of it in the processor's cache.
const HASH = 0;
const TEXT = 1;
const REPLY = 2;
const WORD = 4;
const HEAD = 3 * WORD;

/**
 * Replies by the bytes of their calls, in one piece of memory: an object for each of them, or a text to look one up by, would
 * cost a busy server more than everything else about a call that it has answered before.
 */
export class ReplyTable {
  /** Places of entries, 0 where there is none. */
  readonly #slots = new Int32Array(SLOTS);
  /** What failed, by the place: the reply does not say all of it. */
  readonly #failures = new Map<number, Outcome>();
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #words = new Int32Array(this.#bytes.buffer);
  /** No entry is at place 0. */
  #used = WORD;
  #size = 0;

  /** Number of calls. */
  get size(): number {
    return this.#size;
  }

  /** The place of a text that lies in `source`, or -1. */
  find(hash: number, source: Uint8Array, begin: number, end: number): number {
    const slots = this.#slots;
    const words = this.#words;
    const length = end - begin;
    let slot = firstSlot(hash);
    for (let look = 0; look < MOST_LOOKS; look++) {
      const place = slots[slot]!;
      if (place === 0) return -1;
      const word = place >> 2;
      if (
        words[word + HASH] === hash && words[word + TEXT] === length &&
        this.#holds(place + HEAD, source, begin, length)
      ) return place;
      slot = nextSlot(slot);
    }
    return -1;
  }

  /** Whether there is room for so many bytes more. */
  hasRoom(bytes: number): boolean {
    return this.#size < MOST_CALLS && this.#used + HEAD + bytes + WORD <= MOST_BYTES;
  }

  /**
   * Adds a text that is not there, and its reply. The caller has seen to the {@link hasRoom room}.
   *
   * @returns its place, or -1: it is not remembered.
   */
  add(hash: number, text: Uint8Array, reply: Uint8Array, failure: Outcome | undefined): number {
    const slots = this.#slots;
    let slot = firstSlot(hash);
    for (let look = 0; slots[slot] !== 0; look++) {
      if (look === MOST_LOOKS - 1) return -1;
      slot = nextSlot(slot);
    }
    const place = this.#used;
    const begin = place + HEAD;
    const end = begin + text.length + reply.length;
    if (end > this.#bytes.length) this.#grow(end);
    const words = this.#words;
    const word = place >> 2;
    words[word + HASH] = hash;
    words[word + TEXT] = text.length;
    words[word + REPLY] = reply.length;
    this.#bytes.set(text, begin);
    this.#bytes.set(reply, begin + text.length);
    this.#used = (end + WORD - 1) & -WORD;
    this.#size++;
    slots[slot] = place;
    if (failure !== undefined) this.#failures.set(place, failure);
    return place;
  }

  /** Length of the reply at a place. */
  replyLength(place: number): number {
    return this.#words[(place >> 2) + REPLY]!;
  }

  /** Writes the reply at a place to `target`. */
  copyReply(place: number, target: Buffer, at: number): void {
    const bytes = this.#bytes;
    const begin = this.#replyBegin(place);
    const length = this.replyLength(place);
    if (length > SHORT) bytes.copy(target, at, begin, begin + length);
    else for (let index = 0; index < length; index++) target[at + index] = bytes[begin + index]!;
  }

  /** The bytes of the reply at a place. Valid until something is added. */
  reply(place: number): Buffer {
    const begin = this.#replyBegin(place);
    return this.#bytes.subarray(begin, begin + this.replyLength(place));
  }

  /** The outcome at a place, if it was a failure. */
  failure(place: number): Outcome | undefined {
    return this.#failures.get(place);
  }

  #replyBegin(place: number): number {
    return place + HEAD + this.#words[(place >> 2) + TEXT]!;
  }

  #holds(at: number, source: Uint8Array, begin: number, length: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < length; index++) {
      if (bytes[at + index] !== source[begin + index]) return false;
    }
    return true;
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafeSlow(
      Math.min(MOST_BYTES, Math.max((least + WORD) & -WORD, 2 * this.#bytes.length)),
    );
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
    this.#words = new Int32Array(larger.buffer);
  }
}

function firstSlot(hash: number): number {
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function nextSlot(slot: number): number {
  return (slot + 1) & (SLOTS - 1);
}
