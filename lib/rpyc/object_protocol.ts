/** The operations that every Python object supports: comparison, hash, text and formatting. */
import { NotImplemented } from "./brine.ts";
import type { LocalObject } from "./local_objects.ts";
import { boundMethod } from "./objects/bound_method.ts";
import type { CallContext, PythonCallable } from "./objects/callable.ts";
import { type PythonView, shortClassName } from "./objects/view.ts";
import { attributeError, typeError } from "./python_errors.ts";
import { RemoteReference } from "./remote_references.ts";

const COMPARISONS: ReadonlySet<string> = new Set([
  "__eq__",
  "__ne__",
  "__lt__",
  "__le__",
  "__gt__",
  "__ge__",
]);

/** Names of the attributes that every object has. */
export const OBJECT_NAMES: readonly string[] = [
  ...COMPARISONS,
  "__doc__",
  "__format__",
  "__hash__",
  "__repr__",
  "__str__",
];

/** Returns Python's `str()` of an object. */
export function textOf(view: PythonView, context: CallContext): string {
  return view.str?.(context) ?? view.repr(context);
}

/** Returns Python's `hash()` of an object. */
export function hashOf({ view, pack }: LocalObject, context: CallContext): unknown {
  const own = view.special?.("__hash__");
  if (own !== undefined) return own.call([], [], context);
  if (!view.hashable) throw typeError(`unhashable type: '${shortClassName(view)}'`);
  return pack[2];
}

/** Compares an object with a value by an operator such as `__lt__`. */
export function compare(
  { view }: LocalObject,
  other: unknown,
  operator: string,
  context: CallContext,
): unknown {
  if (!COMPARISONS.has(operator)) {
    throw attributeError(`type object '${shortClassName(view)}' has no attribute '${operator}'`);
  }
  const own = view.special?.(operator);
  if (own !== undefined) return own.call([other], [], context);
  // Containers of the client are not fetched to compare them; rpyc's server does not do so either.
  if (other instanceof RemoteReference) return NotImplemented;
  return view.compare(operator, other);
}

/** Returns an attribute that every object has; `undefined` for any other name. */
export function objectAttribute(object: LocalObject, name: string): unknown {
  const { view, value } = object;
  if (name === "__doc__") return view.doc ?? null;
  if (COMPARISONS.has(name)) {
    return boundMethod(value, name, (_self, [other]) => view.compare(name, other));
  }
  const textMethod = (method: (context: CallContext) => unknown): PythonCallable =>
    boundMethod(value, name, (_self, _args, context) => method(context));
  switch (name) {
    case "__hash__":
      return boundMethod(value, name, (_self, _args, context) => hashOf(object, context));
    case "__repr__":
      return textMethod((context) => view.repr(context));
    case "__str__":
      return textMethod((context) => textOf(view, context));
    case "__format__":
      return boundMethod(value, name, (_self, [spec], context) => {
        if (spec === "" || spec === undefined) return textOf(view, context);
        throw typeError(
          `unsupported format string passed to ${shortClassName(view)}.__format__`,
        );
      });
  }
  return undefined;
}
