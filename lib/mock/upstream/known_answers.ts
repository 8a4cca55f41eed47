import { Buffer } from "node:buffer";

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
  readonly before: Buffer;
  readonly behind: Buffer;
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
  find(same: object, body: Buffer): Answer | undefined {
    const known = this.#answers.get(same);
    if (known === undefined) return undefined;
    const { before, behind } = known;
    if (!isAt(before, body, 0)) return undefined;
    const end = behindId(body, before.length);
    return end !== -1 && body.length - end === behind.length && isAt(behind, body, end)
      ? known.answer
      : undefined;
  }

  /** Keeps what was made of an answer. `before` bytes stand before its id, which is in its place as a JSON reader has it. */
  keep(same: object, body: Buffer, before: number, answer: Answer): void {
    const end = behindId(body, before);
    if (end === -1 || body.length > LONGEST) return;
    if ((this.#bytes += body.length) > MOST_BYTES) {
      this.#answers = new WeakMap();
      this.#bytes = body.length;
    }
    const bytes = Uint8Array.prototype.slice.call(body);
    const copy = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#answers.set(same, {
      before: copy.subarray(0, before),
      behind: copy.subarray(end),
      answer,
    });
  }
}

/** The place behind a number's digits or a text without escapes; -1 where there is neither. */
function behindId(bytes: Buffer, begin: number): number {
  let at = begin;
  if (bytes[at] === QUOTE) {
    do at++; while (isPlain(bytes[at]));
    return bytes[at] === QUOTE ? at + 1 : -1;
  }
  while (isDigit(bytes[at])) at++;
  return at === begin || (bytes[begin] === ZERO && at > begin + 1) ? -1 : at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** Letters, digits, `-` and `_`. */
function isPlain(byte: number | undefined): boolean {
  return byte !== undefined &&
    (isDigit(byte) || byte >= 0x61 && byte <= 0x7a || byte >= 0x41 && byte <= 0x5a ||
      byte === MINUS || byte === 0x5f);
}

function isAt(bytes: Buffer, body: Buffer, begin: number): boolean {
  if (body.length - begin < bytes.length) return false;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== body[begin + index]) return false;
  }
  return true;
}
