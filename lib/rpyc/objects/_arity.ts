import type { Arity } from "./view.ts";

const ANY = Infinity;

/** How many positional arguments the methods of lists, dicts and sets take, where the three agree. */
const COMMON: Readonly<Record<string, Arity>> = {
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

/** The arity of a method of a container. Operators are called with one argument by Python itself. */
export function arityOf(name: string, own: Readonly<Record<string, Arity>>): Arity | undefined {
  return own[name] ?? (Object.hasOwn(COMMON, name) ? COMMON[name] : undefined);
}
