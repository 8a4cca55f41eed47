import { type JsonFault, parseJson, readJson } from "../json/mod.ts";
import { isSchema, type JsonSchema, keyword } from "../contract/mod.ts";
import type { Check, Compiler } from "./run.ts";

/**
 * Validates Pydantic's `Json[T]`: a string that contains JSON. The value stays the string, which is what the schema
 * describes.
 */
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
      // Pydantic parses these as numbers.
      if (/^\s*(NaN|-?Infinity)\s*$/.test(value)) {
        return typeof inner?.(NaN) === "symbol" ? inner(NaN) : value;
      }
      return compiler.run.fail("json_invalid", `Invalid JSON: ${jsonProblem(value)}`);
    }
    const checked = inner?.(parsed);
    return typeof checked === "symbol" ? checked : value;
  };
}

/** Pydantic's recursion limit. */
const MAX_DEPTH = 201;

/** Describes the first fault of a text that is not JSON, in the words of the Rust crate that Pydantic uses. */
function jsonProblem(text: string): string {
  const fault = readJson(text, {}, { nonFinite: true, maxDepth: MAX_DEPTH });
  if (fault === undefined) return `trailing characters ${lineAndColumn(text, text.length)}`;
  const number = numberEnd(text, fault);
  const offset = number ?? offenderOf(text, fault);
  if (number !== undefined && text[number] !== undefined) return at("invalid number", text, number);
  if (text[offset] !== undefined) return at(messageFor(text, fault), text, offset);
  return `EOF while parsing ${cutToken(text, fault, number)} ${lineAndColumn(text, text.length)}`;
}

/** Returns the position at which the crate stops reading an invalid number and reports it. */
function numberEnd(text: string, { kind, start, offset }: JsonFault): number | undefined {
  if (kind === "number") return offset + 1;
  const begun = /^-?\d+(?:\.\d+)?$/.exec(text.slice(start, offset))?.[0];
  if (begun === undefined) return undefined;
  const rest = (begun.includes(".") ? /^[eE][+-]?/ : /^(?:\.|[eE][+-]?)/).exec(text.slice(offset));
  if (rest !== null) return offset + rest[0].length;
  return /^-?0$/.test(begun) && /^\d/.test(text.slice(offset)) ? offset : undefined;
}

function offenderOf(text: string, { kind, offset }: JsonFault): number {
  if (kind === "escape") return offset + 1;
  if (kind !== "unicode escape") return offset;
  // The crate reads four bytes before it checks them.
  const digits = text.slice(offset + 2).search(/[^\da-fA-F]|$/);
  return text.length < offset + 6 ? text.length : offset + 2 + digits;
}

function messageFor(text: string, { kind, offset, inside }: JsonFault): string {
  const isTrailing = isAfterComma(text.slice(0, offset));
  switch (kind) {
    case "key":
      return isTrailing && text[offset] === "}" ? "trailing comma" : "key must be a string";
    case "value":
      return isTrailing && text[offset] === "]" ? "trailing comma" : "expected value";
    case "colon":
      return "expected `:`";
    case "comma":
      return inside === "list" ? "expected `,` or `]`" : "expected `,` or `}`";
    case "word":
      return "expected ident";
    case "control character":
      return "control character (\\u0000-\\u001F) found while parsing a string";
    case "depth":
      return "recursion limit exceeded";
    case "end":
      return "trailing characters";
    default:
      return "invalid escape";
  }
}

function isAfterComma(text: string): boolean {
  return /,[ \t\n\r]*$/.test(text);
}

function cutToken(text: string, fault: JsonFault, number: number | undefined): string {
  if (fault.kind === "closing quote" || fault.kind.endsWith("escape")) return "a string";
  if (number !== undefined || fault.kind === "word" || isAfterComma(text)) return "a value";
  if (fault.kind === "value") return /\[[ \t\n\r]*$/.test(text) ? "a list" : "a value";
  return fault.inside === "list" ? "a list" : "an object";
}

// Columns count the invalid character itself; a line break counts as the first character of the next line.
function at(words: string, text: string, offset: number): string {
  return `${words} ${lineAndColumn(text, offset, text[offset] === "\n" ? "\n" : "x")}`;
}

function lineAndColumn(text: string, offset: number, offender = ""): string {
  const lines = (text.slice(0, offset) + offender).split("\n");
  const column = new TextEncoder().encode(lines.at(-1)).length;
  return `at line ${lines.length} column ${column}`;
}
