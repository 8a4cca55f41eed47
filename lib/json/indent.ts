import { readJson } from "./read.ts";

// Deeper than anybody reads; without a bound the indentation of hostile answers would outgrow them by far.
const MAX_DEPTH = 200;

/**
 * JSON text with two spaces a level; every literal stays as it is written, so that no digit of a number is lost. A text
 * that is not JSON stays as it is.
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
