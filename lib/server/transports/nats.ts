import { Buffer } from "node:buffer";
import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import { defined } from "../../defined.ts";
import type { CallContext } from "../../rpc/mod.ts";
import { natsCredentialsUnusable, natsRefused, natsUnreachable } from "../errors.ts";
import { handleMessage, type MessageService, type Reply } from "../../rpc/mod.ts";
import { traceReply } from "../../rpc/mod.ts";
import { settledWithin } from "../settled_within.ts";
import type { Listener } from "../transport.ts";
import { type NatsAddress, type NatsCredentials, natsUrl } from "./nats_address.ts";

/** Events of the connection to the NATS server. */
export type NatsEvent =
  | { readonly kind: "disconnected" | "reconnected"; readonly server: string }
  | { readonly kind: "error"; readonly message: string };

/** Options of the connection to any NATS server. */
export interface NatsConnectionOptions {
  /** Credentials for addresses without any. */
  readonly credentials?: NatsCredentials;
  /** PEM texts for addresses with TLS: the trusted authority, and the client certificate. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly onEvent?: (event: NatsEvent) => void;
}

/** Options of {@link serveNats}. */
export interface NatsOptions extends NatsConnectionOptions {
  /** Bytes of one message; NATS itself allows 1 MiB by default. @default {4 MiB} */
  readonly maxMessage?: number;
  /** Calls running at one time; more wait. @default {1000} */
  readonly maxRunning?: number;
  /** Bytes of waiting messages; further ones are refused. @default {64 MiB} */
  readonly maxWaiting?: number;
  /** Answers requests at `SUBJECT.schema`. */
  readonly document?: () => string;
  /** Milliseconds for connecting and logging in. @default {10000} */
  readonly connectTimeout?: number;
}

/**
 * Serves the messages of a NATS subject, as a member of a queue group: the NATS server sends each to one member. The
 * reply goes to the inbox of the message; a message without an inbox has no reply. The connection is restored by itself.
 *
 * @throws ToolError `SERVER_NATS_UNREACHABLE`, `SERVER_NATS_REFUSED`
 */
export async function serveNats(
  address: NatsAddress,
  service: MessageService,
  options: NatsOptions = {},
): Promise<Listener> {
  const connection = await connectTo(address, options);
  const requests = new Requests(service, connection, options);
  let refusal: Error | undefined;
  const subscribe = (subject: string, receive: (message: Msg) => void): Subscription =>
    connection.subscribe(subject, {
      queue: address.queue,
      callback(error, message) {
        if (error === null) receive(message);
        else refusal = error;
      },
    });
  const { document } = options;
  const subscriptions = [
    subscribe(address.subject, (message) => requests.take(message)),
    ...(document === undefined ? [] : [
      subscribe(`${address.subject}.schema`, (message) => requests.answer(message, document())),
    ]),
  ];
  // The server answers the flush after it has refused a subscription.
  await connection.flush().catch((error: Error) => refusal = error);
  if (refusal !== undefined) {
    await connection.close();
    throw natsRefused(natsUrl(address), refusal);
  }
  void forwardEvents(connection, options.onEvent);
  return {
    url: natsUrl(address),
    port: undefined,
    ended: endOf(address, connection, subscriptions),
    async close(graceMs = 0) {
      // Messages that the server sent before it received the unsubscription still arrive, and are answered.
      await settledWithin(subscriptions.map((each) => each.drain().catch(() => undefined)), 2000);
      await requests.end(graceMs);
      await settledWithin([connection.flush()], 1000);
      await connection.close();
    },
  };
}

async function connectTo(address: NatsAddress, options: NatsOptions): Promise<NatsConnection> {
  const { connect, credsAuthenticator } = await import("@nats-io/transport-node");
  const { credentials = options.credentials, server, secure } = address;
  const login = () => {
    if (credentials === undefined) return {};
    if ("token" in credentials) return credentials;
    if ("user" in credentials) return { user: credentials.user, pass: credentials.password };
    const authenticator = credsAuthenticator(Buffer.from(credentials.creds));
    try {
      // Tested here: while connecting, its exception would be lost.
      authenticator("");
    } catch (error) {
      throw natsCredentialsUnusable(error as Error);
    }
    return { authenticator };
  };
  const loggingIn = login();
  try {
    return await connect({
      servers: server,
      name: `pyrpc ${address.subject}`,
      timeout: options.connectTimeout ?? 10_000,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      // Spreads the reconnects of all members of a group.
      reconnectJitter: 500,
      // A restarted server may not have loaded its users yet.
      ignoreAuthErrorAbort: true,
      // Stack traces for each request cost more than the request.
      noAsyncTraces: true,
      ...loggingIn,
      ...(secure ? { tls: { ...options.tls } } : {}),
    });
  } catch (error) {
    throw natsUnreachable(natsUrl(address), error as Error);
  }
}

/** Settles when the connection has ended; rejects if it or a subscription is lost for good, such as by a revoked permission. */
function endOf(
  address: NatsAddress,
  connection: NatsConnection,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    void connection.closed().then((error) =>
      error ? reject(natsUnreachable(natsUrl(address), error)) : resolve()
    );
    for (const { closed } of subscriptions) {
      void closed.then((error) => error && reject(natsRefused(natsUrl(address), error)));
    }
  });
  // Awaiting the end is optional.
  ended.catch(() => undefined);
  return ended;
}

