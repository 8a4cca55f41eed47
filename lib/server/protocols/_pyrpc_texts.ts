import type { Outcome, RpcCall, WireValue } from "../call.ts";
import { formatResultText, parseJsonText } from "../json_text.ts";
import type { CallCursor, CallTexts } from "../protocol.ts";
import { isObject } from "./_json_message.ts";

/**
 * pyRPC's calls by their texts. Every client of pyRPC's writes the id first: `{"id":7,"method":"add","params":[1,2]}` is the
 * id 7 and the text `"method":"add","params":[1,2]}`, which is JSON behind an opening brace.
 *
 * A batch is cut where a call seems to begin. Cut at a wrong place (in a text, in a list of objects with ids), the pieces
 * are no JSON, and the message is read as a whole; where all are, so is the message, and there is but one way to read it.
 *
 * @param formatError the `error` member of a failure
 */
export function pyrpcTexts(formatError: (outcome: Outcome & { ok: false }) => string): CallTexts {
  return {
    open,
    beforeId: HEAD,
    readCall,
    formatTail: (outcome) =>
      outcome.ok
        ? `"result":${formatResultText(outcome)},"error":null}`
        : `"result":null,"error":${formatError(outcome)}}`,
    readTail(tail) {
      const { result } = parseJsonText(`{${tail}`) as { readonly result: WireValue };
      return { ok: true, value: result };
    },
    readId: (head) => JSON.parse(head.slice(HEAD.length, -1)),
  };
}

const HEAD = '{"id":';
const QUOTE = 0x22;
const COMMA = 0x2c;
const SPACE = 0x20;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
/** Below, every integer is one that a number holds, and is written as it came. */
const MOST_DIGITS = 15;
/** A UUID has 36. */
const LONGEST_ID = 64;

// FNV-1a, two bytes at a time: what takes the time is that every step waits for the one before.
const HASH_START = 0x811c9dc5 | 0;
const HASH_FACTOR = 0x01000193;

function open(message: Uint8Array): CallCursor | undefined {
  const first = message[0];
  if (first === OPEN_OBJECT) return new PyrpcCursor(message, false, message.length);
  // Nothing but the end of the list may follow the last call of a batch.
  const end = message.length - 1;
  return first === OPEN_LIST && message[end] === CLOSE_LIST
    ? new PyrpcCursor(message, true, end)
    : undefined;
}

class PyrpcCursor implements CallCursor {
  readonly batch: boolean;
  idBegin = 0;
  textBegin = 0;
  textEnd = 0;
  hash = 0;
  isOdd = false;
  readonly #message: Uint8Array;
  readonly #end: number;
  /** Where the next call begins, or -1. */
  #begin: number;

  constructor(message: Uint8Array, batch: boolean, end: number) {
    this.#message = message;
    this.batch = batch;
    this.#end = end;
    this.#begin = batch ? 1 : 0;
  }

  next(): boolean {
    const begin = this.#begin;
    if (begin === -1) return false;
    const message = this.#message;
    // The id is written as it came: making a text of a number would take longer than all of this.
    const id = message[begin + HEAD.length] === SPACE
      ? begin + HEAD.length + 1
      : begin + HEAD.length;
    const text = isHead(message, begin) ? behindId(message, id) : -1;
    if (text === -1) {
      this.isOdd = true;
      return false;
    }
    const { batch } = this;
    const end = this.#end;
    let next = -1;
    let hash = HASH_START;
    let before = 0;
    let at = text;
    for (; at < end; at++) {
      const byte = message[at]!;
      if (byte === COMMA && before === CLOSE_OBJECT && batch) {
        next = nextCall(message, at + 1);
        if (next !== -1) break;
      }
      // At every second byte counted from the text's own beginning.
      if (((at - text) & 1) === 1) hash = Math.imul(hash ^ (before << 8) ^ byte, HASH_FACTOR);
      before = byte;
    }
    if (((at - text) & 1) === 1) hash = Math.imul(hash ^ before, HASH_FACTOR);
    this.idBegin = id;
    this.textBegin = text;
    this.textEnd = at;
    this.hash = hash;
    this.#begin = next;
    return true;
  }
}

function isHead(message: Uint8Array, at: number): boolean {
  return message[at] === OPEN_OBJECT && message[at + 1] === QUOTE && message[at + 2] === 0x69 &&
    message[at + 3] === 0x64 && message[at + 4] === QUOTE && message[at + 5] === COLON;
}

/** The place behind an id and its comma, or -1. */
function behindId(message: Uint8Array, begin: number): number {
  let at = begin;
  let byte = message[at]!;
  if (byte === QUOTE) {
    // No escapes and nothing that would need one.
    do byte = message[++at]!; while (isPlain(byte));
    if (byte !== QUOTE || at - begin > LONGEST_ID) return -1;
    at++;
  } else {
    while (byte >= ZERO && byte <= NINE) byte = message[++at]!;
    const digits = at - begin;
    if (digits === 0 || digits > MOST_DIGITS) return -1;
    if (digits > 1 && message[begin] === ZERO) return -1;
  }
  return message[at] === COMMA ? at + 1 : -1;
}

/** Letters, digits, `-` and `_`. */
function isPlain(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a || byte >= ZERO && byte <= NINE || byte === 0x2d ||
    byte >= 0x41 && byte <= 0x5a || byte === 0x5f;
}

/** Where a further call begins behind a comma, or -1. */
function nextCall(message: Uint8Array, behind: number): number {
  const begin = message[behind] === SPACE ? behind + 1 : behind;
  return isHead(message, begin) ? begin : -1;
}

function readCall(text: string): RpcCall | undefined {
  let value: WireValue;
  try {
    value = parseJsonText(`{${text}`) as WireValue;
  } catch {
    return undefined;
  }
  // A second id would count, and what is no proper request has a refusal of its own.
  if (!isObject(value) || Object.hasOwn(value, "id") || !Object.hasOwn(value, "method")) {
    return undefined;
  }
  const method = value["method"];
  const params = Object.hasOwn(value, "params") ? value["params"] : null;
  const isCall = typeof method === "string" &&
    (params === null || Array.isArray(params) || isObject(params));
  return isCall ? { method, params: params as RpcCall["params"] } : undefined;
}
