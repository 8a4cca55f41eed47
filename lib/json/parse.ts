import { WireFloat } from "./wire_float.ts";
import { type JsonVisitor, readJson, type ReadJsonOptions } from "./read.ts";

/** Maximum nesting of lists and objects in {@link parseJson}. */
const MAX_DEPTH = 1_000;
/** Maximum digits of an integer: parsing takes quadratic time, and Python has the same limit. */
const MAX_DIGITS = 4_301;

/** Options of {@link parseJson}. */
export interface ParseJsonOptions extends Pick<ReadJsonOptions, "nonFinite"> {
  /** Return whole numbers that are written as floats (`2.0`, `1e3`) as {@link WireFloat}. @default {false} */
  readonly marksFloats?: boolean;
}

/**
 * Parses JSON text; integers that a number cannot represent exactly become `bigint`. `__proto__` is an ordinary member.
 *
 * @throws SyntaxError if the text is not JSON, or nested more than 1,000 levels
 */
export function parseJson(
  text: string,
  { nonFinite = false, marksFloats = false }: ParseJsonOptions = {},
): unknown {
  // A number represents all integers of less than 16 digits exactly.
  if (!nonFinite && !marksFloats && !/\d{16}/.test(text)) return JSON.parse(text);
  const builder = new Builder(text, marksFloats);
  const fault = readJson(text, builder, { nonFinite, maxDepth: MAX_DEPTH });
  if (fault !== undefined) throw unexpected(fault.offset);
  return builder.value;
}

/** Formats a value as JSON text; `bigint`s as integers. Omits undefined members, like `JSON.stringify`. */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (!(error instanceof TypeError) || !/bigint/i.test(error.message)) throw error;
  }
  // A prefix that no string in the value contains.
  const plain = JSON.stringify(value, (_, item) => typeof item === "bigint" ? "" : item) ?? "";
  let mark = "bigint:";
  while (plain.includes(mark)) mark = `_${mark}`;
  const marked = JSON.stringify(
    value,
    (_, item) => typeof item === "bigint" ? `${mark}${item}` : item,
  );
  return marked.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, "g"), "$1");
}

function unexpected(offset: number): SyntaxError {
  return new SyntaxError(`Unexpected text in JSON at position ${offset}`);
}

class Builder implements JsonVisitor {
  value: unknown;
  readonly #text: string;
  readonly #marksFloats: boolean;
  readonly #open: (unknown[] | Record<string, unknown>)[] = [];
  readonly #keys: string[] = [];

  constructor(text: string, marksFloats: boolean) {
    this.#text = text;
    this.#marksFloats = marksFloats;
  }

  open(isObject: boolean): void {
    const opened = isObject ? {} : [];
    this.#add(opened);
    this.#open.push(opened);
  }

  close(): void {
    this.#open.pop();
  }

  key(start: number, end: number): void {
    this.#keys.push(this.#string(start, end));
  }

  scalar(start: number, end: number): void {
    this.#add(this.#text[start] === '"' ? this.#string(start, end) : this.#plain(start, end));
  }

  #add(value: unknown): void {
    const inside = this.#open.at(-1);
    if (inside === undefined) this.value = value;
    else if (Array.isArray(inside)) inside.push(value);
    else {
      const key = this.#keys.pop() ?? "";
      if (key !== "__proto__") inside[key] = value;
      else {
        const rest = { writable: true, enumerable: true, configurable: true };
        Object.defineProperty(inside, key, { value, ...rest });
      }
    }
  }

  #string(start: number, end: number): string {
    const text = this.#text.slice(start, end);
    return text.includes("\\") ? JSON.parse(text) as string : text.slice(1, -1);
  }

  #plain(start: number, end: number): unknown {
    const text = this.#text.slice(start, end);
    if (text === "true" || text === "false") return text === "true";
    if (text === "null") return null;
    const value = Number(text);
    if (!/^-?\d+$/.test(text)) {
      return this.#marksFloats && Number.isInteger(value) ? new WireFloat(value) : value;
    }
    if (Number.isSafeInteger(value)) return value;
    if (text.length > MAX_DIGITS) throw unexpected(start);
    return BigInt(text);
  }
}
