import { Buffer } from "node:buffer";
import type { CallContext, CallEvent, Dispatcher, Outcome } from "./call.ts";
import { failed, procedureFailed } from "./call.ts";
import { KnownCalls } from "./known_calls.ts";
import { CallMemory, type Remembered, TextItem } from "./call_memory.ts";
import {
  DEFAULT_MESSAGE_LIMITS,
  type Encoded,
  type Incoming,
  type Item,
  type MessageLimits,
  type Protocol,
} from "./protocol.ts";
import { decodeUtf8 } from "./text.ts";
import type { Trace } from "./trace.ts";

/** A protocol, a dispatcher and who watches. Everything but the first two may be changed while running. */
export interface MessageService {
  readonly protocol: Protocol;
  dispatcher: Dispatcher;
  readonly limits?: MessageLimits;
  /** Sees the raw bytes both ways. What it throws harms no request. */
  trace?: Trace | undefined;
  /** Sees every call. What it throws harms no request. */
  observe?: ((event: CallEvent) => void) | undefined;
  /** Told of every message when it is read. */
  readonly onMessage?: (() => void) | undefined;
  /** A clock for `observe`, in milliseconds. Needed with `observe` only. */
  readonly now?: () => number;
  /** Whether anybody looks at what `observe` is told. Absent: somebody does. */
  readonly isWatched?: () => boolean;
  /** Told of how many calls `observe` is not told, since nobody looks. */
  readonly onUnwatched?: (calls: number) => void;
  /** Kept here by the message handler; another dispatcher begins another one. */
  memory?: CallMemory | undefined;
  /** As well. */
  knownCalls?: KnownCalls | undefined;
}

/** A reply that is ready to be sent, or `undefined` for none. */
export type Reply = Encoded | undefined;

/**
 * Takes one message to its reply: parses it, dispatches its calls one after the other, formats what became of them.
 * Answers without a promise where nothing had to be waited for. Never throws, never rejects.
 *
 * Only `-->` is traced here: `<--` belongs to whoever sends the reply ({@link traceReply}).
 */
export function handleMessage(
  service: MessageService,
  message: Uint8Array,
  context: CallContext,
): Reply | Promise<Reply> {
  traceRequest(service, context, message);
  const reply = handleParsed(service, parseMessage(service, message, context), context);
  // Transports tell text from bytes.
  return reply instanceof Uint8Array && !service.protocol.binary ? decodeUtf8(reply) : reply;
}

/** Reads a message. Never throws: what cannot be read is a refusal. */
export function parseMessage(
  service: MessageService,
  message: Uint8Array,
  context: CallContext,
): Incoming {
  service.onMessage?.();
  const limits = service.limits ?? DEFAULT_MESSAGE_LIMITS;
  const memory = memoryFor(service, context);
  const known = memory === undefined || isWatched(service)
    ? undefined
    : memory.answer(message, limits);
  return known ?? memory?.read(message, limits, context) ??
    knownCallsFor(service)?.read(message, limits) ?? service.protocol.parse(message, limits);
}

function isWatched({ observe, isWatched }: MessageService): boolean {
  return observe !== undefined && (isWatched === undefined || isWatched());
}

function memoryFor(service: MessageService, context: CallContext): CallMemory | undefined {
  const { dispatcher, protocol: { name, texts } } = service;
  if (texts === undefined || dispatcher.mayRemember?.(context) !== true) return undefined;
  if (service.memory?.dispatcher !== dispatcher) {
    service.memory = new CallMemory(name, texts, dispatcher);
  }
  return service.memory;
}

function knownCallsFor(service: MessageService): KnownCalls | undefined {
  const { dispatcher, protocol: { texts } } = service;
  if (texts === undefined || dispatcher.relay === undefined) return undefined;
  if (service.knownCalls?.dispatcher !== dispatcher) {
    service.knownCalls = new KnownCalls(texts, dispatcher);
  }
  return service.knownCalls;
}

/** {@link handleMessage} for a message that was parsed already. The reply may be text as bytes. */
export function handleParsed(
  service: MessageService,
  incoming: Incoming,
  context: CallContext,
): Reply | Promise<Reply> {
  if (incoming.known !== undefined) {
    service.onUnwatched?.(incoming.known.calls);
    return incoming.known.reply;
  }
  if (!incoming.batch) {
    const item = incoming.items[0];
    return item === undefined ? undefined : runItem(service, item, context);
  }
  return runBatch(service, incoming.items, context);
}

