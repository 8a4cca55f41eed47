/** Methods of objects as Python's bound methods, with Python's checks of their arguments. */
import { typeError } from "../python_errors.ts";
import { type CallContext, type Keywords, markCallable, type PythonCallable } from "./callable.ts";

/** A method of an object. Methods with a fourth parameter accept keyword arguments. */
export type Method<Self> = (
  self: Self,
  args: readonly unknown[],
  context: CallContext,
  keywords: Keywords,
) => unknown;

/** The fewest and the most positional arguments of a method. */
export type Arity = readonly [least: number, most: number];

/** Binds a method to its object. The call fails with Python's message if the number of arguments is wrong. */
export function boundMethod<Self>(
  self: Self,
  name: string,
  method: Method<Self>,
  arity?: Arity,
): PythonCallable {
  return markCallable({
    name,
    kind: "method",
    call(args, keywords, context) {
      if (arity !== undefined) checkArity(name, args.length, arity);
      if (keywords.length > 0 && method.length < 4) {
        throw typeError(`${name}() takes no keyword arguments`);
      }
      return method(self, args, context, keywords);
    },
  });
}

function checkArity(name: string, given: number, [least, most]: Arity): void {
  if (given >= least && given <= most) return;
  if (least < most) {
    const bound = given < least ? `at least ${least}` : `at most ${most}`;
    throw typeError(`${name}() expected ${bound} arguments, got ${given}`);
  }
  const takes = ["no arguments", "exactly one argument"][most] ?? `exactly ${most} arguments`;
  throw typeError(`${name}() takes ${takes} (${given} given)`);
}

const ANY = Infinity;

/** Arities of the methods that lists, dicts and sets share. */
const CONTAINER_ARITIES: Readonly<Record<string, Arity>> = {
  __contains__: [1, 1],
  __delitem__: [1, 1],
  __getitem__: [1, 1],
  __iter__: [0, 0],
  __len__: [0, 0],
  __reversed__: [0, 0],
  __setitem__: [2, 2],
  add: [1, 1],
  append: [1, 1],
  clear: [0, 0],
  copy: [0, 0],
  count: [1, 1],
  difference: [0, ANY],
  difference_update: [0, ANY],
  discard: [1, 1],
  extend: [1, 1],
  get: [1, 2],
  index: [1, 3],
  insert: [2, 2],
  intersection: [0, ANY],
  intersection_update: [0, ANY],
  isdisjoint: [1, 1],
  issubset: [1, 1],
  issuperset: [1, 1],
  items: [0, 0],
  keys: [0, 0],
  popitem: [0, 0],
  remove: [1, 1],
  reverse: [0, 0],
  setdefault: [1, 2],
  sort: [0, 0],
  symmetric_difference: [1, 1],
  symmetric_difference_update: [1, 1],
  union: [0, ANY],
  values: [0, 0],
};

/** Returns the arity of a container's method; `undefined` for operators, which Python calls with one argument itself. */
export function arityOf(name: string, own: Readonly<Record<string, Arity>>): Arity | undefined {
  return own[name] ??
    (Object.hasOwn(CONTAINER_ARITIES, name) ? CONTAINER_ARITIES[name] : undefined);
}
