import type { Outcome, RpcCall, WireValue } from "../call.ts";
import { formatJsonText, parseJsonText } from "../json_text.ts";
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
    readCall,
    formatTail: (outcome) =>
      outcome.ok
        ? `"result":${outcome.text ?? formatJsonText(outcome.value)},"error":null}`
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
const ZERO = 0x30;
const NINE = 0x39;
/** Below, every integer is one that a number holds, and is written as it came. */
const MOST_DIGITS = 15;
/** A UUID has 36. */
const LONGEST_ID = 64;

function open(text: string): CallCursor | undefined {
  const first = text.charCodeAt(0);
  if (first === OPEN_OBJECT) return new PyrpcCursor(text, false, text.length);
  // Nothing but the end of the list may follow the last call of a batch.
  const end = text.length - 1;
  return first === OPEN_LIST && text.charCodeAt(end) === CLOSE_LIST
    ? new PyrpcCursor(text, true, end)
    : undefined;
}

class PyrpcCursor implements CallCursor {
  readonly batch: boolean;
  head = "";
  text = "";
  isOdd = false;
  readonly #message: string;
  readonly #end: number;
  /** Where the next call begins, or -1. */
  #begin: number;

  constructor(message: string, batch: boolean, end: number) {
    this.#message = message;
    this.batch = batch;
    this.#end = end;
    this.#begin = batch ? 1 : 0;
  }

  next(): boolean {
    const begin = this.#begin;
    if (begin === -1) return false;
    const message = this.#message;
    const id = begin + HEAD.length;
    const behind = message.startsWith(HEAD, begin) ? readId(message, id) : -1;
    if (behind === -1) {
      this.isOdd = true;
      return false;
    }
    // The id is written as it came: making a text of a number would take longer than all of this.
    this.head = message.charCodeAt(id) === SPACE
      ? HEAD + message.slice(id + 1, behind)
      : message.slice(begin, behind);
    const next = this.batch ? nextCall(message, behind) : -1;
    this.#begin = next;
    // Between two calls there is a comma, and perhaps a space.
    const end = next === -1
      ? this.#end
      : message.charCodeAt(next - 1) === COMMA
      ? next - 1
      : next - 2;
    this.text = message.slice(behind, end);
    return true;
  }
}

/** The place behind an id and its comma, or -1. */
function readId(text: string, begin: number): number {
  let at = text.charCodeAt(begin) === SPACE ? begin + 1 : begin;
  const start = at;
  let code = text.charCodeAt(at);
  if (code === QUOTE) {
    // No escapes and nothing that would need one.
    do code = text.charCodeAt(++at); while (isPlain(code));
    if (code !== QUOTE || at - start > LONGEST_ID) return -1;
    at++;
  } else {
    while (code >= ZERO && code <= NINE) code = text.charCodeAt(++at);
    const digits = at - start;
    if (digits === 0 || digits > MOST_DIGITS) return -1;
    if (digits > 1 && text.charCodeAt(start) === ZERO) return -1;
  }
  return text.charCodeAt(at) === COMMA ? at + 1 : -1;
}

/** Letters, digits, `-` and `_`. */
function isPlain(code: number): boolean {
  return code >= 0x61 && code <= 0x7a || code >= ZERO && code <= NINE || code === 0x2d ||
    code >= 0x41 && code <= 0x5a || code === 0x5f;
}

/** Where a further call of a batch seems to begin, or -1. */
function nextCall(text: string, from: number): number {
  for (let begin = text.indexOf(HEAD, from); begin !== -1; begin = text.indexOf(HEAD, begin + 1)) {
    const comma = text.charCodeAt(begin - 1) === SPACE ? begin - 2 : begin - 1;
    if (text.charCodeAt(comma) === COMMA && text.charCodeAt(comma - 1) === CLOSE_OBJECT) {
      return begin;
    }
  }
  return -1;
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
