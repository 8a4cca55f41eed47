import { type JsonFault, readJson } from "../../json/mod.ts";

/** The position at which Python's `json` module stops, and its message. */
export interface PythonJsonError {
  /** In characters (code points) from the start. */
  readonly position: number;
  readonly message: string;
}

/** Returns the error of Python's `json.loads` for a text, as FastAPI reports it; undefined for valid JSON. */
export function pythonJsonError(text: string): PythonJsonError | undefined {
  const fault = readJson(text, {}, { nonFinite: true, maxDepth: MAX_DEPTH });
  if (fault === undefined) return undefined;
  const [message, offset = fault.offset] = messageOf(fault, text);
  return { position: [...text.slice(0, offset)].length, message };
}

const MAX_DEPTH = 901;

function messageOf(
  { kind, offset, start }: JsonFault,
  text: string,
): [message: string, offset?: number] {
  switch (kind) {
    case "key":
      return ["Expecting property name enclosed in double quotes"];
    case "colon":
      return ["Expecting ':' delimiter"];
    case "comma":
      return ["Expecting ',' delimiter"];
    case "end":
      return ["Extra data"];
    case "closing quote":
      // Python requires one more character after the four digits.
      return /(?<!\\)(?:\\\\)*\\u[\da-fA-F]{4}$/.test(text)
        ? ["Invalid \\uXXXX escape", offset - 5]
        : ["Unterminated string starting at", start];
    case "control character":
      return ["Invalid control character at"];
    case "escape":
      return ["Invalid \\escape"];
    case "unicode escape":
      return ["Invalid \\uXXXX escape", offset + 1];
    default:
      return ["Expecting value", start];
  }
}
