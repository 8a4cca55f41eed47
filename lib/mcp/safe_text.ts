/**
 * Text of the backend is untrusted: a docstring may contain instructions for the agent that reads it.
 *
 * @module
 */

/** Characters of a backend's documentation that an answer contains at most. */
export const MAX_DOCUMENTATION = 1000;

// Control characters (C0 without tab and line feed, C1), soft hyphen, zero-width and bidirectional characters, variation
// selectors, and the tag characters of plane 14, which are invisible and which models read.
const INVISIBLE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** Removes invisible characters. */
export function visibleText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(INVISIBLE, "");
}

const MARKUP: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "`": "&#96;",
  "[": "&#91;",
  "]": "&#93;",
  "!": "&#33;",
  "#": "&#35;",
  "*": "&#42;",
};

/** Returns documentation of the backend: bounded, without invisible characters, its markup (HTML, Markdown) escaped. */
export function backendDocumentation(text: string, limit = MAX_DOCUMENTATION): string {
  const visible = visibleText(text).trim();
  const cut = visible.length > limit ? `${visible.slice(0, limit - 1).trimEnd()}…` : visible;
  return cut.replace(/[&<>`[\]!#*]/g, (character) => MARKUP[character] ?? character);
}

/** Removes invisible characters from every text and key of an answer; large integers become texts. */
export function visibleValue(value: unknown): unknown {
  if (typeof value === "string") return visibleText(value);
  // JSON of this protocol is read as doubles: an integer that they cannot represent is a text.
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(visibleValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [visibleText(key), visibleValue(member)]),
  );
}

/** Returns TypeScript without its comments, which contain documentation of the backend. */
export function withoutComments(code: string): string {
  // Strings first, so that nothing inside them is taken for a comment.
  return code
    .replace(
      /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|[ \t]*\/\*[\s\S]*?\*\/[ \t]*\n?|[ \t]*\/\/[^\n]*\n?/g,
      (_, string?: string) => string ?? "",
    );
}
