import { NotImplemented } from "../brine.ts";
import { keyError, PythonError, typeError } from "../python_errors.ts";
import { isPlainObject, pythonTuple } from "../python_types.ts";
import { Hinted, type TypeHint } from "../type_hint.ts";
import { pythonTypeName, toBrine } from "../values.ts";
import { arityOf, boundMethod, type Method } from "./bound_method.ts";
import type { CallContext } from "./callable.ts";
import { pythonEquals } from "./equality.ts";
import { itemsOf, ListIterator, toHashable, toStorable } from "./sequence.ts";
import { type PythonView, stepsOf } from "./view.ts";

/** A Python dict: an object, whose keys are strings, or a `Map`. */
export type DictLike = Record<string, unknown> | Map<unknown, unknown>;

/** Presents a handler's object or `Map` as a Python dict. Changes by the client change the object itself. */
export function dictView(dict: DictLike, hint: TypeHint | undefined): PythonView {
  const self: Self = {
    entries: dict instanceof Map ? mapEntries(dict) : recordEntries(dict),
    dict,
    hint,
  };
  return {
    className: "builtins.dict",
    doc: undefined,
    hashable: false,
    readable: READABLE,
    names: () => [...METHODS.keys()],
    attribute(name) {
      const method = METHODS.get(name);
      return method && boundMethod(self, name, method, arityOf(name, ARITIES));
    },
    repr: (context) => context.repr(new Hinted(dict, hint)),
    compare(operator, other) {
      if (!(other instanceof Map) && !isPlainObject(other)) return NotImplemented;
      if (operator === "__eq__") return pythonEquals(dict, other);
      return operator === "__ne__" ? !pythonEquals(dict, other) : NotImplemented;
    },
    iterate: () => stepsOf(new ListIterator(self.entries.keys(), undefined)),
  };
}

interface Entries {
  keys(): unknown[];
  has(key: unknown): boolean;
  get(key: unknown): unknown;
  set(key: unknown, value: unknown): void;
  delete(key: unknown): void;
  clear(): void;
}

interface Self {
  readonly dict: DictLike;
  readonly entries: Entries;
  readonly hint: TypeHint | undefined;
}

