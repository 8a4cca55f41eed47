// Control characters, bidirectional overrides and line separators, which could move the cursor or fake an output line.
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Makes untrusted text (names, docs, server messages) safe for a terminal: control characters become `\uXXXX`. */
export function plainText(text: string): string {
  return text.replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Makes untrusted text one safe line, cut to `width` characters. */
export function plainLine(text: string, width: number): string {
  const line = plainText(text.replace(/\s+/g, " ").trim());
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
