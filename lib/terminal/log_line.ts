import { plainText } from "../plain_text.ts";

// The color sequences (SGR) of a program's log; every other sequence moves the cursor or worse.
// deno-lint-ignore no-control-regex
const COLOR = /(\x1b\[[\d;:]*m)/;
// deno-lint-ignore no-control-regex
const OTHER_SEQUENCE = /\x1b\[[\d;:?]*[@-ln-~]/g;
const RESET = "\x1b[0m";

/** Returns a line of another program's log for a stream: its colors stay on a terminal and are dropped elsewhere. */
export function logLine(line: string, hasColors: boolean): string {
  const parts = line.replace(OTHER_SEQUENCE, "").split(COLOR);
  const text = parts.map((part, index) => index % 2 === 0 ? plainText(part) : hasColors ? part : "")
    .join("");
  return hasColors && parts.length > 1 ? `${text}${RESET}` : text;
}
