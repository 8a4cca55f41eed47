/**
 * A text that is the same for equal JSON values, whatever the order of their members; `bigint`s are integers. The keys of
 * objects are sorted by UTF-16 units.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
    const object = value as Readonly<Record<string, unknown>>;
    const members = Object.keys(object).sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key])}`);
    return `{${members.join(",")}}`;
  }
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value) ?? "null";
}

/** Whether two JSON values are equal, whatever the order of their members. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}
