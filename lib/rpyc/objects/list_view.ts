import { type BrineValue, NotImplemented, Slice } from "../brine.ts";
import { indexError, PythonError, typeError, valueError } from "../python_errors.ts";
import { isPlainObject } from "../python_text.ts";
import type { TypeHint } from "../type_hint.ts";
import { isPythonTuple, pythonTypeName, toPlain } from "../values.ts";
import { arityOf } from "./_arity.ts";
import { orderAnswer, orderOf, pythonEquals, pythonOrder } from "./equality.ts";
import {
  boundMethod,
  type CallContext,
  type ContainerMethod,
  Hinted,
  type Keywords,
  type PythonView,
} from "./view.ts";

/** An array of a handler's as the Python list that a client sees: the same array, so that both sides see a change. */
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

const METHODS: ReadonlyMap<string, ContainerMethod<Self>> = new Map<string, ContainerMethod<Self>>([
  ["__len__", ({ list }) => BigInt(list.length)],
  ["__iter__", ({ list, hint }) => new ListIterator(list, hint)],
  ["__contains__", ({ list }, [item]) => list.some((other) => pythonEquals(other, plain(item)))],
  ["__getitem__", ({ list, hint }, [key]) => {
    if (key instanceof Slice) {
      return new Hinted(sliceIndices(key, list.length).map((index) => list[index]), hint);
    }
    const index = checkedIndex(list, key, "list index out of range");
    return new Hinted(list[index], hint?.item(index));
  }],
  ["__setitem__", ({ list }, [key, value], context) => {
    if (key instanceof Slice) return setSlice(list, key, value, context);
    list[checkedIndex(list, key, "list assignment index out of range")] = plain(value);
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
    const index = within.find((at) => pythonEquals(list[at], plain(item)));
    if (index === undefined) throw valueError(`${context.repr(plain(item))} is not in list`);
    return BigInt(index);
  }],
  [
    "count",
    ({ list }, [item]) => BigInt(list.filter((other) => pythonEquals(other, plain(item))).length),
  ],
  ["copy", ({ list, hint }) => new Hinted([...list], hint)],
  ["append", ({ list }, [item]) => void list.push(plain(item))],
  ["extend", async ({ list }, [items], context) => {
    for (const item of await itemsOf(items, context)) list.push(item);
  }],
  ["insert", ({ list }, [at, item]) => {
    if (typeof at !== "bigint") {
      throw typeError(`'${pythonTypeName(at)}' object cannot be interpreted as an integer`);
    }
    list.splice(Number(at), 0, plain(item));
  }],
  ["pop", ({ list, hint }, [at]) => {
    if (list.length === 0) throw indexError("pop from empty list");
    const index = at === undefined
      ? list.length - 1
      : checkedIndex(list, at, "pop index out of range");
    return new Hinted(list.splice(index, 1)[0], hint?.item(index));
  }],
  ["remove", ({ list }, [item]) => {
    const index = list.findIndex((other) => pythonEquals(other, plain(item)));
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
  // Equal items keep their order, also in reverse.
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

/** An iteration over a list that is under way; sees what is appended meanwhile, as Python's does. */
export class ListIterator implements Iterator<unknown> {
  readonly #list: readonly unknown[];
  readonly #hint: TypeHint | undefined;
  #index = 0;

  constructor(list: readonly unknown[], hint: TypeHint | undefined) {
    this.#list = list;
    this.#hint = hint;
  }

  /** How many items are left. */
  get remaining(): number {
    return Math.max(0, this.#list.length - this.#index);
  }

  next(): IteratorResult<unknown> {
    if (this.#index >= this.#list.length) return { done: true, value: undefined };
    const index = this.#index++;
    return { done: false, value: new Hinted(this.#list[index], this.#hint?.item(index)) };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** A value to be stored in or compared with data of ours. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return toPlain(value);
  return Array.isArray(value) && isPythonTuple(value) ? toPlain(value as BrineValue) : value;
}

/** The items of an iterable, the client's own too. */
export async function itemsOf(value: unknown, context: CallContext): Promise<readonly unknown[]> {
  const items = await context.toPlain(value);
  if (typeof items === "string") return [...items];
  if (Array.isArray(items)) return items;
  if (items instanceof Set || items instanceof Map) return [...items.keys()];
  if (isPlainObject(items)) return Object.keys(items);
  if (isIterable(items)) return await collected(items);
  throw typeError(`'${pythonTypeName(items)}' object is not iterable`);
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === "object" && value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value);
}

async function collected(items: Iterable<unknown> | AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const item of items) list.push(item);
  return list;
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

/** The indices that a slice of a list means, in its order. */
export function sliceIndices(slice: Slice, length: number): number[] {
  const step = part(slice.step) ?? 1;
  if (step === 0) throw valueError("slice step cannot be zero");
  const clamp = (value: number, low: number, high: number) =>
    Math.min(Math.max(value < 0 ? value + length : value, low), high);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const given = { start: part(slice.start), stop: part(slice.stop) };
  const start = given.start === undefined ? (step > 0 ? low : high) : clamp(given.start, low, high);
  const stop = given.stop === undefined ? (step > 0 ? high : low) : clamp(given.stop, low, high);
  const indices: number[] = [];
  for (let index = start; step > 0 ? index < stop : index > stop; index += step) {
    indices.push(index);
  }
  return indices;
}

function part(value: BrineValue): number | undefined {
  if (value === null) return undefined;
  if (typeof value === "bigint") return Number(value);
  throw typeError("slice indices must be integers or None or have an __index__ method");
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
