/** Objects of the client as handlers see them, and functions that handlers receive for their own callables. */
import { Handler } from "./consts.ts";
import type { CallContext, PythonCallable } from "./objects/callable.ts";
import { pythonTuple } from "./python_types.ts";
import { RemoteObject } from "./remote_object.ts";
import type { RemoteReference } from "./remote_references.ts";

/** The part of a connection that {@link RemoteProxies} use. */
export interface ProxyPeer {
  /** Sends a request; resolves to plain values and proxies. */
  ask(handler: number, args: readonly unknown[]): Promise<unknown>;
  /** Sends a request; resolves to the raw result. */
  request(handler: number, args: readonly unknown[]): Promise<unknown>;
  /** Creates the context in which a local callable is called. */
  newSession(): CallContext;
}

/** The proxies of one connection. */
export class RemoteProxies {
  readonly #peer: ProxyPeer;
  readonly #maxClasses: number;
  readonly #proxies = new WeakMap<RemoteReference, WeakRef<object>>();
  readonly #references = new WeakMap<object, RemoteReference>();
  readonly #callables = new WeakMap<object, object>();
  readonly #methods = new Map<string, Promise<ReadonlySet<string>>>();

  /** @param maxClasses number of classes whose methods are cached */
  constructor(peer: ProxyPeer, maxClasses: number) {
    this.#peer = peer;
    this.#maxClasses = maxClasses;
  }

  /** Returns the function or {@link RemoteObject} for a reference; the same one as long as it is in use. */
  proxyOf(reference: RemoteReference, kind: "function" | "object"): object {
    const existing = this.#proxies.get(reference)?.deref();
    if (existing !== undefined) return existing;
    const peer = this.#peer;
    const proxy = kind === "function"
      ? (...args: unknown[]) =>
        peer.ask(Handler.Call, [reference, pythonTuple(args), pythonTuple([])])
      : new RemoteObject(peer, reference.className);
    this.#proxies.set(reference, new WeakRef(proxy));
    this.#references.set(proxy, reference);
    return proxy;
  }

  /** Returns the reference that a proxy was created for. */
  referenceOf(proxy: object): RemoteReference | undefined {
    return this.#references.get(proxy);
  }

  /** Returns a function that calls a local callable which the client sent back. */
  functionOf(callable: PythonCallable): object {
    const proxy = (...args: unknown[]) => callable.call(args, [], this.#peer.newSession());
    this.#callables.set(proxy, callable);
    return proxy;
  }

  /** Returns the callable that {@link functionOf} wrapped. */
  callableOf(proxy: object): object | undefined {
    return this.#callables.get(proxy);
  }

  /** Returns the names of the methods of an object's class, which the client sends once for each class. */
  methodsOf(reference: RemoteReference): Promise<ReadonlySet<string>> {
    const { className, pack } = reference;
    const key = `${className}:${pack[1]}`;
    let methods = this.#methods.get(key);
    if (methods === undefined) {
      methods = this.#peer.request(Handler.Inspect, [pythonTuple([...pack])]).then(namesIn);
      if (this.#methods.size < this.#maxClasses) this.#methods.set(key, methods);
    }
    return methods;
  }
}

function namesIn(pairs: unknown): ReadonlySet<string> {
  return new Set(
    (Array.isArray(pairs) ? pairs : []).flatMap((pair: unknown) =>
      Array.isArray(pair) && typeof pair[0] === "string" ? [pair[0]] : []
    ),
  );
}
