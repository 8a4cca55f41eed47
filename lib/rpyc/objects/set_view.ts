import { FrozenSet, NotImplemented } from "../brine.ts";
import { keyError, typeError } from "../python_errors.ts";
import type { TypeHint } from "../type_hint.ts";
import { pythonTypeName, toBrine, toPlain } from "../values.ts";
import { pythonEquals } from "./equality.ts";
import { ListIterator, plain } from "./list_view.ts";
import { boundMethod, type ContainerMethod, Hinted, type PythonView } from "./view.ts";

/** A `Set` of a handler's as a Python set. */
export function setView(set: Set<unknown>, hint: TypeHint | undefined): PythonView {
  return {
    className: "builtins.set",
    doc: undefined,
    hashable: false,
    readable: READABLE,
    names: () => [...METHODS.keys()],
    attribute(name) {
      const method = METHODS.get(name);
      return method && boundMethod(set, name, method);
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
    iterate() {
      const iterator = new ListIterator([...set], hint);
      return {
        next() {
          const step = iterator.next();
          return step.done ? { done: true } : { done: false, value: step.value };
        },
      };
    },
  };
}

const READABLE: ReadonlySet<string> = new Set(["copy", "issubset", "issuperset", "isdisjoint"]);

function has(set: ReadonlySet<unknown>, item: unknown): boolean {
  if (set.has(item)) return true;
  for (const other of set) if (pythonEquals(other, item)) return true;
  return false;
}

function within(left: ReadonlySet<unknown>, right: ReadonlySet<unknown>): boolean {
  return [...left].every((item) => has(right, item));
}

function operand(value: unknown): ReadonlySet<unknown> {
  const set = value instanceof FrozenSet ? toPlain(value) : value;
  if (set instanceof Set) return set;
  throw typeError(`unsupported operand type(s): 'set' and '${pythonTypeName(value)}'`);
}

const METHODS: ReadonlyMap<string, ContainerMethod<Set<unknown>>> = new Map<
  string,
  ContainerMethod<Set<unknown>>
>([
  ["__len__", (set) => BigInt(set.size)],
  ["__iter__", (set) => new ListIterator([...set], undefined)],
  ["__contains__", (set, [item]) => has(set, plain(item))],
  ["__and__", (set, [other]) => new Set([...set].filter((item) => has(operand(other), item)))],
  [
    "__or__",
    (set, [other]) => new Set([...set, ...[...operand(other)].filter((item) => !has(set, item))]),
  ],
  ["__sub__", (set, [other]) => new Set([...set].filter((item) => !has(operand(other), item)))],
  ["__xor__", (set, [other]) => {
    const right = operand(other);
    return new Set([
      ...[...set].filter((item) => !has(right, item)),
      ...[...right].filter((item) => !has(set, item)),
    ]);
  }],
  ["copy", (set) => new Set(set)],
  ["issubset", (set, [other]) => within(set, operand(other))],
  ["issuperset", (set, [other]) => within(operand(other), set)],
  ["isdisjoint", (set, [other]) => ![...set].some((item) => has(operand(other), item))],
  ["add", (set, [item]) => void (has(set, plain(item)) || set.add(plain(item)))],
  ["discard", (set, [item]) => remove(set, item)],
  ["remove", (set, [item]) => {
    if (!remove(set, item)) throw keyError(toBrine(plain(item)) ?? String(item), String(item));
    return null;
  }],
  ["clear", (set) => void set.clear()],
]);

function remove(set: Set<unknown>, item: unknown): boolean | null {
  for (const other of set) {
    if (pythonEquals(other, plain(item))) return set.delete(other);
  }
  return null;
}
