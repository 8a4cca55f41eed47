/** A place where a text is not the JSON that we read: as Python writes it, with `NaN` and `Infinity`. */
export interface JsonProblem {
  /** Sentence case, no full stop. */
  readonly message: string;
  /** Offset in UTF-16 code units. */
  readonly offset: number;
}

const END = "Not JSON: it ends in the middle";
const SCALAR =
  /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|NaN|-?Infinity)(?![\w.+-])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * The first place where `text` is no JSON, or has a key twice in one object. `JSON.parse` says neither line nor column
 * under every runtime, and keeps the last of two keys without a word; this slow second reading does both. It keeps a
 * list instead of calling itself, so that nesting costs no stack.
 */
export function findJsonProblem(text: string): JsonProblem | undefined {
  // The keys of each open object, `undefined` for an open list.
  const open: (Set<string> | undefined)[] = [];
  let at = 0;
  const blank = () => {
    while (at < text.length && " \t\r\n".includes(text[at]!)) at++;
  };
  const wrong = (wanted: string): JsonProblem =>
    at >= text.length
      ? { message: END, offset: text.length }
      : { message: `Not JSON: expected ${wanted}, found ${characterAt(text, at)}`, offset: at };

  let expectsValue = true;
  for (;;) {
    blank();
    const character = text[at];
    if (expectsValue) {
      if (character === "{" || character === "[") {
        at++;
        blank();
        open.push(character === "{" ? new Set() : undefined);
        if (text[at] === (character === "{" ? "}" : "]")) {
          expectsValue = false;
          continue;
        }
        const problem = character === "{" ? key(open.at(-1)!) : undefined;
        if (problem !== undefined) return problem;
        continue;
      }
      if (character === '"') {
        const problem = string();
        if (problem !== undefined) return problem;
      } else {
        SCALAR.lastIndex = at;
        if (!SCALAR.test(text)) return wrong("a value");
        at = SCALAR.lastIndex;
      }
      expectsValue = false;
      continue;
    }
    if (open.length === 0) return at >= text.length ? undefined : wrong("the end");
    const keys = open.at(-1);
    if (character === (keys === undefined ? "]" : "}")) {
      at++;
      open.pop();
    } else if (character === ",") {
      at++;
      blank();
      const problem = keys === undefined ? undefined : key(keys);
      if (problem !== undefined) return problem;
      expectsValue = true;
    } else {
      return wrong(keys === undefined ? 'a "," or "]"' : 'a "," or "}"');
    }
  }

  function key(keys: Set<string>): JsonProblem | undefined {
    const start = at;
    if (text[at] !== '"') return wrong("a key in double quotes");
    const problem = string();
    if (problem !== undefined) return problem;
    const name = JSON.parse(text.slice(start, at)) as string;
    if (keys.has(name)) {
      return {
        message: `The key ${JSON.stringify(name.slice(0, 60))} is there twice`,
        offset: start,
      };
    }
    keys.add(name);
    blank();
    if (text[at] !== ":") return wrong('a ":"');
    at++;
    return undefined;
  }

  function string(): JsonProblem | undefined {
    at++;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === 34) {
        at++;
        return undefined;
      }
      if (code < 32) return wrong('a closing quote, or "\\n" and the like for a control character');
      if (code === 92) {
        ESCAPE.lastIndex = at;
        if (!ESCAPE.test(text)) {
          return !text.includes('"', at)
            ? { message: END, offset: text.length }
            : wrong("an escape that JSON knows");
        }
        at = ESCAPE.lastIndex;
      } else at++;
    }
    return wrong("a closing quote");
  }
}

function characterAt(text: string, offset: number): string {
  const word = /^[\w.+-]{1,20}/.exec(text.slice(offset, offset + 20))?.[0];
  return JSON.stringify(word ?? String.fromCodePoint(text.codePointAt(offset) ?? 0));
}
