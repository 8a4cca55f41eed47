import type { ExitCode } from "../errors.ts";
import {
  findJsonProblem,
  isDeeperThan,
  parseJson,
  type ParseJsonOptions,
  positionAt,
  WireFloat,
  withoutNonFinite,
} from "../json/mod.ts";
import { documentEmpty, notJson, notUtf8 } from "./errors.ts";

/** Options of {@link decodeDocument}. */
export interface DecodeDocumentOptions {
  /** Origin of the bytes, for error messages. */
  readonly where: string;
  readonly exitCode: ExitCode;
}

/** Options of {@link parseDocument}. */
export interface ParseDocumentOptions
  extends DecodeDocumentOptions, Pick<ParseJsonOptions, "marksFloats"> {}

/**
 * Documents that are nested deeper are rejected. Schemas of real backends stay below 50, and later steps walk the tree
 * recursively.
 */
export const MAX_DEPTH = 500;

/**
 * Decodes an untrusted document: UTF-8 (a byte order mark is dropped), limited nesting. A caller that then no longer refers
 * to the bytes needs a tenth less memory to parse a large document.
 *
 * @throws ToolError with line, column and the line itself
 */
export function decodeDocument(bytes: Uint8Array, options: DecodeDocumentOptions): string {
  const { where, exitCode } = options;
  const text = decode(bytes, where, exitCode);
  if (text.trim() === "") throw documentEmpty(where, exitCode);
  // Some engines need seconds to parse megabytes of brackets.
  if (text.length > LARGE && isDeeperThan(bytes, MAX_DEPTH)) assertValid(text, options);
  return text;
}

/**
 * Parses the text of {@link decodeDocument}: JSON without duplicate keys. `NaN` and `Infinity`, which Python's `json` writes
 * for such defaults, become `null`.
 *
 * @throws ToolError with line, column and the line itself
 */
export function parseDocument(text: string, options: ParseDocumentOptions): unknown {
  const { where, exitCode, marksFloats = false } = options;
  let document: unknown;
  try {
    document = parse(text, { marksFloats });
  } catch {
    assertValid(text, options);
    throw notJson({ where, problem: "Not JSON", position: positionAt(text, 0), exitCode });
  }
  // `JSON.parse` keeps the last of two equal keys: fewer keys than the text has means duplicates.
  if (countKeys(document, 0) !== quickCount(text)) assertValid(text, options);
  return document;
}

function assertValid(text: string, { where, exitCode }: DecodeDocumentOptions): void {
  const problem = findJsonProblem(text, MAX_DEPTH);
  if (problem === undefined) return;
  const { message, offset, kind } = problem;
  const position = positionAt(text, offset);
  throw notJson({ where, problem: message, position, exitCode, ...CODES[kind] });
}

const CODES = {
  syntax: {},
  depth: { code: "SOURCE_TOO_DEEP" },
  "duplicate key": { code: "SOURCE_DUPLICATE_KEY" },
} as const;

/** Length of a text, in characters, above which its depth is checked before it is parsed. */
const LARGE = 2 ** 21;

function parse(text: string, options: ParseJsonOptions): unknown {
  try {
    return parseJson(text, options);
  } catch (error) {
    const plain = withoutNonFinite(text);
    if (plain === undefined) throw error;
    return parseJson(plain, options);
  }
}

function decode(bytes: Uint8Array, where: string, exitCode: ExitCode): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw notUtf8(where, "UTF-16", exitCode);
  }
  if (first === 0x1f && second === 0x8b) throw notUtf8(where, "gzip-compressed data", exitCode);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const offset = firstInvalidByte(bytes);
    const line = bytes.subarray(0, offset).reduce(
      (count, byte) => byte === 10 ? count + 1 : count,
      1,
    );
    const byte = (bytes[offset] ?? 0).toString(16).padStart(2, "0");
    throw notUtf8(where, `the byte 0x${byte} at offset ${offset} (line ${line})`, exitCode);
  }
}

// Binary search for the longest valid part, then steps back to the start of an incomplete character.
function firstInvalidByte(bytes: Uint8Array): number {
  const isGood = (end: number, stream: boolean) => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end), { stream });
      return true;
    } catch {
      return false;
    }
  };
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isGood(middle, true)) good = middle;
    else bad = middle;
  }
  while (good > 0 && !isGood(good, false)) good--;
  return good;
}

/**
 * An upper bound of the number of keys in a JSON text; `undefined` if it needs a full scan. A key ends with a quote and
 * a colon, but a string may begin with them as well.
 */
function quickCount(text: string): number | undefined {
  if (/"[ \t\n\r]+:/.test(text)) return undefined;
  return text.match(/":/g)?.length ?? 0;
}

// Returns `NaN` if the value is nested too deeply.
function countKeys(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null || value instanceof WireFloat) return 0;
  if (depth === MAX_DEPTH) return NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === "object" && item !== null) count += countKeys(item, depth + 1);
    }
    return count;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    count++;
    if (typeof member === "object" && member !== null) count += countKeys(member, depth + 1);
  }
  return count;
}
