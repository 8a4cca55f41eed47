import { StopIteration } from "../python_errors.ts";
import { ListIterator, plain } from "./list_view.ts";
import {
  boundMethod,
  compareIdentity,
  type ContainerMethod,
  Hinted,
  type PythonView,
  type ViewStep,
} from "./view.ts";

/** Anything with `next()`: a generator or another iterator that a handler returned, or the iteration over one of its containers. */
export type AnyIterator =
  | Iterator<unknown, unknown, unknown>
  | AsyncIterator<unknown, unknown, unknown>;

/** Whether an object is an iteration under way, not a container that could be iterated over again. */
export function isIterator(value: object): value is AnyIterator {
  return "next" in value && typeof value.next === "function" &&
    (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** An iterator as Python's: `__next__` until `StopIteration`. */
export function iteratorView(iterator: AnyIterator): PythonView {
  const step = (): ViewStep | Promise<ViewStep> => {
    const result = iterator.next();
    return result instanceof Promise ? result.then(stepOf) : stepOf(result);
  };
  const next = () => {
    const result = step();
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
      // Reached only where public attributes are allowed.
      if (!(iterator instanceof ListIterator)) {
        if (name === "send") {
          const send: ContainerMethod<AnyIterator> = (self, [value]) => {
            const result = self.next(plain(value));
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
    iterate: () => ({ next: step }),
  };
}

function stepOf(result: IteratorResult<unknown>): ViewStep {
  return result.done ? { done: true } : { done: false, value: result.value };
}

function valueOf(step: ViewStep): unknown {
  if (step.done) throw new StopIteration();
  return step.value instanceof Hinted ? step.value : new Hinted(step.value, undefined);
}
