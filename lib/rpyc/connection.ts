/** One RPyC connection. Both sides can send requests at any time, and no request blocks the reading of messages. */
import type { Duplex } from "node:stream";
import { Boxing } from "./boxing.ts";
import type { BrineValue } from "./brine.ts";
import { CallSession, type SessionPeer } from "./call_session.ts";
import { Handler, type IdPack, Label, MessageType } from "./consts.ts";
import { isMalformed, malformedMessage } from "./errors.ts";
import { LocalObjects } from "./local_objects.ts";
import { type Message, type SequenceNumber, writeMessage, writeValueReply } from "./message.ts";
import { MessageStream } from "./message_stream.ts";
import { viewOf } from "./objects/view_of.ts";
import { RPYC_LIMITS, type RpycLimits, type RpycOptions } from "./options.ts";
import { OutgoingRequests } from "./outgoing_requests.ts";
import { PythonError, typeError } from "./python_errors.ts";
import { pythonTuple } from "./python_types.ts";
import { RemoteProxies } from "./remote_proxies.ts";
import { RemoteReference, RemoteReferences } from "./remote_references.ts";
import { type HandlerContext, handleRequest, NO_REPLY } from "./request_handlers.ts";
import { type Request, RequestQueue } from "./request_queue.ts";
import { rootObject } from "./root_object.ts";
import type { RpycService, ServiceConnection, ServiceSource } from "./service.ts";
import { Hinted } from "./type_hint.ts";
import { toBrine } from "./values.ts";
import { dumpException, loadException } from "./vinegar.ts";

/** A running connection. */
export class RpycConnection implements ServiceConnection {
  readonly credentials: unknown;
  readonly peer: string | undefined;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
  /** The error that ended the connection; `undefined` if it ended normally. */
  failure: unknown;

  readonly #includeTraceback: boolean;
  readonly #onFailure: RpycOptions["onFailure"];
  readonly #service: RpycService;
  readonly #messages: MessageStream;
  readonly #queue: RequestQueue;
  readonly #outgoing: OutgoingRequests;
  readonly #local: LocalObjects;
  readonly #remote: RemoteReferences;
  readonly #boxing: Boxing;
  readonly #session: SessionPeer;
  #resolveClosed = () => {};

