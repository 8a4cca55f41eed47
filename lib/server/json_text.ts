import type { WireObject, WireValue } from "./call.ts";

// A number token of 16 digits or more may be an integer that a double cannot hold. What stands in a string may match as
// well: then the exact reader does the same work a little slower.
const LONG_INTEGER = /(?:^|[[:,\s])-?\d{16,}\s*(?:[,\]}]|$)/;

/**
 * Reads JSON text as `JSON.parse` does, but keeps integers that a double cannot hold as `bigint`.
 *
 * @throws SyntaxError where the text is no JSON, RangeError where it is nested too deeply for the stack.
 */
export function parseJsonText(text: string): WireValue {
  return LONG_INTEGER.test(text) ? new ExactReader(text).read() : JSON.parse(text) as WireValue;
}

/**
 * Writes JSON text as `JSON.stringify` does, `bigint` as an integer and `undefined` as `null`.
 *
 * @throws TypeError for what JSON cannot hold: circular values.
 */
export function formatJsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Either a bigint, which JSON can hold, or a circle, which the copy below finds again.
    return formatExact(value, new Set());
  }
}

/** Whether lists and objects are nested more than `maxDepth` deep; reads the bytes of JSON text without parsing it. */
export function isDeeperThan(message: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < message.length; index++) {
    const byte = message[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > maxDepth) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth--;
    }
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function formatExact(value: unknown, above: Set<object>): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (above.has(value)) throw new TypeError("The value contains itself");
  const toJson = (value as { toJSON?: unknown }).toJSON;
  if (typeof toJson === "function") return formatExact(toJson.call(value), above);
  above.add(value);
  const text = Array.isArray(value)
    ? `[${value.map((item) => formatExact(item, above)).join(",")}]`
    : `{${
      Object.entries(value)
        .filter(([, member]) => member !== undefined && typeof member !== "function")
        .map(([key, member]) => `${JSON.stringify(key)}:${formatExact(member, above)}`)
        .join(",")
    }}`;
  above.delete(value);
  return text;
}

const WHITE_SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

class ExactReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): WireValue {
    const value = this.#value();
    this.#skip();
    if (this.#at !== this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(): WireValue {
    this.#skip();
    const first = this.#text[this.#at];
    if (first === "{") return this.#object();
    if (first === "[") return this.#list();
    if (first === '"') return this.#string();
    const word = this.#match(WORD);
    if (word !== undefined) return JSON.parse(word[0]) as WireValue;
    const number = this.#match(NUMBER);
    if (number === undefined) throw this.#unexpected();
    const value = Number(number[0]);
    const isInteger = number[1] === undefined && number[2] === undefined;
    return isInteger && !Number.isSafeInteger(value) ? BigInt(number[0]) : value;
  }

  #object(): WireObject {
    const object: Record<string, WireValue> = {};
    this.#at++;
    if (this.#take("}")) return object;
    do {
      this.#skip();
      const key = this.#string();
      if (!this.#take(":")) throw this.#unexpected();
      const value = this.#value();
      // Assigning `__proto__` would not make a member.
      if (key === "__proto__") {
        Object.defineProperty(object, key, {
          value,
          enumerable: true,
          writable: true,
          configurable: true,
        });
      } else object[key] = value;
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#unexpected();
    return object;
  }

  #list(): WireValue[] {
    const list: WireValue[] = [];
    this.#at++;
    if (this.#take("]")) return list;
    do list.push(this.#value()); while (this.#take(","));
    if (!this.#take("]")) throw this.#unexpected();
    return list;
  }

  #string(): string {
    const token = this.#match(STRING);
    if (token === undefined) throw this.#unexpected();
    return JSON.parse(token[0]) as string;
  }

  #take(mark: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #skip(): void {
    this.#match(WHITE_SPACE);
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`Unexpected JSON at offset ${this.#at}`);
  }
}
