import type { JsonSchema } from "../schema/mod.ts";
import { parseJson } from "./json_text.ts";
import { type Check, type Compiler, isSchema, keyword } from "./_run.ts";

/** Pydantic's `Json[T]`: a text that holds JSON. The value stays the text, which is what a schema describes. */
export function checkJsonText(compiler: Compiler, schema: JsonSchema): Check {
  const content = keyword(schema, "contentSchema");
  const inner = isSchema(content) ? compiler.check(content) : undefined;
  return (value) => {
    if (typeof value !== "string") {
      return compiler.run.fail("json_type", "JSON input should be string, bytes or bytearray");
    }
    let parsed: unknown;
    try {
      parsed = parseJson(value);
    } catch {
      // Pydantic takes these for numbers.
      if (/^\s*(NaN|-?Infinity)\s*$/.test(value)) {
        return typeof inner?.(NaN) === "symbol" ? inner(NaN) : value;
      }
      return compiler.run.fail("json_invalid", `Invalid JSON: ${jsonProblem(value)}`);
    }
    const checked = inner?.(parsed);
    return typeof checked === "symbol" ? checked : value;
  };
}

/** What is wrong with a text that is no JSON, in the words of the Rust crate that Pydantic reads it with. */
function jsonProblem(text: string): string {
  let at = 0;
  const place = (index: number, after = 0) => {
    const before = text.slice(0, index);
    const line = before.split("\n").length;
    const column = new TextEncoder().encode(before.slice(before.lastIndexOf("\n") + 1)).length;
    return `at line ${line} column ${column + after}`;
  };
  // Columns count the offending character itself, but at the end there is none.
  const problem = (words: string, index = at) =>
    `${words} ${index < text.length ? place(index, 1) : place(text.length)}`;
  const eof = (what: string) => `EOF while parsing ${what} ${place(text.length)}`;
  const space = () => {
    while (" \t\n\r".includes(text[at] ?? "x")) at++;
  };
  const read = (depth: number): string | undefined => {
    space();
    const character = text[at];
    if (character === undefined) return eof("a value");
    if (depth > 200) return problem("recursion limit exceeded");
    if (character === "{") {
      at++;
      space();
      if (text[at] === "}") {
        at++;
        return undefined;
      }
      for (;;) {
        space();
        if (text[at] === undefined) return eof("an object");
        if (text[at] !== '"') {
          return problem(text[at] === "}" ? "trailing comma" : "key must be a string");
        }
        const key = readString();
        if (key !== undefined) return key;
        space();
        if (text[at] === undefined) return eof("an object");
        if (text[at] !== ":") return problem("expected `:`");
        at++;
        const value = read(depth + 1);
        if (value !== undefined) return value;
        space();
        if (text[at] === undefined) return eof("an object");
        if (text[at] === "}") {
          at++;
          return undefined;
        }
        if (text[at] !== ",") return problem("expected `,` or `}`");
        at++;
      }
    }
    if (character === "[") {
      at++;
      space();
      if (text[at] === undefined) return eof("a list");
      if (text[at] === "]") {
        at++;
        return undefined;
      }
      for (;;) {
        space();
        if (text[at] === "]") return problem("trailing comma");
        const value = read(depth + 1);
        if (value !== undefined) return value;
        space();
        if (text[at] === undefined) return eof("a list");
        if (text[at] === "]") {
          at++;
          return undefined;
        }
        if (text[at] !== ",") return problem("expected `,` or `]`");
        at++;
      }
    }
    if (character === '"') return readString();
    for (const word of ["true", "false", "null", "NaN", "Infinity"]) {
      if (character === word[0] || (word === "null" && character === "n")) {
        for (let index = 0; index < word.length; index++) {
          if (text[at + index] === undefined) return eof("a value");
          if (text[at + index] !== word[index]) return problem("expected ident", at + index);
        }
        at += word.length;
        return undefined;
      }
    }
    if (/[-\d]/.test(character)) return readNumber();
    return problem("expected value");
  };
  const readString = (): string | undefined => {
    for (at++; at < text.length; at++) {
      if (text[at] === '"') {
        at++;
        return undefined;
      }
      if (text[at]! < " ") {
        return problem("control character (\\u0000-\\u001F) found while parsing a string");
      }
      if (text[at] === "\\") {
        at++;
        if (text[at] === undefined) break;
        if (!'"\\/bfnrtu'.includes(text[at]!)) return problem("invalid escape");
      }
    }
    return eof("a string");
  };
  const readNumber = (): string | undefined => {
    const number = /-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d*)?/y;
    number.lastIndex = at;
    const found = number.exec(text)![0];
    if (/^-?0\d/.test(text.slice(at))) return problem("invalid number", at + found.length);
    at += found.length;
    if (/\d$/.test(found)) return undefined;
    return text[at] === undefined ? eof("a value") : problem("invalid number");
  };
  const found = read(0);
  if (found !== undefined) return found;
  space();
  return problem("trailing characters");
}
