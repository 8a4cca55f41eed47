/**
 * A whole number that is sent as a float. JavaScript does not distinguish 2.0 from 2; MessagePack, Python and YAML do.
 */
export class WireFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Returns a copy of a parsed document with a number for each {@link WireFloat}. */
export function withoutFloatMarks<Value>(value: Value): Value;
export function withoutFloatMarks(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof WireFloat) return value.value;
  if (Array.isArray(value)) return value.map((item) => withoutFloatMarks(item));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutFloatMarks(member)]),
  );
}
