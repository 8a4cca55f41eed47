import { Complex, FrozenSet, PythonConstant, Slice } from "../brine.ts";
import { isPlainObject } from "../python_text.ts";
import { isPythonTuple, PythonFloat } from "../values.ts";

/** Python's `==` on plain data: numbers by value whatever their kind, containers by content, anything else by identity. */
export function pythonEquals(left: unknown, right: unknown, depth = 0): boolean {
  if (left === right) return true;
  if (left === undefined) return right === null;
  if (right === undefined) return left === null;
  const leftNumber = numberOf(left);
  if (leftNumber !== undefined) {
    const rightNumber = numberOf(right);
    // deno-lint-ignore eqeqeq -- a bigint and a number are compared by value
    return rightNumber !== undefined && leftNumber == rightNumber;
  }
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (left === null || right === null || depth > 100) return false;
  const same = (a: unknown, b: unknown) => pythonEquals(a, b, depth + 1);
  if (Array.isArray(left)) {
    return Array.isArray(right) && isPythonTuple(left) === isPythonTuple(right) &&
      left.length === right.length && left.every((item, index) => same(item, right[index]));
  }
  if (left instanceof Uint8Array) {
    return right instanceof Uint8Array && left.length === right.length &&
      left.every((byte, index) => byte === right[index]);
  }
  const leftSet = membersOf(left);
  if (leftSet !== undefined) {
    const rightSet = membersOf(right);
    return rightSet !== undefined && leftSet.length === rightSet.length &&
      leftSet.every((item) => rightSet.some((other) => same(item, other)));
  }
  if (left instanceof Complex) {
    return right instanceof Complex && left.real === right.real &&
      left.imaginary === right.imaginary;
  }
  if (left instanceof Slice) {
    return right instanceof Slice && same(left.start, right.start) && same(left.stop, right.stop) &&
      same(left.step, right.step);
  }
  if (left instanceof PythonConstant) {
    return right instanceof PythonConstant && left.name === right.name;
  }
  const leftEntries = entriesOf(left);
  const rightEntries = entriesOf(right);
  if (leftEntries === undefined || rightEntries === undefined) return false;
  if (leftEntries.length !== rightEntries.length) return false;
  const byText = new Map(rightEntries.filter(([key]) => typeof key === "string"));
  return leftEntries.every(([key, value]) => {
    if (typeof key === "string") return byText.has(key) && same(value, byText.get(key));
    const other = rightEntries.find(([candidate]) => same(key, candidate));
    return other !== undefined && same(value, other[1]);
  });
}

function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof PythonFloat ? value.value : undefined;
}

function membersOf(value: object): readonly unknown[] | undefined {
  if (value instanceof Set) return [...value];
  return value instanceof FrozenSet ? value.members : undefined;
}

function entriesOf(value: object): (readonly [unknown, unknown])[] | undefined {
  if (value instanceof Map) return [...value];
  return isPlainObject(value) ? Object.entries(value) : undefined;
}

/** Python's `<` of two values: negative, zero, positive; `undefined` where Python has no order. */
export function pythonOrder(left: unknown, right: unknown): number | undefined {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof left === "string" && typeof right === "string") return compareCodePoints(left, right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return orderOf([...left], [...right]);
  }
  if (Array.isArray(left) && Array.isArray(right) && isPythonTuple(left) === isPythonTuple(right)) {
    return orderOf(left, right);
  }
  return undefined;
}

/** The order of two sequences: that of the first pair that differs, else of their lengths. */
export function orderOf(left: readonly unknown[], right: readonly unknown[]): number | undefined {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    if (!pythonEquals(left[index], right[index])) return pythonOrder(left[index], right[index]);
  }
  return left.length - right.length;
}

// JavaScript compares UTF-16 units, Python code points: they differ beyond the basic plane.
function compareCodePoints(left: string, right: string): number {
  const a = [...left];
  const b = [...right];
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = a[index]!.codePointAt(0)! - b[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** An operator's answer for an order; `undefined` when it is none of `__lt__ __le__ __gt__ __ge__`. */
export function orderAnswer(operator: string, order: number): boolean | undefined {
  switch (operator) {
    case "__lt__":
      return order < 0;
    case "__le__":
      return order <= 0;
    case "__gt__":
      return order > 0;
    case "__ge__":
      return order >= 0;
  }
  return undefined;
}
