/** The operations of a Python client on a local object: one interface, implemented for each type of JavaScript value. */
import { NotImplemented, type PythonConstant } from "../brine.ts";
import type { CallContext, Keywords, PythonCallable } from "./callable.ts";

/** The operations of a Python client on one object. */
export interface PythonView {
  /** `module.Class`. Clients create their proxy from it; for Python's built-in classes they need no further request. */
  readonly className: string;
  readonly doc: string | undefined;
  /**
   * Returns an attribute that not every object has, even if clients may not read it.
   *
   * @param allowsPublic includes members without a leading underscore that are not exposed
   */
  attribute(name: string, allowsPublic?: boolean): unknown;
  /** Names for `dir()` and for the client's proxy class. */
  names(): readonly string[];
  /** Public names that every client may read because they do not change the object. */
  readonly readable: Pick<ReadonlySet<string>, "has">;
  repr(context: CallContext): string;
  str?(context: CallContext): string | undefined;
  /** Allows `hash()`; false for mutable objects. */
  readonly hashable: boolean;
  /** Compares by `__eq__ __ne__ __lt__ __le__ __gt__ __ge__`; `NotImplemented` makes the client try its own operator. */
  compare(operator: string, other: unknown): boolean | PythonConstant;
  /** Returns the comparison or `__hash__` of the object's own class, which takes precedence over {@link compare} and identity. */
  special?(name: string): PythonCallable | undefined;
  iterate?(): ViewIterator;
  /** Calls the object itself. */
  call?(args: readonly unknown[], keywords: Keywords, context: CallContext): unknown;
  /** True if `setattr` and `delattr` fail with "access denied". */
  readonly refusesChange?: boolean;
  /** Returns a more specific error than "cannot access" for a name that does not exist. */
  refusal?(name: string): Error | undefined;
}

/** An iteration whose items may be available later. */
export interface ViewIterator {
  next(): ViewStep | Promise<ViewStep>;
}

/** One item with its hint, or the end. */
export type ViewStep = { readonly done: true } | { readonly done: false; readonly value: unknown };

/** Converts a result of JavaScript's iterators. */
export function stepOf(result: IteratorResult<unknown>): ViewStep {
  return result.done ? { done: true } : { done: false, value: result.value };
}

/** Returns the steps of a JavaScript iterator. */
export function stepsOf(iterator: Iterator<unknown> | AsyncIterator<unknown>): ViewIterator {
  return {
    next() {
      const result = iterator.next();
      return result instanceof Promise ? result.then(stepOf) : stepOf(result);
    },
  };
}

/** The member of an object that provides its own view, as the root service does. */
export const VIEW: unique symbol = Symbol("pyrpc.view");

/** Compares by identity, as objects without `__eq__` do. */
export function compareIdentity(isSame: boolean, operator: string): boolean | PythonConstant {
  if (!isSame) return NotImplemented;
  return operator === "__eq__" ? true : operator === "__ne__" ? false : NotImplemented;
}

/** Returns the class name without its module. */
export function shortClassName({ className }: PythonView): string {
  return className.slice(className.lastIndexOf(".") + 1);
}
