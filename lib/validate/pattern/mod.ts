import { RE2JS } from "re2js";
import { searchPattern } from "./match.ts";
import { parsePattern, type Pattern } from "./parse.ts";

export { parsePattern, type Pattern, type PatternNode } from "./parse.ts";
export type { CharSet } from "./char_set.ts";

/** Returns true if a text contains a match, or if the matcher reached its limit. */
export type PatternTest = (text: string) => boolean;

/**
 * Compiles a `pattern` of a schema to a test that cannot hang. Three engines exist, each for one purpose:
 *
 * - RE2JS (linear time) decides for ASCII texts if it can compile the pattern, because there it agrees with Pydantic.
 * - The matcher of this folder (`parse.ts`, `match.ts`: backtracking with limited steps) decides for patterns that RE2
 *   cannot compile (look-around, back references, atomic groups) and for texts with other characters, because Pydantic's
 *   `\d`, `\w` and `\s` include every script. If it reaches its limit, RE2's result counts; without one, the text is
 *   accepted with a warning.
 * - `lib/compare/pattern_inclusion.ts` (automata) runs no pattern on texts: it proves for `diff` that every match of
 *   one pattern matches another.
 *
 * @returns undefined if neither engine can compile the pattern
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

/** Returns true if a text is a regular expression of a supported dialect. */
export function isPattern(source: string): boolean {
  // Longer texts are not parsed and may be patterns.
  return source.length > 5_000 || parsePattern(source) !== undefined ||
    linearTest(source) !== undefined;
}

function boundedOr(parsed: Pattern, linear: PatternTest, text: string): boolean {
  return searchPattern(parsed, text) ?? linear(text);
}

function linearTest(source: string): PatternTest | undefined {
  // A long pattern of counted repetitions would compile to millions of steps: leave it to the other engine.
  if (source.length > 10_000 || /\{\d{4,}|\{\d*,\d{4,}/.test(source)) return undefined;
  try {
    const program = RE2JS.compile(source);
    return (text) => program.test(text);
  } catch {
    return undefined;
  }
}
