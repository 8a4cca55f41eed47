import { type BrineValue, NotImplemented, Slice } from "../brine.ts";
import { indexError, PythonError, typeError, valueError } from "../python_errors.ts";
import { isPythonTuple } from "../python_types.ts";
import { Hinted, type TypeHint } from "../type_hint.ts";
import { pythonTypeName } from "../values.ts";
import { arityOf, boundMethod, type Method } from "./bound_method.ts";
import type { CallContext, Keywords } from "./callable.ts";
import { orderAnswer, orderOf, pythonEquals, pythonOrder } from "./equality.ts";
import { itemsOf, ListIterator, toStorable } from "./sequence.ts";
import { sliceIndices } from "./slice_indices.ts";
import type { PythonView } from "./view.ts";

/** Presents a handler's array as a Python list. Changes by the client change the array itself. */
export function listView(list: unknown[], hint: TypeHint | undefined): PythonView {
  return {
    className: "builtins.list",
    doc: undefined,
    hashable: false,
    readable: READABLE,
    names: () => [...METHODS.keys()],
    attribute(name) {
      const method = METHODS.get(name);
      return method && boundMethod({ list, hint }, name, method, arityOf(name, ARITIES));
    },
    repr: (context) => context.repr(new Hinted(list, hint)),
    compare(operator, other) {
      if (!Array.isArray(other) || isPythonTuple(other)) return NotImplemented;
      if (operator === "__eq__") return pythonEquals(list, other);
      if (operator === "__ne__") return !pythonEquals(list, other);
      const order = orderOf(list, other);
      return order === undefined ? NotImplemented : orderAnswer(operator, order) ?? NotImplemented;
    },
    iterate() {
      let index = 0;
      return {
        next() {
          if (index >= list.length) return { done: true };
          const at = index++;
          return { done: false, value: new Hinted(list[at], hint?.item(at)) };
        },
      };
    },
  };
}

interface Self {
  readonly list: unknown[];
  readonly hint: TypeHint | undefined;
}

const READABLE: ReadonlySet<string> = new Set(["index", "count", "copy"]);
const ARITIES = { pop: [0, 1] } as const;

const METHODS: ReadonlyMap<string, Method<Self>> = new Map<string, Method<Self>>([
  ["__len__", ({ list }) => BigInt(list.length)],
  ["__iter__", ({ list, hint }) => new ListIterator(list, hint)],
  [
    "__contains__",
    ({ list }, [item]) => list.some((other) => pythonEquals(other, toStorable(item))),
  ],
  ["__getitem__", ({ list, hint }, [key]) => {
    if (key instanceof Slice) {
      return new Hinted(sliceIndices(key, list.length).map((index) => list[index]), hint);
    }
    const index = checkedIndex(list, key, "list index out of range");
    return new Hinted(list[index], hint?.item(index));
  }],
  ["__setitem__", ({ list }, [key, value], context) => {
    if (key instanceof Slice) return setSlice(list, key, value, context);
    list[checkedIndex(list, key, "list assignment index out of range")] = toStorable(value);
    return null;
  }],
  ["__delitem__", ({ list }, [key]) => {
    if (!(key instanceof Slice)) {
      list.splice(checkedIndex(list, key, "list assignment index out of range"), 1);
      return;
    }
    const gone = new Set(sliceIndices(key, list.length));
    const kept = list.filter((_, index) => !gone.has(index));
    list.splice(0, list.length, ...kept);
  }],
  ["__add__", ({ list, hint }, [other]) => {
    if (!Array.isArray(other) || isPythonTuple(other)) {
      throw typeError(`can only concatenate list (not "${pythonTypeName(other)}") to list`);
    }
    return new Hinted([...list, ...other], hint);
  }],
  ["__iadd__", async ({ list }, [other], context) => {
    list.push(...await itemsOf(other, context));
    return list;
  }],
  ["__mul__", ({ list, hint }, [count]) => new Hinted(repeated(list, count), hint)],
  ["__rmul__", ({ list, hint }, [count]) => new Hinted(repeated(list, count), hint)],
  ["__imul__", ({ list }, [count]) => {
    const items = repeated(list, count);
    list.length = 0;
    for (const item of items) list.push(item);
    return list;
  }],
  ["index", ({ list }, [item, from = null, to = null], context) => {
    const within = sliceIndices(
      new Slice(from as BrineValue, to as BrineValue, null),
      list.length,
    );
    const index = within.find((at) => pythonEquals(list[at], toStorable(item)));
    if (index === undefined) throw valueError(`${context.repr(toStorable(item))} is not in list`);
    return BigInt(index);
  }],
  [
    "count",
    ({ list }, [item]) =>
      BigInt(list.filter((other) => pythonEquals(other, toStorable(item))).length),
  ],
  ["copy", ({ list, hint }) => new Hinted([...list], hint)],
  ["append", ({ list }, [item]) => void list.push(toStorable(item))],
  ["extend", async ({ list }, [items], context) => {
    for (const item of await itemsOf(items, context)) list.push(item);
  }],
  ["insert", ({ list }, [at, item]) => {
    if (typeof at !== "bigint") {
      throw typeError(`'${pythonTypeName(at)}' object cannot be interpreted as an integer`);
    }
    list.splice(Number(at), 0, toStorable(item));
  }],
  ["pop", ({ list, hint }, [at]) => {
    if (list.length === 0) throw indexError("pop from empty list");
    const index = at === undefined
      ? list.length - 1
      : checkedIndex(list, at, "pop index out of range");
    return new Hinted(list.splice(index, 1)[0], hint?.item(index));
  }],
  ["remove", ({ list }, [item]) => {
    const index = list.findIndex((other) => pythonEquals(other, toStorable(item)));
    if (index < 0) throw valueError("list.remove(x): x not in list");
    list.splice(index, 1);
  }],
  ["clear", ({ list }) => void (list.length = 0)],
  ["reverse", ({ list }) => void list.reverse()],
  ["__reversed__", ({ list, hint }) => new ListIterator([...list].reverse(), hint)],
  ["sort", sortList],
]);

