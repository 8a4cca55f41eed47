/**
 * Formats a JSON value like Python's `repr`: `'it'`, `True`, `None`, `[1, 'a']`, `{'a': 1.5}`. Quotes strings like
 * CPython: single quotes unless the text contains some and no double ones.
 */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return reprString(value);
  if (typeof value === "number") return reprNumber(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  const members = Object.entries(value as Record<string, unknown>);
  return `{${members.map(([key, item]) => `${reprString(key)}: ${pythonRepr(item)}`).join(", ")}}`;
}

function reprString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === quote || character === "\\") out += `\\${character}`;
    else if (character === "\n") out += "\\n";
    else if (character === "\r") out += "\\r";
    else if (character === "\t") out += "\\t";
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code >= 0x80 && !isPrintable(character)) {
      if (code <= 0xff) out += `\\x${code.toString(16).padStart(2, "0")}`;
      else if (code <= 0xffff) out += `\\u${code.toString(16).padStart(4, "0")}`;
      else out += `\\U${code.toString(16).padStart(8, "0")}`;
    } else out += character;
  }
  return out + quote;
}

// CPython's str.isprintable: not "Other" (C*) and not "Separator" (Z*) except for the space.
function isPrintable(character: string): boolean {
  return !/^[\p{C}\p{Z}]$/u.test(character);
}

function reprNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  // JSON does not distinguish 1 from 1.0: print a whole number as int.
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0.0" : value.toString();
  const text = value.toString();
  if (!Number.isInteger(value) || text.includes("e")) return text.replace(/e([+-])(\d)$/, "e$10$2");
  // A larger whole number was a float; Python uses an exponent from the 17th digit on.
  if (Math.abs(value) < 1e16) return `${text}.0`;
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
