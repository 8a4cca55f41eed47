/** Python's immutable values as a handler sees them, and back. */
import { type BrineValue, Complex, FrozenSet, PythonConstant, pythonInt, Slice } from "./brine.ts";
import { isPlainObject, isPythonInt } from "./python_text.ts";
import { typeError } from "./python_errors.ts";
import { RemoteReference } from "./remote_references.ts";
import type { TypeHint } from "./type_hint.ts";

/** A float that must stay one although it is whole: `new PythonFloat(3)` arrives as `3.0`. */
export class PythonFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

const EMPTY: readonly never[] = Object.freeze([]);

/** A Python tuple: a frozen array. It travels by value, where a plain array is a list and travels by reference. */
export function pythonTuple<T>(items: readonly T[]): readonly T[] {
  return items.length === 0 ? EMPTY : Object.freeze([...items]);
}

/** Whether an array is a tuple: what cannot change needs no reference. */
export function isPythonTuple(value: readonly unknown[]): boolean {
  return Object.isFrozen(value);
}

/**
 * What a handler gets for a brine value: `number` for an int that a double holds exactly (else `bigint`) and for a float, a frozen
 * array for a tuple, a `Set` for a frozenset.
 */
export function toPlain(value: BrineValue): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return pythonTuple(value.map(toPlain));
  if (value instanceof FrozenSet) return new Set(value.members.map(toPlain));
  return value;
}

const MAX_DEPTH = 100;

/** The brine value of what a handler returned, or `undefined` when it (or a part of it) has to travel by reference. */
export function toBrine(value: unknown, hint?: TypeHint, depth = 0): BrineValue | undefined {
  switch (typeof value) {
    case "undefined":
      return null;
    case "boolean":
    case "string":
    case "bigint":
      return value;
    case "number":
      return isPythonInt(value, hint) ? pythonInt(value) : value;
    case "symbol":
      throw typeError(`cannot send ${value.toString()}`);
    case "function":
      return undefined;
  }
  if (value === null) return null;
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof PythonFloat) return value.value;
  if (value instanceof Date) return value.toISOString();
  if (
    value instanceof PythonConstant || value instanceof Complex || value instanceof Slice ||
    value instanceof FrozenSet
  ) return value;
  if (!Array.isArray(value) || !isPythonTuple(value)) return undefined;
  if (depth > MAX_DEPTH) throw typeError("tuple is nested too deep");
  const items: BrineValue[] = [];
  for (const [index, item] of value.entries()) {
    const part = toBrine(item, hint?.item(index), depth + 1);
    if (part === undefined) return undefined;
    items.push(part);
  }
  return items;
}

/** The name that Python's error messages call a value's type. */
export function pythonTypeName(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "NoneType";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float";
    case "string":
      return "str";
    case "function":
      return "function";
  }
  if (value === null) return "NoneType";
  if (Array.isArray(value)) return isPythonTuple(value) ? "tuple" : "list";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Slice) return "slice";
  if (value instanceof FrozenSet) return "frozenset";
  if (value instanceof Complex) return "complex";
  if (value instanceof PythonConstant) {
    return value.name === "Ellipsis" ? "ellipsis" : "NotImplementedType";
  }
  if (value instanceof Map || isPlainObject(value)) return "dict";
  if (value instanceof Set) return "set";
  // A proxy's class has the whole name as its own.
  if (value instanceof RemoteReference) return value.className;
  return (value as object).constructor?.name ?? "object";
}
