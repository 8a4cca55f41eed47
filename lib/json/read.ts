/** Is called for each token, with offsets in UTF-16 code units. */
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
  /** Lists and objects inside each other. @default {Infinity} */
  readonly maxDepth?: number;
  /** Accept `NaN`, `Infinity` and `-Infinity`, as Python's `json` does. @default {false} */
  readonly nonFinite?: boolean;
  /** Accept comments and trailing commas. @default {false} */
  readonly comments?: boolean;
}

/** The first place where a text is not JSON. */
export interface JsonFault {
  /** The missing thing, or the token that is wrong. */
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
  /** The character that does not fit; the length of the text where it ends too early. */
  readonly offset: number;
  /** The start of the token that the offset is in, or directly behind; else the offset. */
  readonly start: number;
  /** What is open there. */
  readonly inside: "object" | "list" | undefined;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORDS = ["true", "false", "null"];
const NON_FINITE = ["NaN", "Infinity", "-Infinity"];
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const HEX = /[\da-fA-F]{4}/y;
const BLANK = /[ \t\r\n]*/y;
const COMMENT = /\/\/[^\r\n]*|\/\*[^]*?\*\//y;

/**
 * Reads a JSON text once and reports its tokens. Nothing is built and nothing recurses, so that neither size nor nesting
 * costs memory. Everything in this folder that needs more than `JSON.parse` is a visitor.
 *
 * @returns the first fault; undefined for JSON
 */
export function readJson(
  text: string,
  visitor: JsonVisitor = {},
  { maxDepth = Infinity, nonFinite = false, comments = false }: ReadJsonOptions = {},
): JsonFault | undefined {
  const words = nonFinite ? [...WORDS, ...NON_FINITE] : WORDS;
  // True for an object.
  const open: boolean[] = [];
  let at = 0;
  let lastStart = 0;
  let lastEnd = -1;
  let fault: JsonFault | undefined;

  let expected: "value" | "item" | "key" | "first key" | "separator" = "value";
  for (;;) {
    skip();
    if (fault !== undefined) return fault;
    const character = text[at];
    const isObject = open.at(-1);
    if (expected === "separator") {
      if (isObject === undefined) return at >= text.length ? undefined : fail("end");
      if (character === ",") {
        at++;
        expected = isObject ? "key" : "value";
        // A trailing comma.
        if (comments) expected = isObject ? "first key" : "item";
      } else if (character === (isObject ? "}" : "]")) close();
      else return fail("comma");
    } else if (expected === "key" || expected === "first key") {
      if (character === "}" && expected === "first key") close();
      else {
        if (character !== '"') return fail("key");
        if (!string()) return fault;
        visitor.key?.(lastStart, lastEnd);
        skip();
        if (fault !== undefined) return fault;
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
      if (character === '"' ? !string() : !scalar(character)) return fault;
      visitor.scalar?.(lastStart, lastEnd);
      expected = "separator";
    }
  }

  function fail(kind: JsonFault["kind"], offset = at, start = lastEnd === at ? lastStart : at) {
    const isObject = open.at(-1);
    const inside = isObject === undefined ? undefined : isObject ? "object" : "list";
    fault = { kind, offset, start, inside };
    return fault;
  }

  function skip(): void {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 32 || code === 10 || code === 13 || code === 9) {
        BLANK.lastIndex = at;
        BLANK.test(text);
        at = BLANK.lastIndex;
      }
      if (!comments || text[at] !== "/") return;
      COMMENT.lastIndex = at;
      if (!COMMENT.test(text)) {
        if (text[at + 1] === "*") fail("comment end", text.length, at);
        return;
      }
      at = COMMENT.lastIndex;
    }
  }

  function close(): void {
    open.pop();
    at++;
    visitor.close?.(at);
    expected = "separator";
  }

  function string(): boolean {
    const start = at++;
    for (;;) {
      PLAIN.lastIndex = at;
      PLAIN.test(text);
      at = PLAIN.lastIndex;
      const character = text[at];
      const next = text[at + 1];
      if (character === '"') {
        at++;
        break;
      }
      if (character === undefined || character === "\\" && next === undefined) {
        fail("closing quote", text.length, start);
        return false;
      }
      if (character !== "\\") {
        fail("control character", at, start);
        return false;
      }
      HEX.lastIndex = at + 2;
      if (next === "u" && HEX.test(text)) at += 6;
      else if ('"\\/bfnrt'.includes(next!)) at += 2;
      else {
        fail(next === "u" ? "unicode escape" : "escape", at, start);
        return false;
      }
    }
    [lastStart, lastEnd] = [start, at];
    return true;
  }

  function scalar(first: string | undefined): boolean {
    NUMBER.lastIndex = at;
    if (NUMBER.test(text)) [lastStart, lastEnd, at] = [at, NUMBER.lastIndex, NUMBER.lastIndex];
    else {
      const word = words.find((word) => text.startsWith(word, at));
      if (word === undefined) {
        const like = words.find((word) => word[0] === first && first !== "-");
        let end = at;
        for (let index = 0; like?.[index] !== undefined && text[end] === like[index]; index++) {
          end++;
        }
        fail(first === "-" ? "number" : like === undefined ? "value" : "word", end, at);
        return false;
      }
      [lastStart, lastEnd, at] = [at, at + word.length, at + word.length];
    }
    return true;
  }
}
