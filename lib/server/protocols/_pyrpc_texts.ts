import type { Outcome, RpcCall, WireValue } from "../call.ts";
import { formatJsonText, parseJsonText } from "../json_text.ts";
import type { CallTexts, SplitMessage } from "../protocol.ts";
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
    split,
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
const [QUOTE, COMMA, SPACE, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, ZERO, NINE] = [
  ...'", ]{}09',
].map((character) => character.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
/** Below, every integer is one that a number holds, and is written as it came. */
const MOST_DIGITS = 15;
/** A UUID has 36. */
const LONGEST_ID = 64;

function split(text: string, maxBatch: number): SplitMessage | undefined {
  if (text.charCodeAt(0) === OPEN_OBJECT) {
    const at = readHead(text, 0);
    return at === -1 ? undefined : { batch: false, heads: [head], texts: [text.slice(at)] };
  }
  if (!text.startsWith(HEAD, 1) || text[0] !== "[") return undefined;
  // Nothing but the end of the list may follow the last call.
  const end = text.length - 1;
  if (text.charCodeAt(end) !== CLOSE_LIST) return undefined;
  const heads: string[] = [];
  const texts: string[] = [];
  for (let begin = 1; begin !== -1;) {
    const at = readHead(text, begin);
    if (at === -1 || heads.length === maxBatch) return undefined;
    heads.push(head);
    begin = nextCall(text, at);
    texts.push(text.slice(at, begin === -1 ? end : callEnd));
  }
  return { batch: true, heads, texts };
}

// Two results each, of which the second is handed over here: this runs for every call there is.
let head = "";
let callEnd = 0;

/** Reads `{"id":7,` or `{"id":"x",` and gives the place behind, or -1; {@link head} is then what a reply begins with. */
function readHead(text: string, begin: number): number {
  if (!text.startsWith(HEAD, begin)) return -1;
  let at = begin + HEAD.length;
  const isSpaced = text.charCodeAt(at) === SPACE;
  if (isSpaced) at++;
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
  if (text.charCodeAt(at) !== COMMA) return -1;
  // The id is written as it came, and making a text of a number would take longer than all of this.
  head = isSpaced ? HEAD + text.slice(start, at + 1) : text.slice(begin, at + 1);
  return at + 1;
}

/** Letters, digits, `-` and `_`. */
function isPlain(code: number): boolean {
  return code >= 0x61 && code <= 0x7a || code >= ZERO && code <= NINE || code === 0x2d ||
    code >= 0x41 && code <= 0x5a || code === 0x5f;
}

/** Where a further call of a batch seems to begin, or -1; {@link callEnd} is then the end of the one before. */
function nextCall(text: string, from: number): number {
  for (let begin = text.indexOf(HEAD, from); begin !== -1; begin = text.indexOf(HEAD, begin + 1)) {
    const comma = text.charCodeAt(begin - 1) === SPACE ? begin - 2 : begin - 1;
    if (text.charCodeAt(comma) === COMMA && text.charCodeAt(comma - 1) === CLOSE_OBJECT) {
      callEnd = comma;
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
