import type { JsonFault } from "./read.ts";

/** Describes a fault in a file that a person edits, and returns the position of the caret. */
export function faultText(
  text: string,
  fault: JsonFault,
): { readonly message: string; readonly offset: number } {
  const [message, offset = fault.offset] = messageOf(text, fault);
  return { message, offset };
}

function messageOf(
  text: string,
  { kind, offset, start, inside }: JsonFault,
): [message: string, offset?: number] {
  const character = text[offset];
  // People read `01`, `1x` and `truex` as one word.
  const isWord = start < offset && text[start] !== '"' && /[\w.+-]/.test(character ?? "");
  if (isWord || kind === "word") {
    return [
      /[-\d]/.test(text.charAt(start)) ? "this is not a number" : "this is not a JSON value",
      start,
    ];
  }
  switch (kind) {
    case "key":
      if (character === undefined) return ["a closing } is missing here"];
      return ["a member's name in double quotes is expected here"];
    case "colon":
      return ["a colon is expected here"];
    case "comma":
      if (character !== undefined) return ["a comma is expected here"];
      return [`a closing ${inside === "list" ? "]" : "}"} is missing here`];
    case "end":
      return ["the file should end here"];
    case "value":
      if (character === undefined && inside === "list") return ["a closing ] is missing here"];
      return [
        /^[\]},:]?$/.test(character ?? "")
          ? "a value is expected here"
          : "this is not a JSON value",
      ];
    case "number":
      return ["this is not a number", start];
    case "control character":
      return character === "\n" || character === "\r"
        ? ["this string has no closing quote", start]
        : ["this character is not allowed here", start];
    case "closing quote":
      return ["this string has no closing quote", start];
    case "escape":
      return ["this escape is invalid", start];
    case "unicode escape":
      return ["this Unicode escape is invalid", start];
    case "comment end":
      return ["this comment is not closed", start];
    case "depth":
      return ["this is nested too deep"];
  }
}
