import { type Document, LineCounter, parseDocument, visit } from "yaml";
import { formatDocument, parseJson, WireFloat } from "../../json/mod.ts";
import { createExampleSet, type ExampleSet, type ExampleSetOptions } from "../examples/mod.ts";
import { examplesNotReadable } from "./errors.ts";
import { positionOf, stepsOf } from "./position.ts";

/**
 * Parses the text of a file of examples, JSON or YAML, and reads it, see {@link createExampleSet}.
 *
 * @throws ToolError `EXAMPLES_NOT_READABLE`, `EXAMPLES_MALFORMED`, `EXAMPLE_DOES_NOT_FIT`, each with the position
 */
export function parseExamples(text: string, options: ExampleSetOptions): ExampleSet {
  const value = parseExamplesText(text, options.where);
  let marked: unknown;
  const textOf = (path: string) => {
    marked ??= parseExamplesText(text, options.where, { marksFloats: true });
    const part = stepsOf(path).reduce<unknown>(
      (parent, step) => (parent as Readonly<Record<string, unknown>> | undefined)?.[step],
      marked,
    );
    return part === undefined ? undefined : formatDocument(part);
  };
  return createExampleSet(
    { value, positionOf: (path) => positionOf(text, path), textOf },
    options,
  );
}

/**
 * Parses JSON or YAML; with `marksFloats`, whole numbers that are written as floats become {@link WireFloat}.
 *
 * @throws ToolError `EXAMPLES_NOT_READABLE`
 */
export function parseExamplesText(
  text: string,
  where: string,
  { marksFloats = false }: { readonly marksFloats?: boolean } = {},
): unknown {
  if (/^\s*[{[]/.test(text)) {
    try {
      return parseJson(text, { marksFloats });
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
  if (marksFloats) markFloats(document);
  try {
    return document.toJS({ maxAliasCount: 100, reviver: (_key, value) => smallestNumber(value) });
  } catch (cause) {
    throw examplesNotReadable({
      where,
      problem: cause instanceof Error ? cause.message : String(cause),
    });
  }
}

function markFloats(document: Document.Parsed): void {
  visit(document, {
    Scalar(_, node) {
      const { value, source = "" } = node;
      if (!Number.isInteger(value) || !/^[-+]?[\d.]+(?:e[-+]?\d+)?$/i.test(source)) return;
      node.value = new WireFloat(value as number);
    },
  });
}

// The JSON reader also returns safe integers as numbers.
function smallestNumber(value: unknown): unknown {
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
