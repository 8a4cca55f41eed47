import { readJson } from "./read.ts";

/** Returns the members of a JSON object by name, each as JSON text; empty if the text is not an object. */
export function memberTexts(text: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  let depth = 0;
  let name: string | undefined;
  let begin = 0;
  const fault = readJson(text, {
    open(_isObject, offset) {
      if (depth++ === 1) begin = offset;
    },
    close(end) {
      if (--depth === 1 && name !== undefined) members.set(name, text.slice(begin, end));
    },
    key(start, end) {
      if (depth === 1) name = JSON.parse(text.slice(start, end)) as string;
    },
    scalar(start, end) {
      if (depth === 1 && name !== undefined) members.set(name, text.slice(start, end));
    },
  });
  return fault === undefined ? members : new Map();
}
