/** Proxies of the client's objects, which send requests over the same connection. */
import { Handler } from "./consts.ts";
import { pythonTuple } from "./python_types.ts";

/** The part of a connection that a proxy uses. */
export interface RemotePeer {
  /** Sends a request to the client; resolves to plain values and proxies. */
  ask(handler: number, args: readonly unknown[]): Promise<unknown>;
}

/** Keyword arguments of a call to the client. */
export type RemoteKeywords = Readonly<Record<string, unknown>>;

/**
 * An object of the client that is neither data nor a function. Methods send requests, which the client handles while it waits for
 * its own call. Requests have a timeout, because a client that does not serve its connection never replies.
 */
export class RemoteObject {
  /** `module.Class` of the object at the client. */
  readonly className: string;
  readonly #peer: RemotePeer;

  constructor(peer: RemotePeer, className: string) {
    this.#peer = peer;
    this.className = className;
  }

  /** Returns an attribute. By default the client allows only names with `exposed_` and Python's safe special names. */
  get(name: string): Promise<unknown> {
    return this.#peer.ask(Handler.GetAttr, [this, name]);
  }

  /** Sets an attribute. rpyc's clients allow it with `allow_setattr` only, or with their own `_rpyc_setattr`. */
  async set(name: string, value: unknown): Promise<void> {
    await this.#peer.ask(Handler.SetAttr, [this, name, value]);
  }

  /** Deletes an attribute, with `allow_delattr` at the client. */
  async delete(name: string): Promise<void> {
    await this.#peer.ask(Handler.DelAttr, [this, name]);
  }

  /** Calls the object itself. */
  call(args: readonly unknown[] = [], keywords: RemoteKeywords = {}): Promise<unknown> {
    return this.#peer.ask(Handler.Call, [this, pythonTuple(args), keywordPairs(keywords)]);
  }

  /** Calls a method of the object. */
  callMethod(
    name: string,
    args: readonly unknown[] = [],
    keywords: RemoteKeywords = {},
  ): Promise<unknown> {
    return this.#peer.ask(Handler.CallAttr, [
      this,
      name,
      pythonTuple(args),
      keywordPairs(keywords),
    ]);
  }

  /** Returns Python's `str()` of the object. */
  text(): Promise<string> {
    return this.#peer.ask(Handler.Str, [this]).then(String);
  }

  /** Returns Python's `repr()` of the object. */
  repr(): Promise<string> {
    return this.#peer.ask(Handler.Repr, [this]).then(String);
  }

  /** Yields the items of an iterable, which are requested in batches. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    const iterator = await this.callMethod("__iter__");
    for (let count = 16;; count = Math.min(count * 2, 1024)) {
      const items = await this.#peer.ask(Handler.BuffIter, [iterator, BigInt(count)]);
      if (!Array.isArray(items) || items.length === 0) return;
      yield* items;
    }
  }
}

function keywordPairs(keywords: RemoteKeywords): readonly unknown[] {
  return pythonTuple(Object.entries(keywords).map((pair) => pythonTuple(pair)));
}
