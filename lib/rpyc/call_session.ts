/** One request of the client: copies the arguments that it sent by reference, and releases them at its end. */
import type { BrineValue } from "./brine.ts";
import { Handler } from "./consts.ts";
import { ContainerCopies } from "./container_copies.ts";
import { type CallContext, isCallable, type PythonCallable } from "./objects/callable.ts";
import { PythonError, typeError } from "./python_errors.ts";
import { pythonRepr } from "./python_text.ts";
import { isPythonTuple, pythonTuple } from "./python_types.ts";
import { kindByMethods, kindOfBuiltin, type RemoteKind } from "./remote_kind.ts";
import { RemoteReference } from "./remote_references.ts";
import { Hinted } from "./type_hint.ts";
import { toPlain } from "./values.ts";

/** The part of a connection that a session uses. */
export interface SessionPeer {
  /** Sends a request to the client; resolves to a raw value: brine, tuple or reference. */
  request(handler: number, args: readonly unknown[], session: CallSession): Promise<unknown>;
  /** Returns the function or remote object for a reference that is not copied. */
  proxyOf(reference: RemoteReference, kind: "function" | "object"): object;
  /** Returns the names of the methods of an object's class. */
  methodsOf(reference: RemoteReference): Promise<ReadonlySet<string>>;
  /** Returns a function for a local callable that the client sent back. */
  functionOf(callable: PythonCallable): object;
  releaseReference(reference: RemoteReference): void;
  /** Returns Python's `repr()` of an object. */
  describe(value: object): string;
}

const ALL_ITEMS = 2n ** 31n;
/** Number of a dict's values that are requested at once. */
const DICT_WINDOW = 512;
const MAX_DEPTH = 100;

/** The references of one request. */
export class CallSession implements CallContext {
  readonly #peer: SessionPeer;
  // Created on first use: most requests contain no reference.
  #received: RemoteReference[] | undefined;
  #copies: ContainerCopies | undefined;

  constructor(peer: SessionPeer) {
    this.#peer = peer;
  }

  /** Stores a reference that this request or a reply to it contained. */
  received(reference: RemoteReference): void {
    (this.#received ??= []).push(reference);
  }

  /** Releases the objects that were copied. Functions and objects are released when their proxies are collected. */
  end(): void {
    if (this.#received === undefined) return;
    for (const reference of this.#received) {
      if (this.#copies?.references.has(reference)) this.#peer.releaseReference(reference);
    }
    this.#received = undefined;
    this.#copies?.clear();
  }

  /** Returns the client's own object if `value` is an unchanged copy of it, so that the client receives the same object. */
  original(value: object): RemoteReference | undefined {
    return this.#copies?.original(value);
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
    const kind = reference.isClass ? "function" : kindOfBuiltin(reference.className);
    // Needs no request to the client, so that a call with a callback starts at once.
    if (kind === "function" || kind === "object") return this.#peer.proxyOf(reference, kind);
    const copies = this.#copies ??= new ContainerCopies();
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
    kind: RemoteKind,
    depth: number,
    copies: ContainerCopies,
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
    if (!Array.isArray(items)) throw typeError("argument cannot be read");
    if (kind === "bytes") return Uint8Array.from(items, Number);
    const list: unknown[] = [];
    // Set before the items are copied: a list may contain itself.
    if (kind === "sequence") copies.byReference.set(reference, Promise.resolve(list));
    for (const item of items) list.push(await this.#plain(item, depth + 1));
    if (kind === "set") {
      const set = new Set(list);
      copies.finish(set, reference);
      return set;
    }
    copies.finish(list, reference);
    return list;
  }

  async #copyDict(
    reference: RemoteReference,
    depth: number,
    copies: ContainerCopies,
  ): Promise<unknown> {
    const keys = await this.#peer.request(Handler.BuffIter, [reference, ALL_ITEMS], this);
    if (!Array.isArray(keys)) throw typeError("argument cannot be read");
    const record: Record<string, unknown> = {};
    const map = new Map<unknown, unknown>();
    const isRecord = keys.every((key) => typeof key === "string");
    const dict = isRecord ? record : map;
    copies.byReference.set(reference, Promise.resolve(dict));
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
        if (isRecord) define(record, String(key), value);
        else map.set(key, value);
      }
    }
    copies.finish(dict, reference);
    return dict;
  }
}

// An assignment would change the prototype if the key is `__proto__`.
function define(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
