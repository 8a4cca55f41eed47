/** Receives each token, with offsets in UTF-16 code units. */
export interface JsonVisitor {
  /** `[` or `{`, at `offset`. */
  open?(isObject: boolean, offset: number): void;
  /** The list or object that was opened last ends before `end`. */
  close?(end: number): void;
  /** A key, quotes included. */
  key?(start: number, end: number): void;
  /** A string with its quotes, a number or a word. */
  scalar?(start: number, end: number): void;
}

/** Options of {@link readJson}. */
export interface ReadJsonOptions {
  /** Maximum nesting of lists and objects. @default {Infinity} */
  readonly maxDepth?: number;
  /** Accept `NaN`, `Infinity` and `-Infinity`, as Python's `json` does. @default {false} */
  readonly nonFinite?: boolean;
  /** Accept comments and trailing commas. @default {false} */
  readonly comments?: boolean;
}

/** The first position at which a text is not JSON. */
export interface JsonFault {
  /** The missing or invalid token. */
  readonly kind:
    | "value"
    | "key"
    | "colon"
    | "comma"
    | "end"
    | "number"
    | "word"
    | "control character"
    | "escape"
    | "unicode escape"
    | "closing quote"
    | "comment end"
    | "depth";
  /** The offset of the invalid character; the length of the text if it ends too early. */
  readonly offset: number;
  /** The start of the token that contains or directly precedes the offset; otherwise the offset. */
  readonly start: number;
  /** The innermost open list or object at that position. */
  readonly inside: "object" | "list" | undefined;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORDS = ["true", "false", "null"];
const WORDS_OF_PYTHON = [...WORDS, "NaN", "Infinity", "-Infinity"];
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const HEX = /[\da-fA-F]{4}/y;
const BLANK = /[ \t\r\n]*/y;
const COMMENT = /\/\/[^\r\n]*|\/\*[^]*?\*\//y;

/**
 * Reads a JSON text once and reports its tokens. Builds no values and does not recurse, so that neither size nor nesting
 * costs memory. Everything in this folder that needs more than `JSON.parse` is a visitor.
 *
 * @returns the first fault; undefined for JSON
 */
export function readJson(
  text: string,
  visitor: JsonVisitor = {},
  { maxDepth = Infinity, nonFinite = false, comments = false }: ReadJsonOptions = {},
): JsonFault | undefined {
  const words = nonFinite ? WORDS_OF_PYTHON : WORDS;
  // True for an object.
  const open: boolean[] = [];
  let at = 0;
  let lastStart = 0;
  let lastEnd = -1;

  let expected: "value" | "item" | "key" | "first key" | "separator" = "value";
  for (;;) {
    at = blankEnd(text, at, comments);
    if (at < 0) return fail("comment end", text.length, -at - 1);
    const character = text[at];
    const isObject = open.at(-1);
    if (expected === "separator") {
      if (isObject === undefined) return at >= text.length ? undefined : fail("end");
      if (character === ",") {
        at++;
        // With comments, a trailing comma is accepted as well.
        if (isObject) expected = comments ? "first key" : "key";
        else expected = comments ? "item" : "value";
      } else if (character === (isObject ? "}" : "]")) close();
      else return fail("comma");
    } else if (expected === "key" || expected === "first key") {
      if (character === "}" && expected === "first key") close();
      else {
        if (character !== '"') return fail("key");
        const end = stringEnd(text, at);
        if (end < 0) return fail(...stringFault(text, at));
        visitor.key?.(at, end);
        [lastStart, lastEnd] = [at, end];
        at = blankEnd(text, end, comments);
        if (at < 0) return fail("comment end", text.length, -at - 1);
        if (text[at] !== ":") return fail("colon");
        at++;
        expected = "value";
      }
    } else if (character === "]" && expected === "item") close();
    else if (character === "{" || character === "[") {
      if (open.length >= maxDepth) return fail("depth");
      open.push(character === "{");
      visitor.open?.(character === "{", at);
      at++;
      expected = character === "{" ? "first key" : "item";
    } else {
      const isString = character === '"';
      const end = isString ? stringEnd(text, at) : plainEnd(text, at, words);
      if (end < 0) return fail(...(isString ? stringFault(text, at) : plainFault(text, at, words)));
      visitor.scalar?.(at, end);
      [lastStart, lastEnd, at] = [at, end, end];
      expected = "separator";
    }
  }

  function fail(kind: JsonFault["kind"], offset = at, start = lastEnd === at ? lastStart : at) {
    const isObject = open.at(-1);
    const inside = isObject === undefined ? undefined : isObject ? "object" : "list";
    return { kind, offset, start, inside } as const;
  }

  function close(): void {
    open.pop();
    at++;
    visitor.close?.(at);
    expected = "separator";
  }
}

/** Returns the end of blanks and comments at `at`; `-start - 1` for a comment without an end. */
function blankEnd(text: string, at: number, comments: boolean): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 32 || code === 10 || code === 13 || code === 9) {
      BLANK.lastIndex = at;
      BLANK.test(text);
      at = BLANK.lastIndex;
    }
    if (!comments || text[at] !== "/") return at;
    COMMENT.lastIndex = at;
    if (!COMMENT.test(text)) return text[at + 1] === "*" ? -at - 1 : at;
    at = COMMENT.lastIndex;
  }
}

/** Returns the end of the string that begins at `start`; -1 if it is invalid. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1;;) {
    PLAIN.lastIndex = at;
    PLAIN.test(text);
    at = PLAIN.lastIndex;
    if (text[at] === '"') return at + 1;
    const length = text[at] === "\\" ? escapeLength(text, at) : 0;
    if (length === 0) return -1;
    at += length;
  }
}

/** Returns the length of the escape at `at`; 0 if it is invalid. */
function escapeLength(text: string, at: number): number {
  const next = text[at + 1];
  if (next === undefined) return 0;
  if (next !== "u") return '"\\/bfnrt'.includes(next) ? 2 : 0;
  HEX.lastIndex = at + 2;
  return HEX.test(text) ? 6 : 0;
}

type Fault = readonly [kind: JsonFault["kind"], offset: number, start: number];

/** Returns the fault of the string at `start`, which {@link stringEnd} rejected. */
function stringFault(text: string, start: number): Fault {
  let at = start + 1;
  for (;;) {
    PLAIN.lastIndex = at;
    PLAIN.test(text);
    at = PLAIN.lastIndex;
    if (text[at] !== "\\") break;
    const length = escapeLength(text, at);
    if (length === 0) break;
    at += length;
  }
  const next = text[at + 1];
  if (at >= text.length || text[at] === "\\" && next === undefined) {
    return ["closing quote", text.length, start];
  }
  if (text[at] !== "\\") return ["control character", at, start];
  return [next === "u" ? "unicode escape" : "escape", at, start];
}

/** Returns the end of the number or word that begins at `start`; -1 if it is neither. */
function plainEnd(text: string, start: number, words: readonly string[]): number {
  NUMBER.lastIndex = start;
  if (NUMBER.test(text)) return NUMBER.lastIndex;
  const word = words.find((word) => text.startsWith(word, start));
  return word === undefined ? -1 : start + word.length;
}

/** Returns the fault of the text at `start`, which {@link plainEnd} rejected. */
function plainFault(text: string, start: number, words: readonly string[]): Fault {
  const first = text[start];
  const like = words.find((word) => word[0] === first && first !== "-");
  let end = start;
  for (let index = 0; like?.[index] !== undefined && text[end] === like[index]; index++) end++;
  return [first === "-" ? "number" : like === undefined ? "value" : "word", end, start];
}
