/** Items of containers: iterate, convert for storing, and collect. */
import type { BrineValue } from "../brine.ts";
import { typeError } from "../python_errors.ts";
import { isPlainObject, isPythonTuple } from "../python_types.ts";
import { Hinted, type TypeHint } from "../type_hint.ts";
import { pythonTypeName, toPlain } from "../values.ts";
import type { CallContext } from "./callable.ts";

/** An iterator over a list. It also returns items that are appended during the iteration, as Python's does. */
export class ListIterator implements Iterator<unknown> {
  readonly #list: readonly unknown[];
  readonly #hint: TypeHint | undefined;
  #index = 0;

  constructor(list: readonly unknown[], hint: TypeHint | undefined) {
    this.#list = list;
    this.#hint = hint;
  }

  /** Number of items that are left. */
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

/** Converts an argument to the value that is stored in a container or compared with its items. */
export function toStorable(value: unknown): unknown {
  if (typeof value === "bigint") return toPlain(value);
  return Array.isArray(value) && isPythonTuple(value) ? toPlain(value as BrineValue) : value;
}

/**
 * Converts a key of a dict or a member of a set.
 *
 * @throws PythonError `TypeError` for mutable values
 */
export function toHashable(key: unknown): unknown {
  const name = pythonTypeName(key).replace("builtins.", "");
  if (name === "list" || name === "dict" || name === "set") {
    throw typeError(`unhashable type: '${name}'`);
  }
  return toStorable(key);
}

/** Returns the items of an iterable, also of one at the client. */
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
