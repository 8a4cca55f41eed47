import { readJson } from "./read.ts";

// Limits the indentation of hostile answers, which would otherwise outgrow their text by far.
const MAX_DEPTH = 200;

/**
 * Formats JSON text with two spaces per level; keeps every literal unchanged, so that no digit of a number is lost.
 * Returns a text that is not JSON unchanged.
 */
export function indentJson(text: string): string {
  const closing: string[] = [];
  let indented = "";
  let isEmpty = true;
  let isMember = false;
  const line = () => {
    if (closing.length < MAX_DEPTH) indented += `\n${"  ".repeat(closing.length)}`;
  };
  const next = () => {
    if (isMember) isMember = false;
    else if (closing.length > 0) {
      if (!isEmpty) indented += ",";
      line();
    }
    isEmpty = false;
  };
  const fault = readJson(text, {
    open(isObject) {
      next();
      indented += isObject ? "{" : "[";
      closing.push(isObject ? "}" : "]");
      isEmpty = true;
    },
    close() {
      const end = closing.pop();
      if (!isEmpty) line();
      indented += end;
      isEmpty = false;
    },
    key(start, end) {
      next();
      indented += `${text.slice(start, end)}: `;
      isMember = true;
    },
    scalar(start, end) {
      next();
      indented += text.slice(start, end);
    },
  });
  return fault === undefined ? indented : text;
}
