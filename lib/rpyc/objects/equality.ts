import { Complex, FrozenSet, PythonConstant, Slice } from "../brine.ts";
import { isPlainObject, isPythonTuple, PythonFloat } from "../python_types.ts";

/** Compares plain data as Python's `==`: numbers by value, containers by their items, anything else by identity. */
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

/** Orders two values as Python's `<`: negative, zero or positive; `undefined` if Python cannot order them. */
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

/** Orders two sequences by the first items that differ, or else by their lengths. */
export function orderOf(left: readonly unknown[], right: readonly unknown[]): number | undefined {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    if (!pythonEquals(left[index], right[index])) return pythonOrder(left[index], right[index]);
  }
  return left.length - right.length;
}

// Python compares code points, JavaScript UTF-16 code units: their orders differ beyond the basic plane.
function compareCodePoints(left: string, right: string): number {
  const a = Array.from(left, codePointOf);
  const b = Array.from(right, codePointOf);
  const index = a.findIndex((code, at) => code !== b[at]);
  if (index < 0) return a.length - b.length;
  return (a[index] ?? 0) - (b[index] ?? -1);
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** Returns an operator's result for an order; `undefined` for an operator other than `__lt__ __le__ __gt__ __ge__`. */
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
