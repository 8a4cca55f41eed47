/**
 * One escaper for each kind of text that reaches generated TypeScript. Names, titles, docs and values come from
 * elsewhere: whatever they hold, they stay inside their string, comment or key.
 */

import { isIdentifier } from "./names.ts";

// Control characters, line separators, zero-width and bidirectional characters, byte order mark: they would end a line,
// or make the text look like something else than it is ("Trojan Source", CVE-2021-42574). With a replacement character
// near its beginning TypeScript 5.4 takes a file for binary.
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffd]/g;
const PLAIN_LINE = /^[ -)+-;=>?A-~]*$/;
const INVISIBLE_IN_LINE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const PLAIN_STRING = /^[ !#-&(-;=-[\]-~]*$/;

/** A string literal: double quotes, or single ones where that needs fewer escapes (as Prettier writes it). */
export function stringLiteral(value: string): string {
  if (PLAIN_STRING.test(value)) return `"${value}"`;
  const quote = count(value, '"') > count(value, "'") ? "'" : '"';
  const escaped = value
    .replaceAll("\\", "\\\\")
    .replaceAll(quote, `\\${quote}`)
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    // A file that is put into a page as it is must not end the script element there.
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

/** A property name: as it is where it is an identifier, else quoted. */
export function propertyKey(name: string): string {
  return isIdentifier(name) ? name : stringLiteral(name);
}

/**
 * The lines of a documentation comment's text. No line can end the comment, begin a tag of its own, or hold an invisible
 * character; empty lines at both ends are dropped.
 */
export function docLines(text: string): string[] {
  if (text === "") return [];
  // Most texts are one line of plain words: nothing in it needs an escape.
  if (PLAIN_LINE.test(text)) return text.trim() === "" ? [] : [text.trimEnd()];
  const lines = text
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replaceAll("\t", "  ")
    // What is taken out comes out first: "*", U+0000, "/" would else become "*/" at the end.
    .replace(INVISIBLE_IN_LINE, "")
    .replace(LONE_SURROGATE, "?")
    .replaceAll("\ufffd", "?")
    .replaceAll("*/", "*\\/")
    .replace(/<(?=\/script|!--)/gi, "<\\")
    // In a docstring "@" is an e-mail address or a decorator, never a tag of ours.
    .replace(/(^|\n)([ *]*)@/g, "$1$2\\@")
    .replaceAll("{@", "{\\@")
    .split("\n")
    .map((line) => line.trimEnd());
  while (lines.length > 0 && lines[0] === "") lines.shift();
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  return lines;
}

/** One line of a documentation comment: {@link docLines} with line breaks as spaces. */
export function docLine(text: string): string {
  return docLines(text).join(" ");
}