async function sortList(
  { list }: Self,
  _args: readonly unknown[],
  context: CallContext,
  keywords: Keywords,
): Promise<void> {
  const { key = null, reverse = false, ...others } = Object.fromEntries(keywords);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw typeError(`sort() got an unexpected keyword argument '${unknown}'`);
  }
  const keyOf = await context.toPlain(key);
  const keyed: { readonly item: unknown; readonly key: unknown }[] = [];
  for (const item of list) {
    keyed.push({ item, key: typeof keyOf === "function" ? await keyOf(item) : item });
  }
  // Equal items keep their order, also in reverse order.
  const sign = reverse === false || reverse === 0n || reverse === null ? 1 : -1;
  keyed.sort((left, right) => sign * orderFor(left.key, right.key));
  list.splice(0, list.length, ...keyed.map(({ item }) => item));
}

function orderFor(left: unknown, right: unknown): number {
  const order = pythonOrder(left, right);
  if (order !== undefined) return order;
  throw typeError(
    `'<' not supported between instances of '${pythonTypeName(right)}' and '${
      pythonTypeName(left)
    }'`,
  );
}

function checkedIndex(list: readonly unknown[], key: unknown, outside: string): number {
  if (typeof key === "boolean") key = key ? 1n : 0n;
  if (typeof key !== "bigint") {
    throw typeError(`list indices must be integers or slices, not ${pythonTypeName(key)}`);
  }
  const index = key < 0n ? key + BigInt(list.length) : key;
  if (index < 0n || index >= BigInt(list.length)) throw indexError(outside);
  return Number(index);
}

const MAX_REPEATED = 10_000_000;

function repeated(list: readonly unknown[], count: unknown): unknown[] {
  if (typeof count !== "bigint") {
    throw typeError(`can't multiply sequence by non-int of type '${pythonTypeName(count)}'`);
  }
  const times = count < 0n ? 0n : count;
  if (times * BigInt(list.length) > BigInt(MAX_REPEATED)) throw new PythonError("MemoryError", "");
  return Array.from({ length: Number(times) }, () => list).flat();
}

async function setSlice(
  list: unknown[],
  slice: Slice,
  value: unknown,
  context: CallContext,
): Promise<void> {
  const items = await itemsOf(value, context).catch((error: unknown) => {
    throw error instanceof PythonError && error.name === "TypeError"
      ? typeError("can only assign an iterable")
      : error;
  });
  const indices = sliceIndices(slice, list.length);
  if (slice.step === null || slice.step === 1n) {
    const [start] = sliceIndices(new Slice(slice.start, null, null), list.length);
    list.splice(start ?? list.length, indices.length, ...items);
    return;
  }
  if (items.length !== indices.length) {
    throw valueError(
      `attempt to assign sequence of size ${items.length} to extended slice of size ${indices.length}`,
    );
  }
  indices.forEach((index, at) => list[index] = items[at]);
}
