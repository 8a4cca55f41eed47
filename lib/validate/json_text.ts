/**
 * JSON text to values and back without losing integers beyond 2^53: they are `bigint`s in between. Everything else is as
 * `JSON.parse` and `JSON.stringify` have it, at their speed where no such integer can be.
 */

/** How deep arrays and objects may be nested in {@link parseJson}. */
const MAX_DEPTH = 1_000;
/** Digits of an integer. */
const MAX_DIGITS = 4_301;

/**
 * Parses JSON text; integers that a number cannot hold exactly come as `bigint`. `__proto__` is a member like any other.
 *
 * @throws SyntaxError where the text is no JSON, or nested deeper than 1,000.
 */
export function parseJson(text: string): unknown {
  // Below 16 digits in a row there is nothing that a number cannot hold.
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return new Reader(text).read();
}

/** Prints a value as JSON text; `bigint`s as integers. Undefined members are left out, as `JSON.stringify` does. */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (!(error instanceof TypeError) || !/bigint/i.test(error.message)) throw error;
  }
  // A mark that no text inside can hold: it is longer than any of the texts' own copies of it.
  const plain = JSON.stringify(value, (_, item) => typeof item === "bigint" ? "" : item) ?? "";
  let mark = "bigint:";
  while (plain.includes(mark)) mark = `_${mark}`;
  const marked = JSON.stringify(
    value,
    (_, item) => typeof item === "bigint" ? `${mark}${item}` : item,
  );
  return marked.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, "g"), "$1");
}

class Reader {
  readonly #text: string;
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    const value = this.#value();
    this.#space();
    if (this.#position < this.#text.length) this.#fail();
    return value;
  }

  #fail(): never {
    throw new SyntaxError(`Unexpected text in JSON at position ${this.#position}`);
  }

  #space(): void {
    const pattern = /[ \t\n\r]*/y;
    pattern.lastIndex = this.#position;
    pattern.test(this.#text);
    this.#position = pattern.lastIndex;
  }

  #value(): unknown {
    this.#space();
    switch (this.#text[this.#position]) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.#fail();
    this.#position++;
    const value = read();
    this.#depth--;
    return value;
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    if (this.#take("]")) return items;
    for (;;) {
      items.push(this.#value());
      if (this.#take("]")) return items;
      if (!this.#take(",")) this.#fail();
    }
  }

  #object(): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    if (this.#take("}")) return members;
    for (;;) {
      this.#space();
      if (this.#text[this.#position] !== '"') this.#fail();
      const key = this.#string();
      if (!this.#take(":")) this.#fail();
      const value = this.#value();
      if (key === "__proto__") {
        Object.defineProperty(members, key, {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      } else members[key] = value;
      if (this.#take("}")) return members;
      if (!this.#take(",")) this.#fail();
    }
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #string(): string {
    const start = this.#position;
    let end = start + 1;
    for (; end < this.#text.length && this.#text[end] !== '"'; end++) {
      if (this.#text[end] === "\\") end++;
    }
    this.#position = end + 1;
    return JSON.parse(this.#text.slice(start, end + 1)) as string;
  }

  #scalar(): unknown {
    const pattern = /true|false|null|-?\d[\d.eE+-]*/y;
    pattern.lastIndex = this.#position;
    const text = pattern.exec(this.#text)?.[0];
    if (text === undefined) this.#fail();
    this.#position += text.length;
    const value = JSON.parse(text) as unknown;
    const isLong = typeof value === "number" && !Number.isSafeInteger(value) &&
      /^-?\d+$/.test(text);
    // Reading takes time with the square of the digits; Python gives up here as well.
    if (isLong && text.length > MAX_DIGITS) this.#fail();
    return isLong ? BigInt(text) : value;
  }
}
