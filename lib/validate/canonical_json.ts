/**
 * Returns a text that is the same for equal JSON values, whatever the order of their members. `bigint`s are integers;
 * keys are sorted by UTF-16 units.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "object" && value !== null) {
    if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
    const object = value as Readonly<Record<string, unknown>>;
    let members = "";
    for (const key of Object.keys(object).sort()) {
      members += `${members === "" ? "" : ","}${quoted(key)}:${canonicalJson(object[key])}`;
    }
    return `{${members}}`;
  }
  if (typeof value === "bigint") return value.toString();
  // Equal numbers have the same text, whether they were written as integers or not.
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? BigInt(value as number).toString()
    : JSON.stringify(value) ?? "null";
}

// A fast path: most strings need no escapes, and the test is faster than `JSON.stringify`.
function quoted(text: string): string {
  return /^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Returns true if two JSON values are equal, whatever the order of their members. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}
