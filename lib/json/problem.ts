import { defined } from "../defined.ts";
import { type JsonFault, readJson } from "./read.ts";

/** The first fault of a text that is not the JSON that Python writes, which includes `NaN` and `Infinity`. */
export interface JsonProblem {
  /** Sentence case, no full stop. */
  readonly message: string;
  /** Offset in UTF-16 code units. */
  readonly offset: number;
  readonly kind: "syntax" | "depth" | "duplicate key";
}

/**
 * Finds the first position at which `text` is not JSON, is nested too deeply, or repeats a key in an object.
 * `JSON.parse` reports neither line nor column in every engine, and silently keeps the last of two equal keys; this
 * slower pass reports both.
 */
export function findJsonProblem(text: string, maxDepth?: number): JsonProblem | undefined {
  // The keys of each open object, `undefined` for an open list.
  const open: (Set<string> | undefined)[] = [];
  let duplicate: JsonProblem | undefined;
  const fault = readJson(text, {
    open: (isObject) => void open.push(isObject ? new Set() : undefined),
    close: () => void open.pop(),
    key(start, end) {
      const name = JSON.parse(text.slice(start, end)) as string;
      const keys = open.at(-1);
      if (keys?.has(name)) {
        duplicate ??= {
          message: `The key ${JSON.stringify(name.slice(0, 60))} appears twice`,
          offset: start,
          kind: "duplicate key",
        };
      }
      keys?.add(name);
    },
  }, defined({ nonFinite: true, maxDepth }));
  return duplicate ?? (fault === undefined ? undefined : problemOf(text, fault, maxDepth));
}

function problemOf(text: string, fault: JsonFault, maxDepth: number | undefined): JsonProblem {
  const { kind, start, inside } = fault;
  if (kind === "depth") {
    return { message: `Nested deeper than ${maxDepth} levels`, offset: fault.offset, kind };
  }
  // People read `01`, `1x` and `truex` as one word.
  const isWord = kind === "number" || kind === "word" ||
    start < fault.offset && text[start] !== '"' && /[\w.+-]/.test(text[fault.offset] ?? "");
  const offset = isWord ? start : fault.offset;
  const isCut = offset >= text.length ||
    (kind === "escape" || kind === "unicode escape") && !text.includes('"', offset);
  if (isCut) {
    return { message: "Not JSON: it ends in the middle", offset: text.length, kind: "syntax" };
  }
  const expected = isWord
    ? "a value"
    : kind === "comma"
    ? `a "," or "${inside === "list" ? "]" : "}"}"`
    : EXPECTED[kind];
  const found = JSON.stringify(wordAt(text, offset));
  return { message: `Not JSON: expected ${expected}, found ${found}`, offset, kind: "syntax" };
}

const EXPECTED: Readonly<Record<Exclude<JsonFault["kind"], "depth" | "comma">, string>> = {
  value: "a value",
  number: "a value",
  word: "a value",
  key: "a key in double quotes",
  colon: 'a ":"',
  end: "the end",
  "control character": 'a closing quote, or "\\n" and the like for a control character',
  escape: "a valid escape",
  "unicode escape": "a valid escape",
  "closing quote": "a closing quote",
  "comment end": "the end of a comment",
};

function wordAt(text: string, offset: number): string {
  const word = /^[\w.+-]{1,20}/.exec(text.slice(offset, offset + 20))?.[0];
  return word ?? String.fromCodePoint(text.codePointAt(offset) ?? 0);
}
