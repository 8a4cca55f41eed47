import { defined } from "../defined.ts";
import type { CallContext, CallEvent, Dispatcher } from "../rpc/mod.ts";
import { handleMessage, type MessageService } from "../rpc/mod.ts";
import type { MessageLimits, Protocol } from "../rpc/mod.ts";
import { settledWithin } from "./settled_within.ts";
import { type Trace, traceReply, traceRequest } from "../rpc/mod.ts";
import type { ServerTransport } from "./transport.ts";

/** Runs the handler of a message: at once, later, or concurrently. Settles when the next message may be received. */
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
  /** Clock for `observe`, in milliseconds. */
  readonly now?: () => number;
}

/** Runs one message after the other: the next is received after the reply is sent (tinyrpc's `RPCServer`). */
export const spawnSequentially: Spawn = (handler, context, message) => handler(context, message);

/** Runs messages concurrently; replies are sent as they are ready (tinyrpc's `RPCServerGreenlets`). */
export const spawnConcurrently: Spawn = (handler, context, message) => {
  void handler(context, message);
};

/**
 * Serves any transport with any protocol and any dispatcher.
 *
 * @example
 * ```ts
 * import { jsonrpcProtocol, RpcDispatcher } from "../rpc/mod.ts";
 * import { RpcServer, type ServerTransport } from "./mod.ts";
 *
 * const dispatcher = new RpcDispatcher();
 * dispatcher.addMethod(function add(a: number, b: number) {
 *   return a + b;
 * });
 * // `transport` is any ServerTransport, such as one of `queuedTransport()`.
 * const serverOf = (transport: ServerTransport) => {
 *   const server = new RpcServer(transport, jsonrpcProtocol, dispatcher);
 *   server.trace = (direction, _context, message) => console.log(direction, message);
 *   return server.serveForever();
 * };
 * typeof serverOf; // "function"
 * ```
 */
export class RpcServer {
  readonly transport: ServerTransport;
  readonly protocol: Protocol;
  dispatcher: Dispatcher;
  /** Receives `-->` with each message, and `<--` with each reply. May be set at any time. */
  trace: Trace | undefined;
  /** Runs the handler of each message. */
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
   * Receives one message and passes it to {@link spawn}.
   *
   * @returns `false` if the transport was closed before a message came
   */
  async receiveOneMessage(): Promise<boolean> {
    const received = await this.transport.receiveMessage();
    if (received === undefined) return false;
    const { context, message } = received;
    traceRequest(this.#service(), context, message);
    await this.spawn((context, message) => this.#track(context, message), context, message);
    return true;
  }

  /** Receives messages until {@link stop} is called or the transport ends. */
  async serveForever(): Promise<void> {
    while (!this.#stopping && await this.receiveOneMessage());
    await Promise.all(this.#running);
  }

  /** Receives no more messages, waits at most `graceMs` for running ones, and closes the transport. */
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
    // The request was traced when it was received.
    const reply = await handleMessage({ ...this.#service(), trace: undefined }, message, context);
    try {
      await this.transport.sendReply(context, reply);
    } catch {
      // The peer is gone.
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
      ...defined({ limits, observe, now }),
    };
  }
}