async function forwardEvents(
  connection: NatsConnection,
  onEvent: NatsOptions["onEvent"] = () => undefined,
): Promise<void> {
  let last = "";
  for await (const status of connection.status()) {
    if (status.type === "disconnect") onEvent({ kind: "disconnected", server: status.server });
    else if (status.type === "reconnect") {
      last = "";
      onEvent({ kind: "reconnected", server: status.server });
    } else if (status.type === "error") {
      // A forbidden reply or a refused login causes an error for each request or attempt: report each kind once.
      const kind = status.error.message.replace(/"[^"]*"/g, "");
      if (kind !== last) onEvent({ kind: "error", message: status.error.message });
      last = kind;
    }
  }
}

/** The calls of one connection: runs a number at a time, queues others, and answers each. */
class Requests {
  readonly #service: MessageService;
  readonly #connection: NatsConnection;
  readonly #maxMessage: number;
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #abort = new AbortController();
  readonly #running = new Map<Msg, Promise<void>>();
  readonly #waiting: Msg[] = [];
  #waitingBytes = 0;

  constructor(service: MessageService, connection: NatsConnection, options: NatsOptions) {
    this.#service = service;
    this.#connection = connection;
    this.#maxMessage = options.maxMessage ?? 4 * 1024 * 1024;
    this.#maxRunning = options.maxRunning ?? 1000;
    this.#maxWaiting = options.maxWaiting ?? 64 * 1024 * 1024;
  }

  take(message: Msg): void {
    const size = message.data.length;
    if (size > this.#maxMessage) {
      this.#refuse(message, `Invalid request: more than ${this.#maxMessage} bytes`);
    } else if (this.#running.size < this.#maxRunning) {
      this.#run(message);
    } else if (this.#waitingBytes + size <= this.#maxWaiting) {
      this.#waitingBytes += size;
      this.#waiting.push(message);
    } else {
      this.#refuse(message, `The server is busy with ${this.#running.size} requests`, "procedure");
    }
  }

  /** Sends a reply, or an error if it is too large; nothing if the message has no inbox. */
  answer(message: Msg, reply: Reply): void {
    if (message.reply === undefined || message.reply === "") return;
    const context = this.#contextOf(message);
    // A notification that was sent as a request gets an empty reply.
    const bytes = reply === undefined
      ? Buffer.alloc(0)
      : typeof reply === "string"
      ? Buffer.from(reply)
      : reply;
    const most = this.#connection.info?.max_payload ?? Infinity;
    if (bytes.length > most) {
      const problem = `The reply has ${bytes.length} bytes, the NATS server accepts ${most}`;
      return this.#refuse(message, problem, "procedure");
    }
    try {
      message.respond(bytes);
    } catch {
      // The connection is closed for good.
      return;
    }
    traceReply(this.#service, context, reply);
  }

  /** Waits for running and queued calls, at most `graceMs`; the remaining ones get an error. */
  async end(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    while (this.#running.size > 0 && performance.now() < deadline) {
      await settledWithin([Promise.race(this.#running.values())], deadline - performance.now());
    }
    this.#abort.abort();
    for (const message of [...this.#running.keys(), ...this.#waiting]) {
      this.#refuse(message, "The server was stopped before it had answered", "procedure");
    }
    this.#running.clear();
    this.#waiting.length = 0;
  }

  #run(message: Msg): void {
    const reply = handleMessage(this.#service, message.data, this.#contextOf(message));
    if (!(reply instanceof Promise)) return this.answer(message, reply);
    this.#running.set(
      message,
      reply.then((settled) => {
        // Missing if the server was stopped, which answered it.
        if (!this.#running.delete(message)) return;
        this.answer(message, settled);
        this.#next();
      }),
    );
  }

  #next(): void {
    while (this.#running.size < this.#maxRunning) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#waitingBytes -= message.data.length;
      this.#run(message);
    }
  }

  #refuse(
    message: Msg,
    problem: string,
    kind: "invalid-request" | "procedure" = "invalid-request",
  ): void {
    const fault = {
      kind,
      message: problem,
      ...defined({ code: kind === "procedure" ? -32000 : undefined }),
    };
    const item = { refusal: fault, id: null };
    this.answer(message, this.#service.protocol.formatReply(item, { ok: false, fault }));
  }

  #contextOf({ reply = "" }: Msg): CallContext {
    return { transport: "nats", remote: reply, signal: this.#abort.signal };
  }
}
