/** The handlers of rpyc's protocol: the operations that a client can request. */
import { attributeName, attributeOf, changeRefused } from "./attributes.ts";
import { Target } from "./boxing.ts";
import { type BrineValue, Slice } from "./brine.ts";
import { callObject, callValue } from "./calls.ts";
import { Handler } from "./consts.ts";
import type { LocalObject, LocalObjects } from "./local_objects.ts";
import { compare, hashOf, OBJECT_NAMES, textOf } from "./object_protocol.ts";
import { shortClassName } from "./objects/view.ts";
import { pickle } from "./pickle.ts";
import { PythonError, typeError, valueError } from "./python_errors.ts";
import { pythonTuple } from "./python_types.ts";
import type { Request } from "./request_queue.ts";

/** The part of a connection that handlers use. */
export interface HandlerContext {
  /** The root object of the service. */
  readonly root: object;
  readonly local: LocalObjects;
  /** Allows every attribute without a leading underscore. */
  readonly allowPublicAttrs: boolean;
  readonly allowPickle: boolean;
  /** Ends the connection. */
  readonly end: () => void;
}

/** The result of a handler that sends no reply. */
export const NO_REPLY: unique symbol = Symbol("no reply");

const MAX_BUFFERED_ITEMS = 100_000;

type RequestHandler = (request: Request, context: HandlerContext) => unknown;

/**
 * Runs the handler of a request.
 *
 * @returns the result, a promise of it, or {@link NO_REPLY}
 * @throws PythonError `KeyError` for an unknown handler, and the errors of the handlers
 */
export function handleRequest(request: Request, context: HandlerContext): unknown {
  const handler = HANDLERS[request.handler];
  if (handler !== undefined) return handler(request, context);
  const { handlerId } = request;
  throw new PythonError("KeyError", handlerId.toString(), { args: [handlerId] });
}

const HANDLERS: Readonly<Record<number, RequestHandler>> = {
  [Handler.Ping]: ({ args: [value] }) => value instanceof Target ? value.object.value : value,
  [Handler.Close]: (_request, { end }) => {
    end();
    return NO_REPLY;
  },
  [Handler.GetRoot]: (_request, { root }) => root,
  [Handler.GetAttr]: ({ args }, { allowPublicAttrs }) =>
    attributeOf(targetOf(args), attributeName(args[1]), allowPublicAttrs),
  [Handler.SetAttr]: refuseChange,
  [Handler.DelAttr]: refuseChange,
  [Handler.Call]: ({ args, session }) =>
    callObject(targetOf(args), { args: args[1], keywords: args[2] }, session),
  [Handler.CallAttr]: (request, context) => {
    const { args } = request;
    return callMethod(request, context, args[1], args[2], args[3]);
  },
  [Handler.Repr]: ({ args, session }) => targetOf(args).view.repr(session),
  [Handler.Str]: ({ args, session }) => textOf(targetOf(args).view, session),
  [Handler.Cmp]: ({ args, session }) =>
    compare(targetOf(args), args[1], attributeName(args[2] ?? "__cmp__"), session),
  [Handler.Hash]: ({ args, session }) => hashOf(targetOf(args), session),
  [Handler.Dir]: ({ args }) =>
    pythonTuple([...new Set([...targetOf(args).view.names(), ...OBJECT_NAMES])].sort()),
  [Handler.Pickle]: ({ args }, { allowPickle }) => {
    if (!allowPickle) throw valueError("pickling is disabled");
    return pickle(targetOf(args).value);
  },
  [Handler.Del]: releaseReferences,
  [Handler.Inspect]: ({ args: [pack] }, { local }) => {
    const { view } = pack instanceof Target ? pack.object : local.find(pack as BrineValue);
    return pythonTuple(view.names().map((name) => pythonTuple([name, null])));
  },
  [Handler.BuffIter]: ({ args }) => bufferedItems(targetOf(args), args[1]),
  [Handler.OldSlicing]: callOldSlicing,
  [Handler.CtxExit]: (request, context) =>
    callMethod(request, context, "__exit__", [request.args[1] ?? null, null, null], []),
  [Handler.InstanceCheck]: () => false,
};

function targetOf([first]: readonly unknown[]): LocalObject {
  if (first instanceof Target) return first.object;
  throw typeError("the first argument is not a reference to an object of this server");
}

function refuseChange({ args }: Request): never {
  throw changeRefused(targetOf(args), attributeName(args[1]));
}

function callMethod(
  request: Request,
  { allowPublicAttrs }: HandlerContext,
  name: unknown,
  args: unknown,
  keywords: unknown,
): unknown {
  const method = attributeOf(targetOf(request.args), attributeName(name), allowPublicAttrs);
  return callValue(method, String(name), { args, keywords }, request.session);
}

// A slice of Python 2: `__getitem__(slice)`, or else `__getslice__(start, stop)`.
function callOldSlicing(request: Request, context: HandlerContext): unknown {
  const [, name, fallback, start, stop, rest] = request.args;
  const extra = Array.isArray(rest) ? rest : [];
  try {
    const slice = new Slice(start as BrineValue, stop as BrineValue, null);
    return callMethod(request, context, name, [slice, ...extra], []);
  } catch {
    return callMethod(request, context, fallback, [start, stop, ...extra], []);
  }
}

function releaseReferences({ args }: Request, { root, local }: HandlerContext): null {
  const { pack, value } = targetOf(args);
  const count = args[1] ?? 1n;
  if (typeof count !== "bigint" || count < 0n) {
    throw typeError("the count of references is not a positive int");
  }
  // The root object is never released.
  if (value !== root) local.release(pack, count);
  return null;
}

async function bufferedItems({ view }: LocalObject, count: unknown): Promise<unknown> {
  const iterator = view.iterate?.();
  if (iterator === undefined) throw typeError(`'${shortClassName(view)}' object is not iterable`);
  if (typeof count !== "bigint" || count < 0n) {
    throw valueError("the count of items is not a positive int");
  }
  const items: unknown[] = [];
  const most = count > MAX_BUFFERED_ITEMS ? MAX_BUFFERED_ITEMS : Number(count);
  while (items.length < most) {
    const next = iterator.next();
    const step = next instanceof Promise ? await next : next;
    if (step.done) break;
    items.push(step.value);
  }
  return pythonTuple(items);
}
