import { LineCounter, parseDocument } from "yaml";
import { parseJson } from "../../json/mod.ts";
import { createExampleSet, type ExampleSet, type ExampleSetOptions } from "../examples/mod.ts";
import { examplesNotReadable } from "./errors.ts";
import { positionOf } from "./position.ts";

/**
 * Parses the text of a file of examples, JSON or YAML, and reads it, see {@link createExampleSet}.
 *
 * @throws ToolError `EXAMPLES_NOT_READABLE`, `EXAMPLES_MALFORMED`, `EXAMPLE_DOES_NOT_FIT`, each with the position
 */
export function parseExamples(text: string, options: ExampleSetOptions): ExampleSet {
  const value = parseExamplesText(text, options.where);
  return createExampleSet({ value, positionOf: (path) => positionOf(text, path) }, options);
}

/** Parses JSON or YAML. @throws ToolError `EXAMPLES_NOT_READABLE` */
export function parseExamplesText(text: string, where: string): unknown {
  if (/^\s*[{[]/.test(text)) {
    try {
      return parseJson(text);
    } catch {
      // Not JSON, but perhaps YAML in flow style: the YAML parser reports the error with its position.
    }
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    intAsBigInt: true,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw examplesNotReadable({
      where,
      problem: error.message,
      position: { line, column: col, text: text.split(/\r?\n/)[line - 1] ?? "" },
    });
  }
  try {
    return document.toJS({ maxAliasCount: 100, reviver: (_key, value) => smallestNumber(value) });
  } catch (cause) {
    throw examplesNotReadable({
      where,
      problem: cause instanceof Error ? cause.message : String(cause),
    });
  }
}

// The JSON reader also returns safe integers as numbers.
function smallestNumber(value: unknown): unknown {
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
