/** A place where a text is not the JSON that we read. */
export interface JsonProblem {
  /** Sentence case, no full stop. */
  readonly message: string;
  /** Offset in UTF-16 code units. */
  readonly offset: number;
}

const TOKEN =
  /[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])|(?:true|false|null)(?![\w])))/y;

/**
 * The first place where `text` is no JSON, or has a key twice in one object. `JSON.parse` says neither line nor column
 * under every runtime, and keeps the last of two keys without a word; this slow second reading does both.
 */
export function findJsonProblem(text: string): JsonProblem | undefined {
  // What may come next: a value, a key, or what follows a value.
  let expect: "value" | "first" | "key" | "firstKey" | "colon" | "after" = "value";
  const open: ({ keys: Set<string> } | undefined)[] = [];
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const start = skipBlank(text, at);
    if (match === null) {
      if (start >= text.length) {
        return expect === "after" && open.length === 0
          ? undefined
          : { message: "Not JSON: it ends in the middle", offset: text.length };
      }
      return { message: unexpected(text, start, expect, open.at(-1)), offset: start };
    }
    const mark = match[1];
    const isString = match[2] !== undefined;
    const wrong = { message: unexpected(text, start, expect, open.at(-1)), offset: start };
    at = TOKEN.lastIndex;
    switch (expect) {
      case "value":
      case "first":
        if (mark === "{" || mark === "[") {
          open.push(mark === "{" ? { keys: new Set() } : undefined);
          expect = mark === "{" ? "firstKey" : "first";
        } else if (mark === "]" && expect === "first") {
          open.pop();
          expect = "after";
        } else if (mark === undefined) expect = "after";
        else return wrong;
        break;
      case "firstKey":
      case "key": {
        if (mark === "}" && expect === "firstKey") {
          open.pop();
          expect = "after";
          break;
        }
        if (!isString) return wrong;
        const key = JSON.parse(match[2]!) as string;
        const keys = open.at(-1)!.keys;
        if (keys.has(key)) {
          return {
            message: `The key ${JSON.stringify(key.slice(0, 60))} is there twice`,
            offset: start,
          };
        }
        keys.add(key);
        expect = "colon";
        break;
      }
      case "colon":
        if (mark !== ":") return wrong;
        expect = "value";
        break;
      case "after":
        if (open.length === 0) return wrong;
        if (mark === ",") expect = open.at(-1) === undefined ? "value" : "key";
        else if (mark === (open.at(-1) === undefined ? "]" : "}")) open.pop();
        else return wrong;
        break;
    }
  }
}

function unexpected(text: string, offset: number, expect: string, parent: unknown): string {
  const wanted = expect === "colon"
    ? 'a ":"'
    : expect === "key" || expect === "firstKey"
    ? "a key in double quotes"
    : expect === "after"
    ? parent === undefined ? 'a "," or the end' : 'a "," or "}"'
    : "a value";
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const found = character === '"' && expect !== "after" && expect !== "colon"
    ? "a string that is not closed or holds a character that must be escaped"
    : JSON.stringify(character);
  return `Not JSON: expected ${wanted}, found ${found}`;
}

function skipBlank(text: string, at: number): number {
  let index = at;
  while (index < text.length && " \t\r\n".includes(text[index]!)) index++;
  return index;
}
