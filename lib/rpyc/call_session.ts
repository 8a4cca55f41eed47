/** One request of the client's while it is served: what it brought by reference is fetched, and let go of at its end. */
import type { BrineValue } from "./brine.ts";
import { Handler } from "./consts.ts";
import type { CallContext } from "./objects/view.ts";
import { isCallable } from "./objects/view.ts";
import { PythonError } from "./python_errors.ts";
import { pythonRepr } from "./python_text.ts";
import { RemoteReference } from "./remote_references.ts";
import { isPythonTuple, pythonTuple, toPlain } from "./values.ts";
import { Hinted } from "./objects/view.ts";

/** What a session needs of its connection. */
export interface SessionPeer {
  /** A request to the client; the result is a raw value: brine, tuple or reference. */
  request(handler: number, args: readonly unknown[], session: CallSession): Promise<unknown>;
  /** The object that stands for a reference that is neither data nor to be copied: a function or a remote object. */
  proxyOf(reference: RemoteReference, kind: "function" | "object"): object;
  /** What the client says of a class that is none of Python's own; remembered by the connection. */
  methodsOf(reference: RemoteReference): Promise<ReadonlySet<string>>;
  /** A callable of ours that the client handed back, as a function. */
  functionOf(callable: object): unknown;
  releaseReference(reference: RemoteReference): void;
  describe(value: object): string;
}

type Kind = "sequence" | "dict" | "set" | "bytes" | "function" | "object" | "str" | "int" | "float";

const KINDS: Readonly<Record<string, Kind>> = {
  "builtins.list": "sequence",
  "builtins.tuple": "sequence",
  "builtins.dict": "dict",
  "builtins.mappingproxy": "dict",
  "builtins.set": "set",
  "builtins.frozenset": "set",
  "builtins.bytearray": "bytes",
  "builtins.function": "function",
  "builtins.method": "function",
  "builtins.builtin_function_or_method": "function",
  "builtins.type": "function",
  "builtins.method-wrapper": "function",
  "builtins.wrapper_descriptor": "function",
  "builtins.generator": "object",
  "builtins.list_iterator": "object",
  "builtins.tuple_iterator": "object",
  "builtins.set_iterator": "object",
  "builtins.range_iterator": "object",
  "builtins.memoryview": "bytes",
  "builtins.object": "object",
  "builtins.module": "object",
  "builtins.code": "object",
  "builtins.frame": "object",
  "builtins.traceback": "object",
  "builtins.BaseException": "object",
  "builtins.Exception": "object",
};

const ALL_ITEMS = 2n ** 31n;
/** How many members of a dict are asked for before their answers are awaited. */
const DICT_WINDOW = 512;
const MAX_DEPTH = 100;

/** A copy of a client's container, and what it was like when it was made. */
interface Copy {
  readonly reference: RemoteReference;
  readonly items: readonly unknown[];
}

/** What was copied of a client's for one request. */
class Copies {
  readonly references = new Set<RemoteReference>();
  readonly byReference = new Map<RemoteReference, Promise<unknown>>();
  readonly originals = new Map<object, Copy>();
}

/** The references of one request. */
export class CallSession implements CallContext {
  readonly #peer: SessionPeer;
  // Made with the first reference: most requests bring none.
  #received: RemoteReference[] | undefined;
  #copies: Copies | undefined;

  constructor(peer: SessionPeer) {
    this.#peer = peer;
  }

  /** Notes a reference that this request (or an answer to it) brought. */
  received(reference: RemoteReference): void {
    (this.#received ??= []).push(reference);
  }

  /** Lets go of what was copied. Functions and objects are kept as long as a handler keeps their proxies. */
  end(): void {
    if (this.#received === undefined) return;
    for (const reference of this.#received) {
      if (this.#copies?.references.has(reference)) this.#peer.releaseReference(reference);
    }
    this.#received = undefined;
    this.#copies?.originals.clear();
  }

  /** The client's own object when `value` is an unchanged copy of it, so that it gets back the very same. */
  original(value: object): RemoteReference | undefined {
    const copies = this.#copies;
    if (copies === undefined || copies.originals.size === 0) return undefined;
    return isUnchanged(value, copies, new Set())
      ? copies.originals.get(value)?.reference
      : undefined;
  }

  toPlain(value: unknown): unknown {
    return this.#plain(value, 0);
  }

  repr(value: unknown): string {
    const describe = (object: object) => this.#peer.describe(object);
    return value instanceof Hinted
      ? pythonRepr(value.value, describe, value.hint)
      : pythonRepr(value, describe);
  }

  #plain(value: unknown, depth: number): unknown {
    if (typeof value === "bigint") return toPlain(value);
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof RemoteReference) return this.#fetch(value, depth);
    if (isCallable(value)) return this.#peer.functionOf(value);
    if (!Array.isArray(value) || !isPythonTuple(value)) return value;
    const items = value.map((item) => this.#plain(item, depth + 1));
    return items.some((item) => item instanceof Promise)
      ? Promise.all(items).then((all) => pythonTuple(all))
      : pythonTuple(items);
  }

  #fetch(reference: RemoteReference, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new PythonError("RecursionError", "argument is nested too deep");
    const kind = reference.isClass ? "function" : KINDS[reference.className];
    // Without a question to the client where none is needed, so that a call with a callback starts at once.
    if (kind === "function" || kind === "object") return this.#peer.proxyOf(reference, kind);
    const copies = this.#copies ??= new Copies();
    let copy = copies.byReference.get(reference);
    if (copy === undefined) {
      copy = kind === undefined
        ? this.#peer.methodsOf(reference).then((methods) =>
          this.#copy(reference, kindByMethods(methods), depth, copies)
        )
        : this.#copy(reference, kind, depth, copies);
      copies.byReference.set(reference, copy);
    }
    return copy;
  }

