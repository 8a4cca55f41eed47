import { FrozenSet, NotImplemented } from "../brine.ts";
import { keyError } from "../python_errors.ts";
import { Hinted, type TypeHint } from "../type_hint.ts";
import { toBrine, toPlain } from "../values.ts";
import { arityOf, boundMethod, type Method } from "./bound_method.ts";
import { pythonEquals } from "./equality.ts";
import { itemsOf, ListIterator, toHashable, toStorable } from "./sequence.ts";
import { type PythonView, stepsOf } from "./view.ts";

/** Presents a handler's `Set` as a Python set. */
export function setView(set: Set<unknown>, hint: TypeHint | undefined): PythonView {
  return {
    className: "builtins.set",
    doc: undefined,
    hashable: false,
    readable: READABLE,
    names: () => [...METHODS.keys()],
    attribute(name) {
      const method = METHODS.get(name);
      return method && boundMethod(set, name, method, arityOf(name, ARITIES));
    },
    repr: (context) => context.repr(new Hinted(set, hint)),
    compare(operator, other) {
      const right = other instanceof FrozenSet ? toPlain(other) as Set<unknown> : other;
      if (!(right instanceof Set)) return NotImplemented;
      const left = set;
      switch (operator) {
        case "__eq__":
          return left.size === right.size && within(left, right);
        case "__ne__":
          return !(left.size === right.size && within(left, right));
        case "__le__":
          return within(left, right);
        case "__lt__":
          return left.size < right.size && within(left, right);
        case "__ge__":
          return within(right, left);
        case "__gt__":
          return right.size < left.size && within(right, left);
      }
      return NotImplemented;
    },
    iterate: () => stepsOf(new ListIterator([...set], hint)),
  };
}

const READABLE: ReadonlySet<string> = new Set([
  "copy",
  "difference",
  "intersection",
  "isdisjoint",
  "issubset",
  "issuperset",
  "symmetric_difference",
  "union",
]);
const ARITIES = { pop: [0, 0], update: [0, Infinity] } as const;

function has(set: ReadonlySet<unknown>, item: unknown): boolean {
  if (set.has(item)) return true;
  for (const other of set) if (pythonEquals(other, item)) return true;
  return false;
}

function within(left: ReadonlySet<unknown>, right: ReadonlySet<unknown>): boolean {
  return [...left].every((item) => has(right, item));
}

/** Returns the right operand of an operator; `undefined` if it is not a set of this side. */
function operand(value: unknown): ReadonlySet<unknown> | undefined {
  const set = value instanceof FrozenSet ? toPlain(value) : value;
  return set instanceof Set ? set : undefined;
}

type Combine = (left: ReadonlySet<unknown>, right: ReadonlySet<unknown>) => Set<unknown>;

const both: Combine = (left, right) => new Set([...left].filter((item) => has(right, item)));
const either: Combine = (left, right) => new Set([...left, ...without(right, left)]);
const without: Combine = (left, right) => new Set([...left].filter((item) => !has(right, item)));
const onlyOne: Combine = (left, right) =>
  new Set([...without(left, right), ...without(right, left)]);

type SetMethod = Method<Set<unknown>>;

/** `__and__` and so on, which accept only sets as in Python. */
function operator(combine: Combine): SetMethod {
  return (set, [other]) => {
    const right = operand(other);
    return right === undefined ? NotImplemented : combine(set, right);
  };
}

/** `__iand__` and so on, which change the set itself. */
function inPlace(combine: Combine): SetMethod {
  return (set, [other]) => {
    const right = operand(other);
    return right === undefined ? NotImplemented : replace(set, combine(set, right));
  };
}

/** `intersection` and so on, which accept any number of iterables, also those of the client. */
function method(combine: Combine): SetMethod {
  return async (set, others, context) => {
    let result = new Set(set);
    for (const other of others) result = combine(result, new Set(await itemsOf(other, context)));
    return result;
  };
}

/** `intersection_update` and so on. */
function update(combine: Combine): SetMethod {
  const combined = method(combine);
  return async (set, others, context, keywords) => {
    replace(set, await combined(set, others, context, keywords) as Set<unknown>);
  };
}

function replace(set: Set<unknown>, members: ReadonlySet<unknown>): Set<unknown> {
  set.clear();
  for (const member of members) set.add(member);
  return set;
}

/** `issubset` and so on, which accept any iterable. */
function comparison(
  compare: (left: ReadonlySet<unknown>, right: ReadonlySet<unknown>) => boolean,
): SetMethod {
  return async (set, [other], context) => compare(set, new Set(await itemsOf(other, context)));
}

const METHODS: ReadonlyMap<string, SetMethod> = new Map<string, SetMethod>([
  ["__len__", (set) => BigInt(set.size)],
  ["__iter__", (set) => new ListIterator([...set], undefined)],
  ["__contains__", (set, [item]) => has(set, toHashable(item))],
  ["__and__", operator(both)],
  ["__or__", operator(either)],
  ["__sub__", operator(without)],
  ["__xor__", operator(onlyOne)],
  ["__iand__", inPlace(both)],
  ["__ior__", inPlace(either)],
  ["__isub__", inPlace(without)],
  ["__ixor__", inPlace(onlyOne)],
  ["copy", (set) => new Set(set)],
  ["intersection", method(both)],
  ["union", method(either)],
  ["difference", method(without)],
  ["symmetric_difference", method(onlyOne)],
  ["intersection_update", update(both)],
  ["update", update(either)],
  ["difference_update", update(without)],
  ["symmetric_difference_update", update(onlyOne)],
  ["issubset", comparison(within)],
  ["issuperset", comparison((left, right) => within(right, left))],
  ["isdisjoint", comparison((left, right) => both(left, right).size === 0)],
  ["add", (set, [item]) => void (has(set, toHashable(item)) || set.add(toStorable(item)))],
  ["discard", (set, [item]) => void remove(set, item)],
  ["remove", (set, [item]) => {
    if (!remove(set, item)) throw keyError(toBrine(toStorable(item)) ?? String(item), String(item));
  }],
  ["pop", (set) => {
    for (const member of set) {
      set.delete(member);
      return member;
    }
    throw keyError("pop from an empty set", "pop from an empty set");
  }],
  ["clear", (set) => void set.clear()],
]);

function remove(set: Set<unknown>, item: unknown): boolean {
  for (const other of set) {
    if (pythonEquals(other, toHashable(item))) return set.delete(other);
  }
  return false;
}
