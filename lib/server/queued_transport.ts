import { defined } from "../defined.ts";
import type { CallContext } from "../rpc/mod.ts";
import { MessageQueue } from "./message_queue.ts";
import type { MessageService, Reply } from "../rpc/mod.ts";
import type { Protocol } from "../rpc/mod.ts";
import type { Listener, Received, ServerTransport } from "./transport.ts";

/**
 * Makes a listener the transport of an `RpcServer`: received messages wait in a queue, and each exchange stays open until
 * the server has sent its reply.
 *
 * @example
 * ```ts
 * import { jsonrpcProtocol, RpcDispatcher } from "../rpc/mod.ts";
 * import { listenStream, queuedTransport, RpcServer, serveMessages } from "./mod.ts";
 *
 * const transport = await queuedTransport(
 *   jsonrpcProtocol,
 *   (service) => listenStream({ host: "127.0.0.1", port: 0 }, serveMessages(service)),
 * );
 * const server = new RpcServer(transport, jsonrpcProtocol, new RpcDispatcher());
 * const served = server.serveForever();
 * await server.stop();
 * await served;
 * ```
 *
 * @param protocol determines whether messages are text or bytes
 */
export async function queuedTransport(
  protocol: WireProtocol,
  listen: (service: MessageService) => Promise<Listener> | Listener,
): Promise<ServerTransport & { readonly listener: Listener }> {
  const queue = new MessageQueue();
  const waiting = new Map<CallContext, (reply: Reply) => void>();
  const listener = await listen(queueService(protocol, (received) =>
    new Promise((resolve) => {
      waiting.set(received.context, resolve);
      queue.push(received);
    })));
  const end = () => queue.close();
  void listener.ended.then(end, end);
  return {
    listener,
    receiveMessage: () => queue.take(),
    sendReply(context, reply) {
      waiting.get(context)?.(reply);
      waiting.delete(context);
    },
    stop: () => queue.close(),
    close: () => listener.close(),
  };
}

type WireProtocol = Pick<
  Protocol,
  "name" | "contentType" | "binary" | "framing" | "answersNotifications"
>;

// A service that does not parse: it queues each message, and the queue provides the reply.
function queueService(
  { name, contentType, binary, framing, answersNotifications }: WireProtocol,
  enqueue: (received: Received) => Promise<Reply>,
): MessageService {
  return {
    protocol: {
      name,
      contentType,
      binary,
      ...defined({ framing, answersNotifications }),
      parse: (message) => ({
        batch: false,
        items: [{ call: { method: "", params: [message] }, id: null, oneWay: false }],
      }),
      formatReply: (_item, outcome) =>
        outcome.ok && outcome.value !== null ? outcome.value as string | Uint8Array : undefined,
      formatBatch: () => undefined,
    },
    dispatcher: {
      has: () => true,
      async dispatch({ params }, context) {
        const [message] = params as readonly [Uint8Array];
        // Some transports share one context among all messages of a connection: each message needs its own here.
        const own = copyOf(context);
        return { ok: true, value: await enqueue({ context: own, message }) ?? null };
      },
    },
  };
}

function copyOf(context: CallContext): CallContext {
  const { transport, remote, headers, identity } = context;
  return {
    transport,
    remote,
    ...defined({ headers }),
    identity,
    get signal() {
      return context.signal as AbortSignal;
    },
  };
}

/** Makes a transport of two functions: one returns the next message (`undefined` at the end), one sends replies. */
export function callbackTransport(
  reader: () => Promise<Uint8Array | undefined> | Uint8Array | undefined,
  writer: (reply: string | Uint8Array) => void | Promise<void>,
): ServerTransport {
  let stopped = false;
  return {
    async receiveMessage() {
      const message = stopped ? undefined : await reader();
      return message === undefined
        ? undefined
        : { context: { transport: "callback", remote: "" }, message };
    },
    async sendReply(_context, reply) {
      if (reply !== undefined) await writer(reply);
    },
    stop() {
      stopped = true;
    },
    close: () => Promise.resolve(),
  };
}
