/** How JavaScript values represent Python types that JavaScript lacks. */
import type { TypeHint } from "./type_hint.ts";

/** A float that stays a float although its value is whole: `new PythonFloat(3)` arrives as `3.0`. */
export class PythonFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

const EMPTY: readonly never[] = Object.freeze([]);

/** Returns a Python tuple: a frozen array. It is sent by value; a plain array is a list and is sent by reference. */
export function pythonTuple<T>(items: readonly T[]): readonly T[] {
  return items.length === 0 ? EMPTY : Object.freeze([...items]);
}

/** Returns true if an array is a Python tuple, that is, if it is frozen. */
export function isPythonTuple(value: readonly unknown[]): boolean {
  return Object.isFrozen(value);
}

/** Returns true if a number is a Python int: by its schema, or else if it is an integer that a double represents exactly. */
export function isPythonInt(value: number, hint: TypeHint | undefined): boolean {
  if (!Number.isInteger(value) || Object.is(value, -0)) return false;
  if (hint?.number === "float") return false;
  return hint?.number === "int" || Number.isSafeInteger(value);
}

/** Returns true for a record made by `{}` or `Object.create(null)`, in any realm; false for instances of classes. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
