import { stringifyJson } from "../validate/mod.ts";
import type { Outcome } from "./call.ts";
import { maybeUnsendable, whyUnsendable } from "./unsendable.ts";

// Integers beyond 2^53 are `bigint` between the two.
export { parseJson as parseJsonText, stringifyJson as formatJsonText } from "../validate/mod.ts";

/**
 * A result as JSON text.
 *
 * @throws TypeError where the text would not say what the value is, with the place of what JSON cannot hold.
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
  // A value that JSON loses leaves one of these two behind, so that few results are searched.
  if ((written.includes("null") || written.includes("{}")) && maybeUnsendable(value)) {
    const why = whyUnsendable(value, "JSON");
    if (why !== undefined) throw new TypeError(why);
  }
  return written;
}

/** Whether lists and objects are nested more than `maxDepth` deep; reads the bytes of JSON text without parsing it. */
export function isDeeperThan(message: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < message.length; index++) {
    const byte = message[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > maxDepth) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth--;
    }
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
