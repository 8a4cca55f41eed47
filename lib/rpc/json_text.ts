import { stringifyJson } from "../json/mod.ts";
import type { Outcome } from "./call.ts";
import { maybeUnsendable, whyUnsendable } from "./unsendable.ts";

// Integers beyond 2^53 are `bigint`.
export { parseJson as parseJsonText, stringifyJson as formatJsonText } from "../json/mod.ts";

/** Left behind by values that JSON drops or changes (`NaN`, a `Map`, bytes), so that few results are searched. */
const LEFT_BEHIND = /null|\{\}|\{"0":|"type":"Buffer"/;

/**
 * Formats a result as JSON text.
 *
 * @throws TypeError for a value that JSON cannot represent, with its location
 */
export function formatResultText({ value, text }: Outcome & { ok: true }): string {
  if (text !== undefined) return text;
  let written: string;
  try {
    written = stringifyJson(value);
  } catch (error) {
    const why = whyUnsendable(value, "JSON");
    throw why === undefined ? error : new TypeError(why);
  }
  if (LEFT_BEHIND.test(written) && maybeUnsendable(value)) {
    const why = whyUnsendable(value, "JSON");
    if (why !== undefined) throw new TypeError(why);
  }
  return written;
}
