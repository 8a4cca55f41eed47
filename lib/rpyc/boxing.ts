/** Boxed values: immutable data is sent by value, any other object as a reference. */
import type { BrineValue } from "./brine.ts";
import type { CallSession } from "./call_session.ts";
import { Handler, Label } from "./consts.ts";
import type { LocalObject, LocalObjects } from "./local_objects.ts";
import { typeError, valueError } from "./python_errors.ts";
import { isPythonTuple, pythonTuple } from "./python_types.ts";
import type { RemoteProxies } from "./remote_proxies.ts";
import { RemoteReference, type RemoteReferences } from "./remote_references.ts";
import { Hinted, type TypeHint } from "./type_hint.ts";
import { toBrine } from "./values.ts";

const MAX_DEPTH = 100;

/** The local object that a request operates on. */
export class Target {
  readonly object: LocalObject;
  constructor(object: LocalObject) {
    this.object = object;
  }
}

/** Tables of the connection that references are looked up in. */
export interface BoxingTables {
  readonly local: LocalObjects;
  readonly remote: RemoteReferences;
  readonly proxies: Pick<RemoteProxies, "referenceOf" | "callableOf">;
}

/** Boxes and unboxes the values of one connection. */
export class Boxing {
  readonly #local: LocalObjects;
  readonly #remote: RemoteReferences;
  readonly #proxies: BoxingTables["proxies"];

  constructor({ local, remote, proxies }: BoxingTables) {
    this.#local = local;
    this.#remote = remote;
    this.#proxies = proxies;
  }

  /** @param session the request that the value belongs to; unchanged copies of its arguments are sent as the originals */
  box(value: unknown, session: CallSession | undefined): BrineValue {
    return this.#box(value, undefined, session, 0);
  }

  #box(
    value: unknown,
    hint: TypeHint | undefined,
    session: CallSession | undefined,
    depth: number,
  ): BrineValue {
    if (value instanceof Hinted) return this.#box(value.value, value.hint, session, depth);
    if (depth > MAX_DEPTH) throw typeError("tuple is nested too deep");
    const brine = toBrine(value, hint);
    if (brine !== undefined) return [Label.Value, brine];
    const object = value as object;
    if (Array.isArray(object) && isPythonTuple(object)) {
      return [
        Label.Tuple,
        object.map((item, index) => this.#box(item, hint?.item(index), session, depth + 1)),
      ];
    }
    const reference = object instanceof RemoteReference
      ? object
      : this.#proxies.referenceOf(object) ?? session?.original(object);
    if (reference !== undefined) return [Label.LocalReference, reference.pack];
    const local = this.#proxies.callableOf(object) ?? object;
    return [Label.RemoteReference, this.#local.send(local, hint)];
  }

  /** @param session the request that received references belong to */
  unbox(boxed: BrineValue, session: CallSession | undefined): unknown {
    if (!Array.isArray(boxed) || boxed.length !== 2) throw valueError("a boxed value is a pair");
    const label = boxed[0] as BrineValue;
    const value = boxed[1] as BrineValue;
    switch (label) {
      case Label.Value:
        return tagTuples(value);
      case Label.Tuple:
        if (!Array.isArray(value)) throw valueError("a boxed tuple is a tuple");
        return pythonTuple(
          (value as readonly BrineValue[]).map((item) => this.unbox(item, session)),
        );
      case Label.LocalReference:
        return this.#local.find(value).value;
      case Label.RemoteReference: {
        const reference = this.#remote.receive(value);
        session?.received(reference);
        return reference;
      }
    }
    throw valueError(`invalid label ${String(label)}`);
  }

  /** Unboxes the arguments of a request. The first one becomes a {@link Target} if it is a local object. */
  unboxArguments(boxed: BrineValue, session: CallSession, handler: number): readonly unknown[] {
    if (!Array.isArray(boxed) || boxed.length !== 2) throw valueError("a boxed value is a pair");
    const label = boxed[0] as BrineValue;
    const value = boxed[1] as BrineValue;
    const callFrom = firstCallArgument(handler);
    if (label === Label.Value && Array.isArray(value)) {
      return value.map((item: BrineValue, index) =>
        index >= callFrom ? tagItems(item) : tagTuples(item)
      );
    }
    if (label === Label.Tuple && Array.isArray(value)) {
      const args: unknown[] = [];
      for (let index = 0; index < value.length; index++) {
        const item = value[index] as BrineValue;
        args.push(
          index === 0
            ? this.#unboxFirst(item, session)
            : index >= callFrom && Array.isArray(item) && item.length === 2 &&
                item[0] === Label.Value
            ? tagItems(item[1] as BrineValue)
            : this.unbox(item, session),
        );
      }
      return args;
    }
    const args = this.unbox(boxed, session);
    if (!Array.isArray(args)) throw typeError("arguments are not a tuple");
    return args;
  }

  #unboxFirst(boxed: BrineValue, session: CallSession): unknown {
    if (Array.isArray(boxed) && boxed.length === 2 && boxed[0] === Label.LocalReference) {
      return new Target(this.#local.find(boxed[1] as BrineValue));
    }
    return this.unbox(boxed, session);
  }
}

/** Returns the index of the first argument that is a tuple of call arguments. */
function firstCallArgument(handler: number): number {
  if (handler === Handler.Call) return 1;
  return handler === Handler.CallAttr ? 2 : Infinity;
}

// The tuple of call arguments is not a value of a handler itself, so that only its items are marked.
function tagItems(value: BrineValue): unknown {
  return Array.isArray(value) && value.some(isTuple)
    ? (value as readonly BrineValue[]).map(tagTuples)
    : value;
}

function isTuple(value: BrineValue): boolean {
  return Array.isArray(value);
}

// Marks tuples, to distinguish them from the lists of handlers.
function tagTuples(value: BrineValue): unknown {
  return Array.isArray(value)
    ? pythonTuple((value as readonly BrineValue[]).map(tagTuples))
    : value;
}
