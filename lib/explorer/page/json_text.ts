import { element } from "./dom.ts";

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
/** Longer texts are shown without colours and indentation, so that the page stays fast. */
const MAX_LENGTH = 300_000;

/** Indents and colours JSON text token by token, so that no number loses a digit. */
export function jsonView(text: string): HTMLElement {
  const view = element("pre", { class: "json", tabindex: "0" });
  if (text.length > MAX_LENGTH) {
    view.textContent = text;
    return view;
  }
  let depth = 0;
  const tokens = text.match(TOKEN) ?? [];
  const line = () => `\n${"  ".repeat(depth)}`;
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    switch (token) {
      case "{":
      case "[":
        view.append(token);
        if (next === "}" || next === "]") return;
        depth++;
        return view.append(line());
      case "}":
      case "]":
        if (tokens[index - 1] !== "{" && tokens[index - 1] !== "[") {
          depth--;
          view.append(line());
        }
        return view.append(token);
      case ",":
        return view.append(token, line());
      case ":":
        return view.append(": ");
      default: {
        const kind = token[0] !== '"'
          ? (/^[-\d]/.test(token) ? "number" : "word")
          : next === ":"
          ? "key"
          : "text";
        view.append(element("span", { class: kind }, token));
      }
    }
  });
  return view;
}

/** Indents JSON text token by token, so that no number loses a digit. Other text stays as it is. */
export function indented(text: string): string {
  try {
    JSON.parse(text);
    return jsonView(text).textContent ?? text;
  } catch {
    return text;
  }
}

/** Removes the whitespace between tokens. The tokens stay as typed, so that a number keeps all its digits. */
export function withoutWhitespace(text: string): string {
  return (text.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? ["{}"]).join("");
}
