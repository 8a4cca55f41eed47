import { StopIteration } from "../python_errors.ts";
import { Hinted } from "../type_hint.ts";
import { boundMethod, type Method } from "./bound_method.ts";
import { ListIterator, toStorable } from "./sequence.ts";
import { compareIdentity, type PythonView, stepOf, stepsOf, type ViewStep } from "./view.ts";

/** A generator or another iterator that a handler returned, or an iterator over one of its containers. */
export type AnyIterator =
  | Iterator<unknown, unknown, unknown>
  | AsyncIterator<unknown, unknown, unknown>;

/** Returns true for an iterator, false for a container that can be iterated over again. */
export function isIterator(value: object): value is AnyIterator {
  return "next" in value && typeof value.next === "function" &&
    (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** Presents an iterator as Python's: `__next__` until `StopIteration`. */
export function iteratorView(iterator: AnyIterator): PythonView {
  const steps = stepsOf(iterator);
  const next = () => {
    const result = steps.next();
    return result instanceof Promise ? result.then(valueOf) : valueOf(result);
  };
  return {
    className: iterator instanceof ListIterator ? "builtins.list_iterator" : "builtins.generator",
    doc: undefined,
    hashable: true,
    readable: new Set(),
    names: () => ["__iter__", "__next__"],
    attribute(name) {
      if (name === "__next__" || name === "next") return boundMethod(iterator, name, next);
      if (name === "__iter__") return boundMethod(iterator, name, () => iterator);
      // Requested only if public attributes are allowed.
      if (!(iterator instanceof ListIterator)) {
        if (name === "send") {
          const send: Method<AnyIterator> = (self, [value]) => {
            const result = self.next(toStorable(value));
            return result instanceof Promise
              ? result.then((item) => valueOf(stepOf(item)))
              : valueOf(stepOf(result));
          };
          return boundMethod(iterator, name, send, [1, 1]);
        }
        if (name === "close") {
          const close = async () => void await iterator.return?.();
          return boundMethod(iterator, name, close, [0, 0]);
        }
      }
      if (name === "__length_hint__" && iterator instanceof ListIterator) {
        return boundMethod(iterator, name, () => BigInt(iterator.remaining));
      }
      return undefined;
    },
    repr: () => `<${iterator instanceof ListIterator ? "list_iterator" : "generator"} object>`,
    compare: (operator, other) => compareIdentity(other === iterator, operator),
    iterate: () => steps,
  };
}

function valueOf(step: ViewStep): unknown {
  if (step.done) throw new StopIteration();
  return step.value instanceof Hinted ? step.value : new Hinted(step.value, undefined);
}
