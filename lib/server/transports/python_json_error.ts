/** Where Python's `json` module stops, and what it says. */
export interface PythonJsonError {
  /** In characters (code points) from the start. */
  readonly position: number;
  readonly message: string;
}

/** The error that Python's `json.loads` raises for a text, as FastAPI reports it; nothing for valid JSON. */
export function pythonJsonError(text: string): PythonJsonError | undefined {
  try {
    const reader = new Reader(text);
    const end = reader.skip(reader.value(reader.skip(0), 0));
    if (end !== text.length) throw new Stop(end, "Extra data");
    return undefined;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { position: [...text.slice(0, error.at)].length, message: error.message };
  }
}

class Stop extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const MAX_DEPTH = 900;
const LITERAL = /null|true|false|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The index after white space. */
  skip(at: number): number {
    while (at < this.#text.length && " \t\n\r".includes(this.#text[at]!)) at++;
    return at;
  }

  /** The index after the value that begins at `at`. */
  value(at: number, depth: number): number {
    const first = this.#text[at];
    if (depth > MAX_DEPTH) throw new Stop(at, "Expecting value");
    if (first === '"') return this.#string(at);
    if (first === "{") return this.#object(at, depth);
    if (first === "[") return this.#list(at, depth);
    LITERAL.lastIndex = at;
    if (!LITERAL.test(this.#text)) throw new Stop(at, "Expecting value");
    return LITERAL.lastIndex;
  }

  #object(start: number, depth: number): number {
    let at = this.skip(start + 1);
    if (this.#text[at] === "}") return at + 1;
    for (;;) {
      if (this.#text[at] !== '"') {
        throw new Stop(at, "Expecting property name enclosed in double quotes");
      }
      at = this.skip(this.#string(at));
      if (this.#text[at] !== ":") throw new Stop(at, "Expecting ':' delimiter");
      at = this.skip(this.value(this.skip(at + 1), depth + 1));
      if (this.#text[at] === "}") return at + 1;
      if (this.#text[at] !== ",") throw new Stop(at, "Expecting ',' delimiter");
      at = this.skip(at + 1);
    }
  }

  #list(start: number, depth: number): number {
    let at = this.skip(start + 1);
    if (this.#text[at] === "]") return at + 1;
    for (;;) {
      at = this.skip(this.value(at, depth + 1));
      if (this.#text[at] === "]") return at + 1;
      if (this.#text[at] !== ",") throw new Stop(at, "Expecting ',' delimiter");
      at = this.skip(at + 1);
    }
  }

  #string(start: number): number {
    for (let at = start + 1; at < this.#text.length; at++) {
      const char = this.#text[at]!;
      if (char === '"') return at + 1;
      if (char < " ") throw new Stop(at, "Invalid control character at");
      if (char !== "\\") continue;
      const escape = this.#text[++at];
      if (escape === undefined) break;
      if (escape === "u") {
        if (!/^[\da-fA-F]{4}$/.test(this.#text.slice(at + 1, at + 5))) {
          throw new Stop(at, "Invalid \\uXXXX escape");
        }
        at += 4;
      } else if (!'"\\/bfnrt'.includes(escape)) throw new Stop(at - 1, "Invalid \\escape");
    }
    throw new Stop(start, "Unterminated string starting at");
  }
}
