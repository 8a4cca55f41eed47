import type { Buffer } from "node:buffer";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { ChunkReader } from "./chunk_reader.ts";
import type { CallContext } from "../rpc/mod.ts";
import type { ConnectionInfo, ServeConnection } from "./connection.ts";
import type { Framing } from "./listen_address.ts";
import { frame, frameReader, FramingError } from "./framing.ts";
import { handleMessage, type MessageService, type Reply } from "../rpc/mod.ts";
import { traceReply } from "../rpc/mod.ts";

/** Options of {@link serveMessages}. Times in milliseconds. */
export interface ServeMessagesOptions {
  /** @default {"line" for text, "length" for bytes} */
  readonly framing?: Framing;
  /** Bytes of one message. @default {4 MiB} */
  readonly maxMessage?: number;
  /** Time for the rest of a message that has begun. @default {30000} */
  readonly messageTimeout?: number;
  /** Time without any message; 0 is unlimited. @default {0} */
  readonly idleTimeout?: number;
}

const MAX_MESSAGE = 4 * 1024 * 1024;

/**
 * Serves framed messages on a connection, one after the other, with replies in the same order. A message that is too
 * large gets the protocol's error, and the connection is closed: its end is unknown.
 */
export function serveMessages(
  service: MessageService,
  options: ServeMessagesOptions = {},
): ServeConnection {
  const usual = options.framing ?? (service.protocol.binary ? "length" : "line");
  return async (connection, info) => {
    const framing = info.framing ?? usual;
    const reader = frameReader(framing, options.maxMessage ?? MAX_MESSAGE);
    // Calls that a peer sent before it closed its side are answered.
    connection.allowHalfOpen = true;
    const chunks = new ChunkReader(connection);
    const closing = closeWith(connection, info);
    const timer = watchTime(connection, options);
    // Errors end the loop below; without a listener they would end the process.
    connection.on("error", () => connection.destroy());
    try {
      for (let chunk = await chunks.next(); chunk !== undefined; chunk = await chunks.next()) {
        timer.stop();
        closing.busy = true;
        for (const message of reader.push(chunk)) {
          await answer(service, framing, connection, info, message);
          if (closing.asked) return;
        }
        closing.busy = false;
        timer.start(reader.pending > 0);
      }
      const last = reader.rest();
      if (last !== undefined) await answer(service, framing, connection, info, last);
    } catch (error) {
      if (error instanceof FramingError) await refuse(service, framing, connection, error);
    } finally {
      timer.stop();
      closing.forget();
      await endOf(connection);
    }
  };
}

async function answer(
  service: MessageService,
  framing: Framing,
  connection: Duplex,
  info: ConnectionInfo,
  message: Uint8Array,
): Promise<void> {
  const context: CallContext = {
    transport: info.transport,
    remote: info.remote,
    identity: info.identity,
    signal: info.signal,
  };
  const reply = await handleMessage(service, message, context);
  if (reply === undefined && info.answersAll !== true) return;
  await send(connection, frame(framing, reply ?? ""));
  traceReply(service, context, reply);
}

async function refuse(
  service: MessageService,
  framing: Framing,
  connection: Duplex,
  error: FramingError,
): Promise<void> {
  const reply: Reply = service.protocol.formatReply(
    { refusal: { kind: "invalid-request", message: error.message }, id: null },
    {
      ok: false,
      fault: { kind: "invalid-request", message: `Invalid request: ${error.message}` },
    },
  );
  if (reply !== undefined) await send(connection, frame(framing, reply));
}

// Waits for a peer that does not read, instead of buffering its replies.
async function send(connection: Duplex, bytes: Buffer): Promise<void> {
  if (connection.destroyed || connection.writableEnded) return;
  if (connection.write(bytes)) return;
  await Promise.race([
    once(connection, "drain").catch(() => undefined),
    once(connection, "close").catch(() => undefined),
  ]);
}

// Closes the connection when the server stops: at once between two messages, or after the reply to the current one.
function closeWith(connection: Duplex, { signal, stopping }: ConnectionInfo) {
  const closing = { busy: false, asked: false, forget };
  const destroy = () => connection.destroy();
  const stop = () => {
    closing.asked = true;
    if (!closing.busy) connection.destroy();
  };
  signal.addEventListener("abort", destroy, { once: true });
  stopping?.addEventListener("abort", stop, { once: true });
  if (signal.aborted) destroy();
  else if (stopping?.aborted === true) stop();
  function forget() {
    signal.removeEventListener("abort", destroy);
    stopping?.removeEventListener("abort", stop);
  }
  return closing;
}

function watchTime(
  connection: Duplex,
  { messageTimeout = 30_000, idleTimeout = 0 }: ServeMessagesOptions,
) {
  let timer: NodeJS.Timeout | undefined;
  let began = false;
  const start = (inMessage: boolean) => {
    const ms = inMessage ? messageTimeout : idleTimeout;
    // A message that arrives in pieces has one time for all of them.
    if (inMessage && began) return;
    began = inMessage;
    clearTimeout(timer);
    timer = ms > 0 ? setTimeout(() => connection.destroy(), ms) : undefined;
  };
  start(false);
  return {
    start,
    stop() {
      if (began) return;
      clearTimeout(timer);
    },
  };
}

function endOf(connection: Duplex): Promise<void> {
  if (connection.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => connection.destroy(), 1000);
    connection.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    connection.end(() => connection.destroy());
  });
}