  async #copy(
    reference: RemoteReference,
    kind: Kind,
    depth: number,
    copies: Copies,
  ): Promise<unknown> {
    const ask = (handler: number, ...args: unknown[]) =>
      this.#peer.request(handler, [reference, ...args], this);
    const special = (name: string) => ask(Handler.CallAttr, name, pythonTuple([]), pythonTuple([]));
    if (kind === "function" || kind === "object") return this.#peer.proxyOf(reference, kind);
    copies.references.add(reference);
    if (kind === "str") return ask(Handler.Str);
    if (kind === "int") return toPlain(await special("__index__") as BrineValue);
    if (kind === "float") return special("__float__");
    if (kind === "dict") return this.#copyDict(reference, depth, copies);
    const items = await ask(Handler.BuffIter, ALL_ITEMS);
    if (!Array.isArray(items)) throw new PythonError("TypeError", "argument cannot be read");
    if (kind === "bytes") return Uint8Array.from(items, Number);
    const list: unknown[] = [];
    // Known before its items are: a list may hold itself.
    if (kind === "sequence") copies.byReference.set(reference, Promise.resolve(list));
    for (const item of items) list.push(await this.#plain(item, depth + 1));
    if (kind === "set") {
      const set = new Set(list);
      copies.originals.set(set, { reference, items: list });
      return set;
    }
    copies.originals.set(list, { reference, items: [...list] });
    return list;
  }

  async #copyDict(reference: RemoteReference, depth: number, copies: Copies): Promise<unknown> {
    const keys = await this.#peer.request(Handler.BuffIter, [reference, ALL_ITEMS], this);
    if (!Array.isArray(keys)) throw new PythonError("TypeError", "argument cannot be read");
    const record: Record<string, unknown> = {};
    const map = new Map<unknown, unknown>();
    const isRecord = keys.every((key) => typeof key === "string");
    const dict = isRecord ? record : map;
    copies.byReference.set(reference, Promise.resolve(dict));
    const items: unknown[] = [];
    for (let from = 0; from < keys.length; from += DICT_WINDOW) {
      const window = keys.slice(from, from + DICT_WINDOW);
      const values = await Promise.all(window.map((key) =>
        this.#peer.request(Handler.CallAttr, [
          reference,
          "__getitem__",
          pythonTuple([key]),
          pythonTuple([]),
        ], this)
      ));
      for (const [index, raw] of values.entries()) {
        const value = await this.#plain(raw, depth + 1);
        const key = await this.#plain(window[index], depth + 1);
        items.push(key, value);
        if (isRecord) define(record, String(key), value);
        else map.set(key, value);
      }
    }
    copies.originals.set(dict, { reference, items });
    return dict;
  }
}

function isUnchanged(value: unknown, copies: Copies, seen: Set<unknown>): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return true;
  const copy = copies.originals.get(value);
  if (copy === undefined) return !Array.isArray(value) || isPythonTuple(value);
  seen.add(value);
  const now = contentsOf(value);
  return now.length === copy.items.length &&
    now.every((item, index) =>
      Object.is(item, copy.items[index]) && isUnchanged(item, copies, seen)
    );
}

function contentsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Set) return [...value];
  return value instanceof Map ? [...value].flat() : Object.entries(value).flat();
}

// Not an assignment: `__proto__` is a key like any other here.
function define(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** What an instance of a class of the client's is, by the methods that the class has: a subclass of str stays a str. */
function kindByMethods(methods: ReadonlySet<string>): Kind {
  const has = (...names: string[]) => names.every((name) => methods.has(name));
  if (has("encode", "isalpha")) return "str";
  if (has("keys", "__getitem__")) return "dict";
  if (has("__index__")) return "int";
  if (has("is_integer", "__float__")) return "float";
  if (has("__call__")) return "function";
  if (has("__next__")) return "object";
  if (has("isdisjoint", "__iter__") && !has("__getitem__") && has("__and__")) return "set";
  return has("__iter__", "__len__") ? "sequence" : "object";
}
