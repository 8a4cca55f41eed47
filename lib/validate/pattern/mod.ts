import { RE2JS } from "re2js";
import { searchPattern } from "./match.ts";
import { parsePattern, type Pattern } from "./parse.ts";

export { parsePattern, type Pattern, type PatternNode } from "./parse.ts";
export type { CharSet } from "./char_set.ts";

/** Whether a text holds a pattern; true where that was given up. */
export type PatternTest = (text: string) => boolean;

/**
 * Makes the test of a `pattern` from a schema. Such a pattern cannot hang us: it is run by an engine of linear time, and
 * what that cannot do (look-around, back references) or does differently from Pydantic (digits, letters and spaces of
 * other scripts) by one whose steps are counted.
 *
 * @returns Nothing where the pattern cannot be read.
 */
export function compilePattern(
  source: string,
  warn?: (message: string) => void,
): PatternTest | undefined {
  const parsed = parsePattern(source);
  const linear = linearTest(source);
  if (parsed === undefined) return linear;
  let warned = false;
  const bounded = (text: string) => {
    const found = searchPattern(parsed, text);
    if (found !== undefined) return found;
    if (!warned) {
      warned = true;
      warn?.(
        `The pattern ${JSON.stringify(source)} takes too long on some texts: they are accepted`,
      );
    }
    return true;
  };
  if (linear === undefined) return bounded;
  // deno-lint-ignore no-control-regex
  return (text) => /^[\x00-\x7f]*$/.test(text) ? linear(text) : boundedOr(parsed, linear, text);
}

/** Whether a text is a regular expression of any kind that we can read. */
export function isPattern(source: string): boolean {
  // What is longer than we read may be one.
  return source.length > 5_000 || parsePattern(source) !== undefined ||
    linearTest(source) !== undefined;
}

function boundedOr(parsed: Pattern, linear: PatternTest, text: string): boolean {
  return searchPattern(parsed, text) ?? linear(text);
}

function linearTest(source: string): PatternTest | undefined {
  // A long pattern of counted repetitions becomes a program of millions of steps: it goes to the other engine.
  if (source.length > 10_000 || /\{\d{4,}|\{\d*,\d{4,}/.test(source)) return undefined;
  try {
    const program = RE2JS.compile(source);
    return (text) => program.test(text);
  } catch {
    return undefined;
  }
}
