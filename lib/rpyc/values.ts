/** Conversion between brine values and the JavaScript values of handlers. */
import { type BrineValue, Complex, FrozenSet, PythonConstant, pythonInt, Slice } from "./brine.ts";
import { typeError } from "./python_errors.ts";
import {
  isPlainObject,
  isPythonInt,
  isPythonTuple,
  PythonFloat,
  pythonTuple,
} from "./python_types.ts";
import { RemoteReference } from "./remote_references.ts";
import type { TypeHint } from "./type_hint.ts";

/**
 * Converts a brine value to the JavaScript value that a handler receives: `number` for a float and for an int that a double
 * represents exactly (otherwise `bigint`), a frozen array for a tuple, a `Set` for a frozenset.
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

/** Converts a handler's result to a brine value; `undefined` if the result or a part of it must be sent by reference. */
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

/** Returns the name of a value's type in Python's error messages. */
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
  // The class of a proxy is named by the full name.
  if (value instanceof RemoteReference) return value.className;
  return (value as object).constructor?.name ?? "object";
}
