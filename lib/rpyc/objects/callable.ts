/** Objects that a client can call by reference. */

/** The part of a connection that a call uses. */
export interface CallContext {
  /** Copies a client's list, dict, set or iterator to this side; returns any other value unchanged. */
  toPlain(value: unknown): unknown;
  /** Returns Python's `repr()` of a value. */
  repr(value: unknown): string;
}

/** Keyword arguments in the order of the call. */
export type Keywords = readonly (readonly [string, unknown])[];

/** A procedure, a method of a container, or a closure returned by a handler. */
export interface PythonCallable {
  readonly name: string;
  readonly doc?: string | undefined;
  readonly kind: "method" | "function" | "class";
  /** Arguments are brine values, local objects and references; the result is any value that can be boxed. */
  call(args: readonly unknown[], keywords: Keywords, context: CallContext): unknown;
}

const CALLABLES = new WeakSet<object>();

/** Marks a callable, so that a handler's object of the same shape is not mistaken for one. */
export function markCallable(callable: PythonCallable): PythonCallable {
  CALLABLES.add(callable);
  return callable;
}

/** Returns true if {@link markCallable} marked the object. */
export function isCallable(value: object): value is PythonCallable {
  return CALLABLES.has(value);
}
