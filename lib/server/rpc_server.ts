import type { CallContext, CallEvent, Dispatcher } from "../rpc/mod.ts";
import { handleMessage, type MessageService } from "../rpc/mod.ts";
import type { MessageLimits, Protocol } from "../rpc/mod.ts";
import { settledWithin } from "./settled_within.ts";
import { type Trace, traceReply, traceRequest } from "../rpc/mod.ts";
import type { ServerTransport } from "./transport.ts";

/** Runs a handler for a message: at once, later, beside others. Settles when the next message may be taken. */
export type Spawn = (
  handler: (context: CallContext, message: Uint8Array) => Promise<void>,
  context: CallContext,
  message: Uint8Array,
) => void | Promise<void>;

/** Options of {@link RpcServer}. */
export interface RpcServerOptions {
  /** @default {spawnSequentially} */
  readonly spawn?: Spawn;
  readonly limits?: MessageLimits;
  readonly observe?: (event: CallEvent) => void;
  /** A clock for `observe`, in milliseconds. */
  readonly now?: () => number;
}

/** One message after the other: the next is taken when the reply of the last is sent (tinyrpc's `RPCServer`). */
export const spawnSequentially: Spawn = (handler, context, message) => handler(context, message);

/** Messages beside one another; replies go out as they are ready (tinyrpc's `RPCServerGreenlets`). */
export const spawnConcurrently: Spawn = (handler, context, message) => {
  void handler(context, message);
};

/**
 * A server of any transport, any protocol and any dispatcher.
 *
 * @example
 * const server = new RpcServer(transport, jsonrpcProtocol, dispatcher);
 * server.trace = (direction, context, message) => log(direction, message);
 * await server.serveForever();
 */
export class RpcServer {
  readonly transport: ServerTransport;
  readonly protocol: Protocol;
  dispatcher: Dispatcher;
  /** Called with `-->` and each message as received, with `<--` and each reply when it is sent. May be set at any time. */
  trace: Trace | undefined;
  /** How a message's handler is run. */
  spawn: Spawn;
  readonly #options: RpcServerOptions;
  readonly #running = new Set<Promise<void>>();
  #stopping = false;

  constructor(
    transport: ServerTransport,
    protocol: Protocol,
    dispatcher: Dispatcher,
    options: RpcServerOptions = {},
  ) {
    this.transport = transport;
    this.protocol = protocol;
    this.dispatcher = dispatcher;
    this.spawn = options.spawn ?? spawnSequentially;
    this.#options = options;
  }

  /**
   * Takes one message and hands it to {@link spawn}.
   *
   * @returns `false` when the transport is closed and there was no message.
   */
  async receiveOneMessage(): Promise<boolean> {
    const received = await this.transport.receiveMessage();
    if (received === undefined) return false;
    const { context, message } = received;
    traceRequest(this.#service(), context, message);
    await this.spawn((context, message) => this.#track(context, message), context, message);
    return true;
  }

  /** Takes messages until {@link stop} is called or the transport ends. */
  async serveForever(): Promise<void> {
    while (!this.#stopping && await this.receiveOneMessage());
    await Promise.all(this.#running);
  }

  /** Takes no more messages, waits at most `graceMs` for those that run, closes the transport. */
  async stop(graceMs = 5000): Promise<void> {
    this.#stopping = true;
    this.transport.stop();
    await settledWithin([...this.#running], graceMs);
    await this.transport.close();
  }

  #track(context: CallContext, message: Uint8Array): Promise<void> {
    const running = this.#handle(context, message).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  async #handle(context: CallContext, message: Uint8Array): Promise<void> {
    // The request was traced when it was received, perhaps long before it is handled.
    const reply = await handleMessage({ ...this.#service(), trace: undefined }, message, context);
    try {
      await this.transport.sendReply(context, reply);
    } catch {
      // A peer that went away takes no reply; the next message is waiting.
      return;
    }
    traceReply(this.#service(), context, reply);
  }

  #service(): MessageService {
    const { protocol, dispatcher, trace } = this;
    const { limits, observe, now } = this.#options;
    return {
      protocol,
      dispatcher,
      trace,
      ...(limits === undefined ? {} : { limits }),
      ...(observe === undefined ? {} : { observe }),
      ...(now === undefined ? {} : { now }),
    };
  }
}
