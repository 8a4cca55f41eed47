// Deeper than anybody reads; without a bound the indentation of hostile answers would outgrow them by far.
const MAX_DEPTH = 200;

/** JSON text with two spaces a level; every literal stays as it is written, so that no digit of a number is lost. */
export function indentJson(text: string): string {
  const parts: string[] = [];
  let depth = 0;
  const line = () => {
    if (depth < MAX_DEPTH) parts.push(`\n${"  ".repeat(depth)}`);
  };
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    switch (character) {
      case '"': {
        const start = index++;
        while (text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
        parts.push(text.slice(start, index + 1));
        break;
      }
      case "{":
      case "[": {
        const close = /^\s*[}\]]/.exec(text.slice(index + 1, index + 100));
        if (close !== null) {
          parts.push(character, character === "{" ? "}" : "]");
          index += close[0].length;
          break;
        }
        depth++;
        parts.push(character);
        line();
        break;
      }
      case "}":
      case "]":
        depth--;
        line();
        parts.push(character);
        break;
      case ",":
        parts.push(character);
        line();
        break;
      case ":":
        parts.push(": ");
        break;
      case " ":
      case "\t":
      case "\n":
      case "\r":
        break;
      default: {
        const start = index;
        while (index + 1 < text.length && !/[\s,\]}]/.test(text[index + 1]!)) index++;
        parts.push(text.slice(start, index + 1));
      }
    }
  }
  return parts.join("");
}
