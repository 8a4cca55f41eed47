/**
 * One escape function for each kind of text in generated TypeScript. Names, titles, docs and values are untrusted:
 * whatever they contain, they must stay inside their string, comment or key.
 */

import { isIdentifier } from "./names.ts";

// Control characters, line separators, zero-width and bidirectional characters, byte order mark: they would end a line
// or disguise the text ("Trojan Source", CVE-2021-42574). TypeScript 5.4 treats a file with a replacement character
// near its beginning as binary.
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffd]/g;
const PLAIN_LINE = /^[ -)+-;=>?A-~]*$/;
const INVISIBLE_IN_LINE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const PLAIN_STRING = /^[ !#-&(-;=-[\]-~]*$/;

/** Prints a string literal with double quotes, or with single quotes if that needs fewer escapes (like Prettier). */
export function stringLiteral(value: string): string {
  if (PLAIN_STRING.test(value)) return `"${value}"`;
  const quote = count(value, '"') > count(value, "'") ? "'" : '"';
  const escaped = value
    .replaceAll("\\", "\\\\")
    .replaceAll(quote, `\\${quote}`)
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    // A file that is inlined into an HTML page must not end the script element.
    .replace(/<(?=\/script|!--)/gi, "\\x3c")
    .replace(INVISIBLE, unicodeEscape)
    .replace(LONE_SURROGATE, unicodeEscape);
  return `${quote}${escaped}${quote}`;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Prints a property name, quoted unless it is an identifier. */
export function propertyKey(name: string): string {
  return isIdentifier(name) ? name : stringLiteral(name);
}

/**
 * Splits the text of a documentation comment into lines. No line can end the comment, begin a tag, or contain an
 * invisible character; empty lines at both ends are dropped.
 */
export function docLines(text: string): string[] {
  if (text === "") return [];
  // A fast path: most texts are one line that needs no escapes.
  if (PLAIN_LINE.test(text)) return text.trim() === "" ? [] : [text.trimEnd()];
  const lines = text
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replaceAll("\t", "  ")
    // Removes characters before escaping: "*", U+0000, "/" would otherwise become "*/".
    .replace(INVISIBLE_IN_LINE, "")
    .replace(LONE_SURROGATE, "?")
    .replaceAll("\ufffd", "?")
    .replaceAll("*/", "*\\/")
    .replace(/<(?=\/script|!--)/gi, "<\\")
    // In a docstring "@" is an e-mail address or a decorator, not a TSDoc tag.
    .replace(/(^|\n)([ *]*)@/g, "$1$2\\@")
    .replaceAll("{@", "{\\@")
    .split("\n")
    .map((line) => line.trimEnd());
  while (lines.length > 0 && lines[0] === "") lines.shift();
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  return lines;
}

/** Returns one line of a documentation comment: {@link docLines} with line breaks as spaces. */
export function docLine(text: string): string {
  return docLines(text).join(" ");
}
