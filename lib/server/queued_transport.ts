import type { CallContext } from "../rpc/mod.ts";
import { MessageQueue } from "./message_queue.ts";
import type { MessageService, Reply } from "../rpc/mod.ts";
import type { Protocol } from "../rpc/mod.ts";
import type { Listener, Received, ServerTransport } from "./transport.ts";

/**
 * Any listener as the transport of an `RpcServer`: what it receives waits in a queue until the server takes it, and its
 * exchange stays open until the server has sent the reply.
 *
 * @example
 * const transport = await queuedTransport(jsonrpcProtocol, (service) =>
 *   listenStream({ host: "127.0.0.1", port: 4000 }, serveMessages(service)));
 * await new RpcServer(transport, jsonrpcProtocol, dispatcher).serveForever();
 *
 * @param protocol Tells the listener whether messages are text or bytes.
 */
export async function queuedTransport(
  protocol: Pick<Protocol, "name" | "contentType" | "binary">,
  listen: (service: MessageService) => Promise<Listener> | Listener,
): Promise<ServerTransport & { readonly listener: Listener }> {
  const inbox = new MessageQueue();
  const waiting = new Map<CallContext, (reply: Reply) => void>();
  const listener = await listen(queueService(protocol, (received) =>
    new Promise((resolve) => {
      waiting.set(received.context, resolve);
      inbox.push(received);
    })));
  const end = () => inbox.close();
  void listener.ended.then(end, end);
  return {
    listener,
    receiveMessage: () => inbox.take(),
    sendReply(context, reply) {
      waiting.get(context)?.(reply);
      waiting.delete(context);
    },
    stop: () => inbox.close(),
    close: () => listener.close(),
  };
}

// A service that understands nothing: the message goes into the queue as it is, what comes out of it is the reply.
function queueService(
  { name, contentType, binary }: Pick<Protocol, "name" | "contentType" | "binary">,
  enqueue: (received: Received) => Promise<Reply>,
): MessageService {
  return {
    protocol: {
      name,
      contentType,
      binary,
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
        // Some transports have one context for all messages of a connection: each message needs its own here.
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
    ...(headers === undefined ? {} : { headers }),
    identity,
    get signal() {
      return context.signal as AbortSignal;
    },
  };
}

/** A transport of two functions: one gives the next message (or nothing at the end), one takes replies. */
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
