import { isAt } from "../../server/mod.ts";
import type { RawAnswer } from "./answer_reader.ts";

/** An answer that is longer than this is read each time. */
const LONGEST = 16_384;
/** What is kept of answers before all of them are forgotten. */
const MOST_BYTES = 4_000_000;

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const QUOTE = 0x22;

interface KnownAnswer<Answer> {
  /** The body's bytes before its id, and behind it. */
  readonly before: Uint8Array;
  readonly behind: Uint8Array;
  readonly answer: Answer;
}

/**
 * The last answer to each call that came before, by its bytes without the id: a server that answers a call as it did the last
 * time needs no second look.
 */
export class KnownAnswers<Answer> {
  #answers = new WeakMap<object, KnownAnswer<Answer>>();
  #bytes = 0;

  /** What was made of the last answer to the same call, if the body says the same. */
  find(same: object, { bytes, begin, end }: RawAnswer): Answer | undefined {
    const known = this.#answers.get(same);
    if (known === undefined) return undefined;
    const { before, behind } = known;
    if (!isAt(before, bytes, begin)) return undefined;
    const rest = behindId(bytes, begin + before.length, end);
    return rest !== -1 && end - rest === behind.length && isAt(behind, bytes, rest)
      ? known.answer
      : undefined;
  }

  /** Keeps what was made of an answer. `before` bytes stand before its id, which is in its place as a JSON reader has it. */
  keep(same: object, { bytes, begin, end }: RawAnswer, before: number, answer: Answer): void {
    const size = end - begin;
    const rest = behindId(bytes, begin + before, end);
    if (rest === -1 || size > LONGEST) return;
    if ((this.#bytes += size) > MOST_BYTES) {
      this.#answers = new WeakMap();
      this.#bytes = size;
    }
    this.#answers.set(same, {
      before: Uint8Array.prototype.slice.call(bytes, begin, begin + before),
      behind: Uint8Array.prototype.slice.call(bytes, rest, end),
      answer,
    });
  }
}

/** The place behind a number's digits or a text without escapes; -1 where there is neither. */
function behindId(bytes: Uint8Array, begin: number, end: number): number {
  let at = begin;
  if (bytes[at] === QUOTE) {
    do at++; while (at < end && isPlain(bytes[at]!));
    return at < end && bytes[at] === QUOTE ? at + 1 : -1;
  }
  while (at < end && isDigit(bytes[at]!)) at++;
  return at === begin || (bytes[begin] === ZERO && at > begin + 1) ? -1 : at;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Letters, digits, `-` and `_`. */
function isPlain(byte: number): boolean {
  return isDigit(byte) || byte >= 0x61 && byte <= 0x7a || byte >= 0x41 && byte <= 0x5a ||
    byte === MINUS || byte === 0x5f;
}