function recordEntries(record: Record<string, unknown>): Entries {
  const has = (key: unknown): key is string =>
    typeof key === "string" && Object.hasOwn(record, key);
  return {
    keys: () => Object.keys(record),
    has,
    get: (key) => has(key) ? record[key] : undefined,
    set(key, value) {
      if (typeof key !== "string") throw typeError(`keys must be str, not ${pythonTypeName(key)}`);
      // An assignment would change the prototype if the key is `__proto__`.
      Object.defineProperty(record, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    },
    delete: (key) => void (has(key) && delete record[key]),
    clear: () => Object.keys(record).forEach((key) => delete record[key]),
  };
}

function mapEntries(map: Map<unknown, unknown>): Entries {
  const keyOf = (key: unknown): unknown => {
    if (map.has(key) || typeof key === "string") return key;
    for (const other of map.keys()) if (pythonEquals(other, key)) return other;
    return key;
  };
  return {
    keys: () => [...map.keys()],
    has: (key) => map.has(keyOf(key)),
    get: (key) => map.get(keyOf(key)),
    set: (key, value) => void map.set(keyOf(key), value),
    delete: (key) => void map.delete(keyOf(key)),
    clear: () => map.clear(),
  };
}

const READABLE: ReadonlySet<string> = new Set(["keys", "values", "items", "get", "copy"]);
const ARITIES = { pop: [1, 2], update: [0, 1] } as const;

const METHODS: ReadonlyMap<string, Method<Self>> = new Map<string, Method<Self>>([
  ["__len__", ({ entries }) => BigInt(entries.keys().length)],
  ["__iter__", ({ entries }) => new ListIterator(entries.keys(), undefined)],
  ["__contains__", ({ entries }, [key]) => entries.has(toHashable(key))],
  ["__getitem__", (self, [key]) => {
    if (!self.entries.has(toHashable(key))) throw missing(key);
    return item(self, key);
  }],
  ["__setitem__", ({ entries }, [key, value]) => entries.set(toHashable(key), toStorable(value))],
  ["__delitem__", ({ entries }, [key]) => {
    if (!entries.has(toHashable(key))) throw missing(key);
    entries.delete(toStorable(key));
  }],
  [
    "get",
    (self, [key, fallback = null]) =>
      self.entries.has(toHashable(key)) ? item(self, key) : fallback,
  ],
  ["keys", ({ entries }) => entries.keys()],
  [
    "values",
    (self) => new Hinted(self.entries.keys().map((key) => self.entries.get(key)), valuesHint(self)),
  ],
  ["items", (self) =>
    new Hinted(
      self.entries.keys().map((key) => pythonTuple([key, self.entries.get(key)])),
      itemsHint(self),
    )],
  ["copy", ({ dict, hint }) => new Hinted(dict instanceof Map ? new Map(dict) : { ...dict }, hint)],
  ["pop", (self, [key, ...fallback]) => {
    if (!self.entries.has(toHashable(key))) {
      if (fallback.length > 0) return fallback[0];
      throw missing(key);
    }
    const value = item(self, key);
    self.entries.delete(toStorable(key));
    return value;
  }],
  ["popitem", (self) => {
    const key = self.entries.keys().at(-1);
    if (key === undefined) {
      throw new PythonError("KeyError", "'popitem(): dictionary is empty'", {
        args: ["popitem(): dictionary is empty"],
      });
    }
    const value = self.entries.get(key);
    self.entries.delete(key);
    return pythonTuple([key, value]);
  }],
  ["setdefault", (self, [key, fallback = null]) => {
    if (!self.entries.has(toHashable(key))) self.entries.set(toStorable(key), toStorable(fallback));
    return item(self, key);
  }],
  ["update", async ({ entries }, given, context, keywords) => {
    if (given.length > 0) await update(entries, given[0], context);
    for (const [name, value] of keywords) entries.set(name, toStorable(value));
  }],
  ["__or__", ({ dict }, [other]) => united(dict, other)],
  ["__ror__", ({ dict }, [other]) => united(other, dict)],
  ["__ior__", async ({ dict, entries }, [other], context) => {
    await update(entries, other, context);
    return dict;
  }],
  ["clear", ({ entries }) => entries.clear()],
]);

async function update(entries: Entries, other: unknown, context: CallContext): Promise<void> {
  const given = await context.toPlain(other);
  if (given instanceof Map) return given.forEach((value, key) => entries.set(key, value));
  if (isPlainObject(given)) {
    return Object.entries(given).forEach(([key, value]) => entries.set(key, value));
  }
  for (const pair of await itemsOf(given, context)) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw typeError("cannot convert dictionary update sequence element to a sequence of two");
    }
    entries.set(pair[0], pair[1]);
  }
}

// A proxy of the client's dict is not supported, as with Python's `|`.
function united(left: unknown, right: unknown): unknown {
  const isDict = (value: unknown) => value instanceof Map || isPlainObject(value);
  if (!isDict(left) || !isDict(right)) return NotImplemented;
  if (isPlainObject(left) && isPlainObject(right)) return { ...left, ...right };
  const entriesOf = (dict: unknown) =>
    dict instanceof Map ? [...dict] : Object.entries(dict as Record<string, unknown>);
  return new Map([...entriesOf(left), ...entriesOf(right)]);
}

function item({ entries, hint }: Self, key: unknown): Hinted {
  const name = toStorable(key);
  return new Hinted(entries.get(name), typeof name === "string" ? hint?.member(name) : undefined);
}

function valuesHint({ entries, hint }: Self): TypeHint | undefined {
  return hint && sequenceHint((index) => memberHint(hint, entries.keys()[index]));
}

function itemsHint({ entries, hint }: Self): TypeHint | undefined {
  if (hint === undefined) return undefined;
  return sequenceHint((index) =>
    sequenceHint((part) => part === 1 ? memberHint(hint, entries.keys()[index]) : undefined)
  );
}

function memberHint(hint: TypeHint, key: unknown): TypeHint | undefined {
  return typeof key === "string" ? hint.member(key) : undefined;
}

function sequenceHint(item: (index: number) => TypeHint | undefined): TypeHint {
  return { number: undefined, item, member: () => undefined };
}

function missing(key: unknown): PythonError {
  return keyError(toBrine(key) ?? String(key), String(key));
}
