import { closest } from "../closest.ts";
import { fieldNames, fieldOf, type JsonFile, wrongMember } from "./json_file.ts";

/**
 * Refuses members whose names are likely to be misspelled. Other unknown members are ignored: later versions and other
 * tools may have them.
 *
 * @throws ToolError with line and column
 */
export function refuseMisspelled(file: JsonFile, known: readonly string[]): void {
  for (const name of fieldNames(file)) {
    if (known.includes(name)) continue;
    const [match] = closest(name, known.filter((each) => each.length > 2));
    const field = fieldOf(file, name);
    if (match !== undefined && field !== undefined && isTypingError(name, match)) {
      throw wrongMember(file, field, match);
    }
  }
}

// A name that contains another one is not a typing error: "include_files", "python_version".
function isTypingError(name: string, match: string): boolean {
  return Math.abs(name.length - match.length) <= 2;
}