  constructor(stream: Duplex, source: ServiceSource, options: RpycOptions) {
    const limits = { ...RPYC_LIMITS, ...options.limits };
    this.#includeTraceback = options.includeTraceback ?? true;
    this.#onFailure = options.onFailure;
    this.credentials = options.credentials;
    this.peer = options.peer;
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
    this.#service = source(this);
    this.#local = new LocalObjects(limits.maxReferences);
    this.#remote = new RemoteReferences(
      limits.maxReferences,
      (pack, count) => this.#releaseRemote(pack, count),
    );
    const proxies = new RemoteProxies({
      ask: (handler, args) => this.ask(handler, args),
      request: (handler, args) => this.#request(handler, args),
      newSession: () => this.#newSession(),
    }, limits.maxReferences);
    this.#session = this.#sessionPeer(proxies);
    this.#boxing = new Boxing({ local: this.#local, remote: this.#remote, proxies });
    this.#outgoing = new OutgoingRequests(limits.requestTimeout, () => this.#queue.startNext());
    this.#queue = this.#requestQueue(limits, options);
    this.#messages = new MessageStream(stream, {
      limits,
      queued: () => this.#queue.size,
      awaited: () => this.#outgoing.size,
      onMessage: (message) => this.#onMessage(message),
      onEnd: (error) => this.#end(error),
    });
    void this.#start();
  }

  close(): void {
    this.#end();
  }

  /** Returns the client's own service. */
  async root(): Promise<unknown> {
    return await this.ask(Handler.GetRoot, []);
  }

  /** Sends a request to the client; the result is copied to this side as an argument would be. */
  async ask(handler: number, args: readonly unknown[]): Promise<unknown> {
    const session = this.#newSession();
    try {
      return await session.toPlain(await this.#request(handler, args, session));
    } finally {
      session.end();
    }
  }

  #newSession(): CallSession {
    return new CallSession(this.#session);
  }

  #sessionPeer(proxies: RemoteProxies): SessionPeer {
    return {
      request: (handler, args, session) => this.#request(handler, args, session),
      proxyOf: (reference, kind) => proxies.proxyOf(reference, kind),
      methodsOf: (reference) => proxies.methodsOf(reference),
      functionOf: (callable) => proxies.functionOf(callable),
      releaseReference: (reference) => this.#remote.release(reference),
      describe: (value) =>
        value instanceof RemoteReference
          ? `<${value.className} object of the client>`
          : viewOf(value, undefined).repr(this.#newSession()),
    };
  }

  #requestQueue({ maxPending }: RpycLimits, options: RpycOptions): RequestQueue {
    const root = rootObject(this.#service);
    // The client cannot release the root: this reference is never returned.
    this.#local.send(root);
    const context: HandlerContext = {
      root,
      local: this.#local,
      allowPublicAttrs: options.allowPublicAttrs ?? false,
      allowPickle: options.allowPickle ?? false,
      end: () => this.#end(),
    };
    return new RequestQueue({
      maxPending,
      awaited: () => this.#outgoing.size,
      handle: (request) => handleRequest(request, context),
      onResult: (request, result) => this.#reply(request, result),
      onError: ({ seq }, error) => this.#sendException(seq, error),
      onRoom: () => this.#messages.resume(),
    });
  }

  async #start(): Promise<void> {
    try {
      await this.#service.onConnect?.(this);
    } catch (error) {
      return this.#end(error);
    }
    if (this.#messages.isOpen) this.#messages.start();
  }

  #end(error?: unknown): void {
    if (!this.#messages.isOpen) return;
    this.failure = error;
    if (error !== undefined && !isPeerError(error)) {
      this.#onFailure?.(isMalformed(error) ? error.message : error);
    }
    const closed = this.#messages.close(error !== undefined);
    this.#queue.close();
    this.#local.clear();
    this.#remote.clear();
    this.#outgoing.rejectAll();
    const disconnected = Promise.resolve()
      .then(() => this.#service.onDisconnect?.(this))
      // The client has left: it cannot receive the error.
      .catch((error: unknown) => this.#onFailure?.(error));
    void Promise.all([closed, disconnected]).then(() => this.#resolveClosed());
  }

  #onMessage({ type, seq, body }: Message): void {
    if (type === MessageType.Request) return this.#onRequest(seq, body);
    if (type === MessageType.Reply) return this.#onReply(seq, body);
    if (type === MessageType.Exception) {
      return this.#outgoing.take(seq)?.reject(loadException(body));
    }
    throw malformedMessage(`unknown type ${type}`);
  }

  #onRequest(seq: SequenceNumber, body: BrineValue): void {
    const session = this.#newSession();
    let request: Request;
    try {
      if (!Array.isArray(body) || body.length !== 2) {
        throw typeError("a request is a pair of handler and arguments");
      }
      const handlerId = body[0] as BrineValue;
      if (typeof handlerId !== "bigint") throw new PythonError("KeyError", String(handlerId));
      const handler = Number(handlerId);
      const args = this.#boxing.unboxArguments(body[1] as BrineValue, session, handler);
      request = { seq, handlerId, handler, args, session };
    } catch (error) {
      session.end();
      return this.#sendException(seq, error);
    }
    this.#queue.add(request);
  }

  #onReply(seq: SequenceNumber, body: BrineValue): void {
    const request = this.#outgoing.take(seq);
    try {
      // Unboxed even if the request timed out, so that received references are counted.
      const value = this.#boxing.unbox(body, request?.session);
      request?.resolve(value);
    } catch (error) {
      request?.reject(error);
    }
  }

  #request(handler: number, args: readonly unknown[], session?: CallSession): Promise<unknown> {
    if (!this.#messages.isOpen) {
      return Promise.reject(new PythonError("EOFError", "connection is closed"));
    }
    const boxed = this.#boxing.box(pythonTuple(args), session);
    return this.#outgoing.add(session, (seq) => {
      this.#send(MessageType.Request, seq, [BigInt(handler), boxed]);
      // The client may need the result of a queued request before it can reply.
      this.#messages.resumeForReply();
      this.#queue.startNext();
    });
  }

  // Does not wait for the client's reply.
  #releaseRemote(pack: IdPack, count: bigint): void {
    const args: BrineValue = [Label.Tuple, [[Label.LocalReference, pack], [Label.Value, count]]];
    const seq = this.#outgoing.nextSequenceNumber();
    this.#send(MessageType.Request, seq, [BigInt(Handler.Del), args]);
  }

  #reply({ seq, session }: Request, result: unknown): void {
    if (result === NO_REPLY || !this.#messages.isOpen) return;
    let body: BrineValue;
    try {
      // Most results are sent by value and need no box.
      const value = result instanceof Hinted ? toBrine(result.value, result.hint) : toBrine(result);
      if (value !== undefined) return this.#messages.write(writeValueReply(seq, value));
      body = this.#boxing.box(result, session);
    } catch (error) {
      return this.#sendException(seq, error);
    }
    this.#send(MessageType.Reply, seq, body);
  }

  #sendException(seq: SequenceNumber, error: unknown): void {
    const includeTraceback = this.#includeTraceback;
    let body: BrineValue;
    try {
      body = dumpException(error, { includeTraceback });
    } catch {
      const unknown = new PythonError("Exception", "the error cannot be described");
      body = dumpException(unknown, { includeTraceback: false });
    }
    this.#send(MessageType.Exception, seq, body);
  }

  #send(type: number, seq: SequenceNumber, body: BrineValue): void {
    if (this.#messages.isOpen) this.#messages.write(writeMessage(type, seq, body));
  }
}

/** Errors of the socket: the client left. */
function isPeerError(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" && /^(?:E[A-Z]+|ERR_STREAM_\w+)$/.test(code);
}
