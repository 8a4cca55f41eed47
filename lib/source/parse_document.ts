import type { ExitCode, SourcePosition } from "../errors.ts";
import { documentEmpty, notJson, notUtf8 } from "./errors.ts";
import { findJsonProblem } from "./json_problem.ts";

/** Options of {@link parseDocument}. */
export interface ParseDocumentOptions {
  /** Where the bytes came from, for error messages. */
  readonly where: string;
  readonly exitCode: ExitCode;
}

/**
 * Nesting past this is refused: a schema of a real backend stays below 50, and every later step that walks the tree may
 * rely on it.
 */
export const MAX_DEPTH = 500;

/**
 * Reads JSON from bytes that others made: UTF-8 (a byte order mark is accepted), every key once in its object, nesting
 * bounded. `NaN` and `Infinity`, which Python's own `json` writes for such a default, are `null`.
 *
 * @throws ToolError with line, column and the line itself.
 */
export function parseDocument(
  bytes: Uint8Array,
  { where, exitCode }: ParseDocumentOptions,
): unknown {
  const text = decode(bytes, where, exitCode);
  const fail = (problem: string, offset: number, code?: string) =>
    notJson({
      where,
      problem,
      position: positionAt(text, offset),
      exitCode,
      ...(code === undefined ? {} : { code }),
    });
  if (text.trim() === "") throw documentEmpty(where, exitCode);
  const scanned = (): Shape => {
    const shape = scan(text);
    if (shape.tooDeepAt === undefined) return shape;
    throw fail(`Nested deeper than ${MAX_DEPTH} levels`, shape.tooDeepAt, "SOURCE_TOO_DEEP");
  };
  // An engine takes seconds for some megabytes of nothing but brackets, and a moment for less.
  let shape = text.length > LARGE ? scanned() : undefined;
  let document: unknown;
  try {
    document = parseJson(text);
  } catch {
    if (shape === undefined) scanned();
    const problem = findJsonProblem(text) ?? { message: "Not JSON", offset: 0 };
    throw fail(problem.message, problem.offset);
  }
  // `JSON.parse` keeps the last of two equal keys, so that fewer keys are there than were written.
  const keys = countKeys(document, 0);
  if (keys !== (shape?.keys ?? quickCount(text))) {
    shape ??= scanned();
    const problem = keys === shape.keys ? undefined : findJsonProblem(text);
    if (problem !== undefined) throw fail(problem.message, problem.offset, "SOURCE_DUPLICATE_KEY");
  }
  return document;
}

/** Characters of a text that is looked at before it is parsed. */
const LARGE = 2 ** 21;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const plain = withoutPythonNumbers(text);
    if (plain === undefined) throw error;
    return JSON.parse(plain);
  }
}

function withoutPythonNumbers(text: string): string | undefined {
  const next = /"|(?:NaN|-?Infinity)(?![\w.+-])/g;
  const parts: string[] = [];
  let from = 0;
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    if (match[0] === '"') {
      const end = endOfString(text, match.index);
      if (end === -1) break;
      next.lastIndex = end + 1;
    } else {
      parts.push(text.slice(from, match.index), "null");
      from = next.lastIndex;
    }
  }
  return parts.length === 0 ? undefined : parts.join("") + text.slice(from);
}

function decode(bytes: Uint8Array, where: string, exitCode: ExitCode): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw notUtf8(where, "UTF-16", exitCode);
  }
  if (first === 0x1f && second === 0x8b) throw notUtf8(where, "gzip-compressed data", exitCode);
  try {
    // A byte order mark is dropped by the decoder.
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

// Halves until the longest good part is known, then steps back to the start of the character that is not finished.
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

const QUOTE = 34, BACKSLASH = 92, COLON = 58;

/**
 * How many keys are written in JSON, or more; `undefined` where it cannot be told so quickly. A key ends with a quote and a
 * colon, and a text may begin with one.
 */
function quickCount(text: string): number | undefined {
  return /"[ \t\n\r]+:/.test(text) ? undefined : text.match(/":/g)?.length ?? 0;
}

interface Shape {
  readonly keys: number;
  readonly tooDeepAt?: number;
}

// Counts keys and depth without making anything.
function scan(text: string): Shape {
  let keys = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE: {
        index = endOfString(text, index);
        if (index === -1) return { keys };
        break;
      }
      case COLON:
        keys++;
        break;
      case 123:
      case 91:
        if (++depth > MAX_DEPTH) return { keys, tooDeepAt: index };
        break;
      case 125:
      case 93:
        depth--;
        break;
    }
  }
  return { keys };
}

function endOfString(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return -1;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

// `NaN` where it is nested too deep.
function countKeys(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null) return 0;
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

/** The line and column of an offset, with the line's text (cut where it is endless). */
function positionAt(text: string, offset: number): SourcePosition {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const lineEnd = text.indexOf("\n", offset);
  const end = lineEnd === -1 ? text.length : lineEnd;
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < start; at = text.indexOf("\n", at + 1)) {
    line++;
  }
  return {
    line,
    column: offset - start + 1,
    text: text.slice(start, end).replace(/\r$/, ""),
  };
}
