import type { CallContext, CallEvent, Dispatcher, Outcome, RpcCall } from "./call.ts";
import { procedureFailed } from "./call.ts";
import {
  DEFAULT_MESSAGE_LIMITS,
  type Encoded,
  type Incoming,
  type Item,
  type MessageLimits,
  type Protocol,
} from "./protocol.ts";
import { type Traced, traceRequest } from "./trace.ts";
import { unsendableOutcome } from "./unsendable.ts";

/** A protocol, a dispatcher and their observers. `dispatcher`, `trace` and `observe` may change at any time. */
export interface MessageService extends Traced {
  readonly protocol: Protocol;
  dispatcher: Dispatcher;
  readonly limits?: MessageLimits;
  /** Receives every call. Exceptions are ignored. */
  observe?: ((event: CallEvent) => void) | undefined;
  /** Clock for `observe`, in milliseconds. Required with `observe` only. */
  readonly now?: () => number;
}

/** An encoded reply, or `undefined` for none. */
export type Reply = Encoded | undefined;

/**
 * Parses a message, dispatches its calls one after the other, and formats their outcomes. Never throws, never rejects.
 * Traces the request only: the sender of the reply traces it with {@link traceReply}.
 */
export function handleMessage(
  service: MessageService,
  message: Uint8Array,
  context: CallContext,
): Reply | Promise<Reply> {
  traceRequest(service, context, message);
  return handleParsed(service, parseMessage(service, message), context);
}

/** Parses a message within the service's limits. Never throws: an unreadable message becomes a refusal. */
export function parseMessage(service: MessageService, message: Uint8Array): Incoming {
  return service.protocol.parse(message, service.limits ?? DEFAULT_MESSAGE_LIMITS);
}

/** {@link handleMessage} for a parsed message. */
export function handleParsed(
  service: MessageService,
  { batch, items }: Incoming,
  context: CallContext,
): Reply | Promise<Reply> {
  if (batch) return handleBatch(service, items, context);
  return items[0] === undefined ? undefined : handleItem(service, items[0], context);
}

async function handleBatch(
  service: MessageService,
  items: readonly Item[],
  context: CallContext,
): Promise<Reply> {
  const replies: Encoded[] = [];
  for (const item of items) {
    const running = handleItem(service, item, context);
    // Awaiting a plain value would cost a microtask for each call.
    const reply = running instanceof Promise ? await running : running;
    if (reply !== undefined) replies.push(reply);
  }
  return service.protocol.formatBatch(replies);
}

function handleItem(
  service: MessageService,
  item: Item,
  context: CallContext,
): Reply | Promise<Reply> {
  if (item.call === undefined) {
    return service.protocol.formatReply(item, { ok: false, fault: item.refusal });
  }
  const started = service.observe === undefined ? 0 : service.now?.() ?? 0;
  const finish = (outcome: Outcome) => format(service, item, outcome, context, started);
  try {
    const outcome = service.dispatcher.dispatch(item.call, context);
    return outcome instanceof Promise
      ? outcome.catch(procedureFailed).then(finish)
      : finish(outcome);
  } catch (error) {
    return finish(procedureFailed(error));
  }
}

function format(
  service: MessageService,
  item: Item & { readonly call: RpcCall },
  outcome: Outcome,
  context: CallContext,
  started: number,
): Reply {
  const { protocol } = service;
  const { method, params } = item.call;
  let sent = outcome;
  let reply: Reply;
  try {
    reply = protocol.formatReply(item, outcome);
  } catch (error) {
    sent = unsendableOutcome(method, outcome, error);
    reply = protocol.formatReply(item, sent);
  }
  if (service.observe === undefined) return reply;
  const ms = (service.now?.() ?? 0) - started;
  try {
    service.observe({ method, params, outcome: sent, ms, context, protocol: protocol.name });
  } catch {
    // A failing observer must not fail the request.
  }
  return reply;
}