/** {@link handleParsed} for who is called back, once and perhaps at once. */
export function answerParsed(
  service: MessageService,
  incoming: Incoming,
  context: CallContext,
  answer: (reply: Reply) => void,
): void {
  const { relay } = service.dispatcher;
  const item = incoming.batch ? undefined : incoming.items[0];
  if (relay !== undefined && item?.call?.same !== undefined) {
    const started = startOf(service);
    const finish = (outcome: Outcome) =>
      answer(finishItem(service, item, context, outcome, started));
    if (relay.ask(item.call, context, finish)) return;
  }
  const reply = handleParsed(service, incoming, context);
  if (reply instanceof Promise) void reply.then(answer);
  else answer(reply);
}

/** Calls the service's trace for a message that came in. */
export function traceRequest(
  service: MessageService,
  context: CallContext,
  message: Uint8Array,
): void {
  if (service.trace !== undefined) traceMessage(service, "-->", context, message);
}

/** Calls the service's trace for a reply that was sent. */
export function traceReply(service: MessageService, context: CallContext, reply: Reply): void {
  if (service.trace === undefined || reply === undefined) return;
  traceMessage(service, "<--", context, typeof reply === "string" ? Buffer.from(reply) : reply);
}

function runItem(
  service: MessageService,
  item: Item,
  context: CallContext,
): Reply | Promise<Reply> {
  if (item instanceof TextItem) {
    if (item.known !== undefined) return replyAgain(service, item, item.known);
  } else if (item.call === undefined) {
    return service.protocol.formatReply(item, { ok: false, fault: item.refusal });
  }
  const started = startOf(service);
  let outcome: Outcome | Promise<Outcome>;
  try {
    outcome = service.dispatcher.dispatch(item.call, context);
  } catch (error) {
    outcome = procedureFailed(error);
  }
  if (outcome instanceof Promise) {
    return outcome.then(
      (settled) => finishItem(service, item, context, settled, started),
      (error) => finishItem(service, item, context, procedureFailed(error), started),
    );
  }
  return finishItem(service, item, context, outcome, started);
}

function startOf({ observe, now }: MessageService): number {
  return observe === undefined ? 0 : now?.() ?? 0;
}

function finishItem(
  service: MessageService,
  item: Item,
  context: CallContext,
  outcome: Outcome,
  started: number,
): Reply {
  const { observe, protocol } = service;
  const ms = observe === undefined ? 0 : (service.now?.() ?? 0) - started;
  let told = outcome;
  let reply: Reply;
  try {
    reply = item instanceof TextItem ? item.reply(outcome) : protocol.formatReply(item, outcome);
  } catch (error) {
    told = unsent(item.call?.method ?? "", outcome, error);
    reply = protocol.formatReply(item, told);
  }
  if (observe !== undefined && item.call !== undefined) {
    const { method, params } = item.call;
    try {
      observe({ method, params, outcome: told, ms, context, protocol: protocol.name });
    } catch {
      // Whoever watches must not harm who is watched.
    }
  }
  return reply;
}

// What the encoding cannot hold is still answered: of a result why, of an error everything but its data.
function unsent(method: string, outcome: Outcome, error: unknown): Outcome {
  if (!outcome.ok) {
    const { data: _, ...fault } = outcome.fault;
    return failed(fault);
  }
  const problem = error instanceof Error ? error.message : String(error);
  return failed({ kind: "result", message: `Result of ${method}: ${problem}` });
}

function replyAgain(
  { observe }: MessageService,
  item: TextItem,
  known: Remembered,
): Reply {
  if (observe !== undefined) {
    try {
      observe(item);
    } catch {
      // As below.
    }
  }
  return item.replyAgain(known);
}

function runBatch(
  service: MessageService,
  items: readonly Item[],
  context: CallContext,
): Reply | Promise<Reply> {
  const replies: Encoded[] = [];
  for (let index = 0; index < items.length; index++) {
    const reply = runItem(service, items[index]!, context);
    if (reply instanceof Promise) {
      return runRest(service, items.slice(index + 1), context, replies, reply);
    }
    if (reply !== undefined) replies.push(reply);
  }
  return service.protocol.formatBatch(replies);
}

async function runRest(
  service: MessageService,
  items: readonly Item[],
  context: CallContext,
  replies: Encoded[],
  running: Promise<Reply>,
): Promise<Reply> {
  const first = await running;
  if (first !== undefined) replies.push(first);
  for (const item of items) {
    const reply = await runItem(service, item, context);
    if (reply !== undefined) replies.push(reply);
  }
  return service.protocol.formatBatch(replies);
}

function traceMessage(
  service: MessageService,
  direction: "-->" | "<--",
  context: CallContext,
  message: Uint8Array,
): void {
  try {
    service.trace?.(direction, context, message);
  } catch {
    // A failing trace harms no request.
  }
}
