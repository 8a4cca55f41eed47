/**
 * Makes untrusted text safe to print: names, docs and values of contracts, and messages of servers.
 *
 * Text of JSON stays the same value, since these characters occur only inside its strings.
 *
 * @module
 */

// Control characters (C0, C1), bidirectional controls and line separators, which could move the cursor, change the
// order of the text or fake a line.
const UNSAFE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)/g;

/** Escapes control characters as `\uXXXX`, except tabs and line breaks. */
export function plainText(text: string): string {
  return text.replace(UNSAFE, unicodeEscape);
}

/** Makes untrusted text one safe line, cut to `width` characters. */
export function plainLine(text: string, width: number): string {
  const line = plainText(text.replace(/\s+/g, " ").trim());
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

// The colors of this program's own styles.
const COLORS = /(\x1b\[[\d;]*m)/;

// GitHub's runner executes `::name::` at the start of a line, after any spaces, and `##[name]` anywhere.
const WORKFLOW_COMMAND = /^([^\S\n]*)(:)(?=:[^\n]*?::)|(#)(?=#\[)/gm;

/** Makes the output of a command safe: escapes control characters other than colors, and workflow commands. */
export function safeOutput(text: string): string {
  const parts = text.split(COLORS);
  const safe = parts.length === 1
    ? plainText(text)
    : parts.map((part, index) => index % 2 === 1 ? part : plainText(part)).join("");
  return safe.replace(
    WORKFLOW_COMMAND,
    (_match, indent: string | undefined, colon: string | undefined, hash: string | undefined) =>
      `${indent ?? ""}${unicodeEscape(colon ?? hash ?? "")}`,
  );
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
