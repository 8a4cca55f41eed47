/** Objects that live at the client: proxies that ask back over the same connection. */
import { Handler } from "./consts.ts";
import { pythonTuple } from "./values.ts";

/** What a proxy needs of its connection. */
export interface RemotePeer {
  /** A request to the client; resolves to plain values and proxies. */
  ask(handler: number, args: readonly unknown[]): Promise<unknown>;
}

/** Keyword arguments of a call to the client. */
export type RemoteKeywords = Readonly<Record<string, unknown>>;

/**
 * An object of the client's that is neither data nor a function. Methods ask the client, which answers while it waits for its own
 * call; a client that does not serve its connection never answers, so every question has a time limit.
 */
export class RemoteObject {
  /** `module.Class` of the object at the client. */
  readonly className: string;
  readonly #peer: RemotePeer;

  constructor(peer: RemotePeer, className: string) {
    this.#peer = peer;
    this.className = className;
  }

  /** An attribute; the client allows only names with `exposed_` and Python's safe special names unless it was told otherwise. */
  get(name: string): Promise<unknown> {
    return this.#peer.ask(Handler.GetAttr, [this, name]);
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

  /** Python's `str()` of it. */
  text(): Promise<string> {
    return this.#peer.ask(Handler.Str, [this]).then(String);
  }

  /** Python's `repr()` of it. */
  repr(): Promise<string> {
    return this.#peer.ask(Handler.Repr, [this]).then(String);
  }

  /** The items of an iterable, asked for in pieces. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    const iterator = await this.callMethod("__iter__");
    for (let count = 16;; count = Math.min(count * 2, 1024)) {
      const items = await this.#peer.ask(Handler.BuffIter, [iterator, BigInt(count)]);
      if (!Array.isArray(items) || items.length === 0) return;
      yield* items;
    }
  }
}

function keywordPairs(keywords: RemoteKeywords): readonly (readonly [string, unknown])[] {
  return pythonTuple(
    Object.entries(keywords).map(([name, value]) => pythonTuple([name, value]) as never),
  );
}
