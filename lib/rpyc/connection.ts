/** One rpyc connection: both sides may ask at any time, and nothing here ever waits while it could read. */
import type { Duplex } from "node:stream";
import {
  BRINE_LIMITS,
  type BrineValue,
  type BrineWriter,
  decodeBrine,
  NotImplemented,
  Slice,
} from "./brine.ts";
import { CallSession, type SessionPeer } from "./call_session.ts";
import { beginFrame, endFrame, FrameReader } from "./channel.ts";
import { Handler, Label, Message } from "./consts.ts";
import { malformedMessage } from "./errors.ts";
import { type IdPack, type LocalObject, LocalObjects } from "./local_objects.ts";
import {
  boundMethod,
  type CallContext,
  Hinted,
  type Keywords,
  type PythonCallable,
} from "./objects/view.ts";
import { viewOf } from "./objects/view_of.ts";
import { pickle } from "./pickle.ts";
import type { ServeConnection } from "../server/mod.ts";
import type { ServiceSource } from "./handler_service.ts";
import { attributeError, PythonError, typeError, valueError } from "./python_errors.ts";
import { RemoteObject } from "./remote_object.ts";
import { RemoteReference, RemoteReferences } from "./remote_references.ts";
import { EXPOSED_PREFIX, SAFE_NAMES } from "./safe_names.ts";
import { rootObject, type RpycService, type ServiceConnection } from "./service.ts";
import type { TypeHint } from "./type_hint.ts";
import { isPythonTuple, pythonTuple, toBrine } from "./values.ts";
import { dumpException, loadException } from "./vinegar.ts";

/** Bounds of a connection. */
export interface RpycLimits {
  /** Largest message in bytes, as sent and inflated. @default {64 MiB} */
  readonly maxMessageSize: number;
  /** Objects that a client may hold references to, and references of the client's held here. @default {100,000} each */
  readonly maxReferences: number;
  /** Requests that wait for their turn; further ones are not read until some are done. @default {1000} */
  readonly maxPending: number;
  /** Milliseconds that the client may take to answer a question of ours. @default {30,000, as rpyc's own} */
  readonly requestTimeout: number;
  /** Milliseconds without a byte in the middle of a message. @default {60,000} */
  readonly stallTimeout: number;
}

/** The default {@link RpycLimits}. */
export const RPYC_LIMITS: RpycLimits = {
  maxMessageSize: 64 * 1024 * 1024,
  maxReferences: 100_000,
  maxPending: 1000,
  requestTimeout: 30_000,
  stallTimeout: 60_000,
};

/** Options of {@link serveRpyc}. */
export interface RpycOptions {
  readonly limits?: Partial<RpycLimits>;
  /** Whether every attribute without a leading underscore may be used (`list.append`, fields of instances). */
  readonly allowPublicAttrs?: boolean;
  /** Whether results can be copied whole with `obtain()` and `copy.copy()`. */
  readonly allowPickle?: boolean;
  /** Whether exceptions carry the traceback text. @default {true} */
  readonly includeTraceback?: boolean;
  /** What the authenticator returned. */
  readonly credentials?: unknown;
  /** The client's address. */
  readonly peer?: string;
}

/** The number of a request, which its answer repeats: a bigint only where a double does not hold it. */
type Sequence = number | bigint;

interface PendingRequest {
  readonly seq: Sequence;
  /** The handler's number as it was sent, and as one that is compared fast. */
  readonly asked: bigint;
  readonly handler: number;
  /** The first may be a {@link Target}. */
  readonly args: readonly unknown[];
  readonly session: CallSession;
}

interface Question {
  readonly session: CallSession | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
  /** Its stack names who asked. */
  readonly asked: Error;
}

/** An error whose stack names who asked: it is made when a timer or the socket says so, far from the handler. */
function errorFor({ asked }: Pick<Question, "asked">, error: PythonError): PythonError {
  const [, ...frames] = (asked.stack ?? "").split("\n");
  error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
  return error;
}

/** What is not answered in turn, because it changes nothing and must not wait for a slow call. */
function isAnsweredAtOnce(handler: number): boolean {
  switch (handler) {
    case Handler.Ping:
    case Handler.GetRoot:
    case Handler.Del:
    case Handler.Inspect:
      return true;
  }
  return false;
}

/** The number of the first argument that holds arguments or keyword arguments of the call that a request is. */
function firstOfCall(handler: number): number {
  if (handler === Handler.Call) return 1;
  return handler === Handler.CallAttr ? 2 : Infinity;
}

/** Output that a client has not read yet, from which on nothing more is read from it. */
const MAX_UNREAD_OUTPUT = 1024 * 1024;
const MAX_BOX_DEPTH = 100;
const MAX_BUFFERED_ITEMS = 100_000;

/**
 * Serves one connection until either side ends it.
 *
 * @returns resolves when the connection is over, whatever ended it; never rejects.
 */
export function serveRpyc(
  stream: Duplex,
  service: ServiceSource,
  options: RpycOptions = {},
): Promise<void> {
  try {
    return new RpycConnection(stream, service, options).closed;
  } catch {
    // A service that cannot be made ends its own connection only.
    stream.destroy();
    return Promise.resolve();
  }
}

/**
 * RPyC as a way to serve connections, for any transport and mode.
 *
 * @param service makes the service of each connection
 */
export function rpycConnections(
  service: ServiceSource,
  options: RpycOptions = {},
): ServeConnection {
  return async (stream, info) => {
    const { signal } = info;
    const onAbort = () => void stream.destroy();
    signal.addEventListener("abort", onAbort, { once: true });
    await serveRpyc(stream, service, {
      ...options,
      credentials: info.identity,
      ...(info.remote === "" ? {} : { peer: info.remote }),
    });
    signal.removeEventListener("abort", onAbort);
  };
}

/** A running connection. */
export class RpycConnection implements ServiceConnection {
  readonly credentials: unknown;
  readonly peer: string | undefined;
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  /** What ended the connection when it was not its normal end. */
  failure: unknown;

  readonly #stream: Duplex;
  readonly #service: RpycService;
  readonly #options: RpycOptions;
  readonly #limits: RpycLimits;
  readonly #reader: FrameReader;
  readonly #root: object;
  readonly #local: LocalObjects;
  readonly #remote: RemoteReferences;
  readonly #session: SessionPeer;
  readonly #proxies = new WeakMap<RemoteReference, WeakRef<object>>();
  readonly #referenceOf = new WeakMap<object, RemoteReference>();
  readonly #callableOf = new WeakMap<object, object>();
  readonly #methods = new Map<string, Promise<ReadonlySet<string>>>();
  readonly #questions = new Map<Sequence, Question>();
  readonly #queue: PendingRequest[] = [];
  readonly #finish: () => void;
  #nextSeq = 0;
  #running = 0;
  #asking = 0;
  #paused = false;
  #isOpen = true;
  #stall: ReturnType<typeof setTimeout> | undefined;

  constructor(stream: Duplex, source: ServiceSource, options: RpycOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#limits = { ...RPYC_LIMITS, ...options.limits };
    this.credentials = options.credentials;
    this.peer = options.peer;
    this.#reader = new FrameReader(this.#limits.maxMessageSize);
    this.#service = source(this);
    this.#root = rootObject(this.#service);
    this.#local = new LocalObjects(this.#limits.maxReferences);
    // The root is never forgotten, however often the client lets go of it.
    this.#local.send(this.#root);
    this.#remote = new RemoteReferences(
      this.#limits.maxReferences,
      (pack, count) => this.#letGo(pack, count),
    );
    this.#session = {
      request: (handler, args, session) => this.#ask(handler, args, session),
      proxyOf: (reference, kind) => this.#proxyOf(reference, kind),
      methodsOf: (reference) => this.#methodsOf(reference),
      functionOf: (callable) => this.#functionOf(callable),
      releaseReference: (reference) => this.#remote.release(reference),
      describe: (value) => this.#describe(value),
    };
    const { promise, resolve } = promiseWithResolvers();
    this.closed = promise;
    this.#finish = resolve;
    stream.on("error", (error) => this.#end(error));
    stream.on("close", () => this.#end());
    stream.on("end", () => this.#end());
    stream.on("drain", () => this.#resume());
    void this.#start();
  }

  close(): void {
    this.#end();
  }

  /** The client's own service. */
  async root(): Promise<unknown> {
    return await this.ask(Handler.GetRoot, []);
  }

  /** A request to the client; its answer is copied here as an argument would be. */
  async ask(handler: number, args: readonly unknown[]): Promise<unknown> {
    const session = new CallSession(this.#session);
    try {
      return await session.toPlain(await this.#ask(handler, args, session));
    } finally {
      session.end();
    }
  }

  // ---- life of the connection ----

  async #start(): Promise<void> {
    try {
      await this.#service.onConnect?.(this);
    } catch (error) {
      return this.#end(error);
    }
    if (!this.#isOpen) return;
    this.#stream.on("data", (chunk: Uint8Array) => this.#onData(chunk));
    // An authenticator may have paused it.
    this.#stream.resume();
  }

  #end(error?: unknown): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.failure = error;
    clearTimeout(this.#stall);
    this.#queue.length = 0;
    this.#local.clear();
    this.#remote.clear();
    for (const question of this.#questions.values()) {
      clearTimeout(question.timer);
      question.reject(
        errorFor(question, new PythonError("EOFError", "connection closed by peer")),
      );
    }
    this.#questions.clear();
    // What was answered last still leaves; a client that does not read it cannot keep the socket.
    const closed = new Promise<void>((resolve) => {
      if (this.#stream.closed) resolve();
      else this.#stream.once("close", resolve);
    });
    this.#stream.end();
    const timer = setTimeout(() => this.#stream.destroy(), error === undefined ? 1000 : 0);
    const left = Promise.resolve().then(() => this.#service.onDisconnect?.(this)).catch(() => {
      // The connection is over: nobody is left to tell.
    });
    void Promise.all([closed, left]).then(() => {
      clearTimeout(timer);
      this.#finish();
    });
  }

  #onData(chunk: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#reader.push(chunk);
    this.#drain();
  }

  #drain(): void {
    try {
      while (this.#isOpen && !this.#mustPause()) {
        if (!this.#reader.take()) break;
        this.#onMessage();
      }
      this.#reader.release();
    } catch (error) {
      return this.#end(error);
    }
    this.#watchStall();
  }

  // A client that only sends is not read any further. While it is being asked something it must be read: its answer comes there.
  #mustPause(): boolean {
    const full = this.#queue.length >= this.#limits.maxPending ||
      this.#stream.writableLength > MAX_UNREAD_OUTPUT;
    if (!full || this.#asking > 0) return false;
    if (!this.#paused) {
      this.#paused = true;
      this.#stream.pause();
    }
    return true;
  }

  #resume(): void {
    if (!this.#paused || !this.#isOpen) return;
    if (this.#queue.length > this.#limits.maxPending / 2) return;
    if (this.#stream.writableLength > MAX_UNREAD_OUTPUT) return;
    this.#paused = false;
    this.#stream.resume();
    this.#drain();
  }

  #watchStall(): void {
    if (this.#stall !== undefined) {
      clearTimeout(this.#stall);
      this.#stall = undefined;
    }
    if (!this.#isOpen || this.#paused || this.#reader.pending === 0) return;
    this.#stall = setTimeout(() => {
      this.#end(malformedMessage(`nothing more came for ${this.#limits.stallTimeout} ms`));
    }, this.#limits.stallTimeout);
  }

  // ---- messages ----

  #onMessage(): void {
    const { data, start, end } = this.#reader;
    const type = start < end ? data[start] : undefined;
    const message = decodeBrine(data, BRINE_LIMITS, start + 1, end);
    if (!Array.isArray(message) || message.length !== 2 || typeof message[0] !== "bigint") {
      throw malformedMessage("no pair of sequence number and arguments");
    }
    const seq = sequenceOf(message[0]);
    const body = message[1] as BrineValue;
    if (type === Message.Request) return this.#onRequest(seq, body);
    if (type === Message.Reply) return this.#onReply(seq, body);
    if (type === Message.Exception) return this.#onException(seq, body);
    throw malformedMessage(`unknown type ${type}`);
  }

  #send(type: number, seq: Sequence, body: BrineValue): void {
    if (!this.#isOpen) return;
    const writer = beginMessage(type, seq);
    writer.value(body);
    this.#stream.write(endFrame());
  }

  #sendValue(seq: Sequence, value: BrineValue): void {
    if (!this.#isOpen) return;
    const writer = beginMessage(Message.Reply, seq);
    writer.tuple(2);
    writer.int(VALUE);
    writer.value(value);
    this.#stream.write(endFrame());
  }

  #onReply(seq: Sequence, body: BrineValue): void {
    const question = this.#takeQuestion(seq);
    try {
      const value = this.#unbox(body, question?.session);
      question?.resolve(value);
    } catch (error) {
      question?.reject(error);
    }
  }

  #onException(seq: Sequence, body: BrineValue): void {
    const question = this.#takeQuestion(seq);
    question?.reject(errorFor(question, loadException(body)));
  }

  #takeQuestion(seq: Sequence): Question | undefined {
    const question = this.#questions.get(seq);
    if (question === undefined) return undefined;
    this.#questions.delete(seq);
    clearTimeout(question.timer);
    this.#asking--;
    return question;
  }

  #ask(handler: number, args: readonly unknown[], session?: CallSession): Promise<unknown> {
    if (!this.#isOpen) return Promise.reject(new PythonError("EOFError", "connection is closed"));
    const seq = this.#nextSeq++;
    const body: BrineValue = [
      BigInt(handler),
      this.#box(pythonTuple(args), undefined, session, 0),
    ];
    const asked = new Error();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#takeQuestion(seq);
        reject(errorFor({ asked }, new PythonError("TimeoutError", "result expired")));
        this.#pump();
      }, this.#limits.requestTimeout);
      this.#questions.set(seq, { session, resolve, reject, timer, asked });
      this.#asking++;
      this.#send(Message.Request, seq, body);
      // While this waits, the client may need an answer of ours first.
      if (this.#paused) this.#resumeForAnswer();
      this.#pump();
    });
  }

  #resumeForAnswer(): void {
    this.#paused = false;
    this.#stream.resume();
    queueMicrotask(() => this.#drain());
  }

  /** Tells the client that references were let go; its reply is not waited for. */
  #letGo(pack: IdPack, count: bigint): void {
    if (!this.#isOpen) return;
    const args: BrineValue = [Label.Tuple, [[Label.LocalReference, pack], [Label.Value, count]]];
    this.#send(Message.Request, this.#nextSeq++, [BigInt(Handler.Del), args]);
  }

  // ---- requests, in turn ----

  #onRequest(seq: Sequence, body: BrineValue): void {
    const session = new CallSession(this.#session);
    let request: PendingRequest;
    try {
      if (!Array.isArray(body) || body.length !== 2) {
        throw typeError("a request is a pair of handler and arguments");
      }
      const asked = body[0] as BrineValue;
      const boxed = body[1] as BrineValue;
      if (typeof asked !== "bigint") throw new PythonError("KeyError", String(asked));
      const handler = Number(asked);
      const args = this.#unboxArguments(boxed, session, handler);
      request = { seq, asked, handler, args, session };
    } catch (error) {
      session.end();
      return this.#sendException(seq, error);
    }
    this.#take(request);
  }

  #take(request: PendingRequest): void {
    if (isAnsweredAtOnce(request.handler)) return this.#run(request);
    if (this.#queue.length === 0 && this.#mayStart()) return this.#run(request);
    if (this.#queue.length >= this.#limits.maxPending) {
      const error = new PythonError("RuntimeError", "too many pending requests");
      return this.#sendException(request.seq, error);
    }
    this.#queue.push(request);
  }

  // One after the other as on a real server; but while one waits for the client, the next may be what the client needs for its answer.
  #mayStart(): boolean {
    return this.#running === 0 || this.#running <= this.#asking;
  }

  #pump(): void {
    while (this.#isOpen && this.#queue.length > 0 && this.#mayStart()) {
      this.#run(this.#queue.shift()!);
    }
    this.#resume();
  }

  #run(request: PendingRequest): void {
    const inTurn = !isAnsweredAtOnce(request.handler);
    if (inTurn) this.#running++;
    try {
      const result = this.#handle(request);
      if (isThenable(result)) {
        result.then(
          (value) => this.#succeed(request, inTurn, value),
          (error) => this.#fail(request, inTurn, error),
        );
      } else this.#succeed(request, inTurn, result);
    } catch (error) {
      this.#fail(request, inTurn, error);
    }
  }

  #succeed(request: PendingRequest, inTurn: boolean, result: unknown): void {
    if (result !== NO_REPLY) this.#reply(request, result);
    this.#done(request, inTurn);
  }

  #fail(request: PendingRequest, inTurn: boolean, error: unknown): void {
    this.#sendException(request.seq, error);
    this.#done(request, inTurn);
  }

  #done({ session }: PendingRequest, inTurn: boolean): void {
    session.end();
    if (!inTurn) return;
    this.#running--;
    // Not from inside itself: a long queue of short calls must not grow the stack.
    if (this.#queue.length > 0) queueMicrotask(() => this.#pump());
    else this.#resume();
  }

  #reply({ seq, session }: PendingRequest, result: unknown): void {
    if (!this.#isOpen) return;
    let body: BrineValue;
    try {
      // What most results are: no boxes are made of it.
      const value = result instanceof Hinted ? toBrine(result.value, result.hint) : toBrine(result);
      if (value !== undefined) return this.#sendValue(seq, value);
      body = this.#box(result, undefined, session, 0);
    } catch (error) {
      return this.#sendException(seq, error);
    }
    this.#send(Message.Reply, seq, body);
  }

  #sendException(seq: Sequence, error: unknown): void {
    const includeTraceback = this.#options.includeTraceback ?? true;
    let body: BrineValue;
    try {
      body = dumpException(error, { includeTraceback });
    } catch {
      body = dumpException(new PythonError("Exception", "the error cannot be described"), {
        includeTraceback: false,
      });
    }
    this.#send(Message.Exception, seq, body);
  }

  // ---- boxing ----

  #box(
    value: unknown,
    hint: TypeHint | undefined,
    session: CallSession | undefined,
    depth: number,
  ): BrineValue {
    if (value instanceof Hinted) return this.#box(value.value, value.hint, session, depth);
    if (depth > MAX_BOX_DEPTH) throw typeError("tuple is nested too deep");
    const brine = toBrine(value, hint);
    if (brine !== undefined) return [Label.Value, brine];
    const object = value as object;
    if (Array.isArray(object) && isPythonTuple(object)) {
      return [
        Label.Tuple,
        object.map((item, index) => this.#box(item, hint?.item(index), session, depth + 1)),
      ];
    }
    const reference = object instanceof RemoteReference
      ? object
      : this.#referenceOf.get(object) ?? session?.original(object);
    if (reference !== undefined) return [Label.LocalReference, reference.pack];
    return [Label.RemoteReference, this.#local.send(this.#callableOf.get(object) ?? object, hint)];
  }

  /** The first argument, which a request is about, comes as its table's entry when it is an object of ours. */
  #unboxArguments(boxed: BrineValue, session: CallSession, handler: number): readonly unknown[] {
    if (!Array.isArray(boxed) || boxed.length !== 2) throw valueError("a boxed value is a pair");
    const label = boxed[0] as BrineValue;
    const value = boxed[1] as BrineValue;
    const callFrom = firstOfCall(handler);
    if (label === Label.Value && Array.isArray(value)) {
      return value.map((item: BrineValue, index) =>
        index >= callFrom ? tagItems(item) : tagTuples(item)
      );
    }
    if (label === Label.Tuple && Array.isArray(value)) {
      const args: unknown[] = [];
      for (let index = 0; index < value.length; index++) {
        const pair = value[index] as BrineValue;
        args.push(
          index === 0
            ? this.#unboxFirst(pair, session)
            : index >= callFrom && Array.isArray(pair) && pair.length === 2 &&
                pair[0] === Label.Value
            ? tagItems(pair[1] as BrineValue)
            : this.#unbox(pair, session),
        );
      }
      return args;
    }
    const args = this.#unbox(boxed, session);
    if (!Array.isArray(args)) throw typeError("arguments are no tuple");
    return args;
  }

  #unboxFirst(pair: BrineValue, session: CallSession): unknown {
    if (Array.isArray(pair) && pair.length === 2 && pair[0] === Label.LocalReference) {
      return new Target(this.#local.find(pair[1]!));
    }
    return this.#unbox(pair, session);
  }

  #unbox(boxed: BrineValue, session?: CallSession): unknown {
    if (!Array.isArray(boxed) || boxed.length !== 2) throw valueError("a boxed value is a pair");
    const label = boxed[0] as BrineValue;
    const value = boxed[1] as BrineValue;
    switch (label) {
      case Label.Value:
        return tagTuples(value);
      case Label.Tuple: {
        if (!Array.isArray(value)) throw valueError("a boxed tuple is a tuple");
        const pairs = value as readonly BrineValue[];
        return pythonTuple(pairs.map((pair) => this.#unbox(pair, session)));
      }
      case Label.LocalReference:
        return this.#local.find(value).value;
      case Label.RemoteReference: {
        const reference = this.#remote.receive(value);
        session?.received(reference);
        return reference;
      }
    }
    throw valueError(`invalid label ${String(label)}`);
  }

  // ---- handlers ----

  #handle({ asked, handler, args, session }: PendingRequest): unknown {
    switch (handler) {
      case Handler.Ping:
        return args[0] instanceof Target ? args[0].object.value : args[0];
      case Handler.Close:
        this.#end();
        return NO_REPLY;
      case Handler.GetRoot:
        return this.#root;
      case Handler.GetAttr:
        return this.#attribute(targetOf(args), args[1]);
      case Handler.SetAttr:
      case Handler.DelAttr:
        throw this.#changeRefused(targetOf(args), args[1]);
      case Handler.Call:
        return this.#call(targetOf(args), args[1], args[2], session);
      case Handler.CallAttr: {
        const object = targetOf(args);
        const attribute = this.#attribute(object, args[1], session);
        return this.#callValue(attribute, args[2], args[3], session, String(args[1]));
      }
      case Handler.Repr:
        return targetOf(args).view.repr(session);
      case Handler.Str: {
        const { view } = targetOf(args);
        return view.str?.(session) ?? view.repr(session);
      }
      case Handler.Cmp:
        return this.#compare(targetOf(args), args[1], args[2] ?? "__cmp__", session);
      case Handler.Hash:
        return hashOf(targetOf(args), session);
      case Handler.Dir:
        return pythonTuple([...new Set([...targetOf(args).view.names(), ...OBJECT_NAMES])].sort());
      case Handler.Pickle:
        if (this.#options.allowPickle !== true) throw valueError("pickling is disabled");
        return pickle(targetOf(args).value);
      case Handler.Del: {
        const { pack, value } = targetOf(args);
        const count = args[1] ?? 1n;
        if (typeof count !== "bigint" || count < 0n) {
          throw typeError("the count of references is no int");
        }
        if (value !== this.#root) this.#local.release(pack, count);
        return null;
      }
      case Handler.Inspect: {
        const [pack] = args;
        const { view } = pack instanceof Target
          ? pack.object
          : this.#local.find(pack as BrineValue);
        return pythonTuple(view.names().map((name) => pythonTuple([name, null])));
      }
      case Handler.BuffIter:
        return this.#bufferedItems(targetOf(args), args[1]);
      case Handler.OldSlicing: {
        const [, attempt, fallback, start, stop, rest] = args;
        const extra = Array.isArray(rest) ? rest : [];
        const call = (name: unknown, list: unknown[]) =>
          this.#callValue(
            this.#attribute(targetOf(args), name, session),
            list,
            [],
            session,
            String(name),
          );
        try {
          return call(attempt, [
            new Slice(start as BrineValue, stop as BrineValue, null),
            ...extra,
          ]);
        } catch {
          return call(fallback, [start, stop, ...extra]);
        }
      }
      case Handler.CtxExit: {
        const exit = this.#attribute(targetOf(args), "__exit__", session);
        return this.#callValue(exit, [args[1] ?? null, null, null], [], session, "__exit__");
      }
      case Handler.InstanceCheck:
        return false;
    }
    throw new PythonError("KeyError", asked.toString(), { args: [asked] });
  }

  #call(object: LocalObject, args: unknown, keywords: unknown, session: CallSession): unknown {
    const { view } = object;
    if (view.call !== undefined) return view.call(sequence(args), pairs(keywords), session);
    const special = view.attribute("__call__");
    if (special === undefined) throw typeError(`'${typeNameOf(object)}' object is not callable`);
    return this.#callValue(special, args, keywords, session, "__call__");
  }

  #callValue(
    value: unknown,
    args: unknown,
    keywords: unknown,
    session: CallSession,
    name: string,
  ): unknown {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      throw typeError(`'${name}' is not callable`);
    }
    const view = viewOf(value, undefined);
    if (view.call === undefined) {
      throw typeError(`'${view.className.split(".").at(-1)}' object is not callable`);
    }
    return view.call(sequence(args), pairs(keywords), session);
  }

  /** rpyc's rules for names: exposed, safe, or public where that is allowed. */
  #attribute(object: LocalObject, given: unknown, session?: CallSession): unknown {
    const name = attributeName(given);
    const { view } = object;
    const allowed = name.startsWith(EXPOSED_PREFIX) || SAFE_NAMES.has(name) ||
      view.readable.has(name) ||
      (this.#options.allowPublicAttrs === true && !name.startsWith("_"));
    if (!allowed) throw view.refusal?.(name) ?? attributeError(`cannot access '${name}'`);
    const found = view.attribute(name) ?? this.#universal(object, name, session);
    if (found !== undefined) return found;
    throw attributeError(`'${typeNameOf(object)}' object has no attribute '${name}'`);
  }

  // What every Python object has.
  #universal(object: LocalObject, name: string, session?: CallSession): unknown {
    const { view, value } = object;
    if (name === "__doc__") return view.doc ?? null;
    const text = (method: (context: CallSession) => unknown): PythonCallable =>
      boundMethod(value, name, () => method(session ?? new CallSession(this.#session)));
    switch (name) {
      case "__eq__":
      case "__ne__":
      case "__lt__":
      case "__le__":
      case "__gt__":
      case "__ge__":
        return boundMethod(value, name, (_self, [other]) => view.compare(name, other));
      case "__hash__":
        return boundMethod(value, name, (_self, _args, context) => hashOf(object, context));
      case "__repr__":
        return text((context) => view.repr(context));
      case "__str__":
        return text((context) => view.str?.(context) ?? view.repr(context));
      case "__format__":
        return boundMethod(value, name, (_self, [spec], context) => {
          if (spec === "" || spec === undefined) return view.str?.(context) ?? view.repr(context);
          throw typeError(`unsupported format string passed to ${typeNameOf(object)}.__format__`);
        });
    }
    return undefined;
  }

  #changeRefused(object: LocalObject, given: unknown): Error {
    const name = attributeName(given);
    return attributeError(
      object.view.refusesChange === true ? "access denied" : `cannot access '${name}'`,
    );
  }

  #compare(
    object: LocalObject,
    other: unknown,
    operator: unknown,
    session: CallSession,
  ): unknown {
    const name = attributeName(operator);
    if (!COMPARISONS.has(name)) {
      throw attributeError(`type object '${typeNameOf(object)}' has no attribute '${name}'`);
    }
    const own = object.view.special?.(name);
    if (own !== undefined) return own.call([other], [], session);
    // A container of the client's is not fetched for this: a real server does not know its contents either.
    if (other instanceof RemoteReference) return NotImplemented;
    return object.view.compare(name, other);
  }

  async #bufferedItems(object: LocalObject, count: unknown): Promise<unknown> {
    const iterator = object.view.iterate?.();
    if (iterator === undefined) throw typeError(`'${typeNameOf(object)}' object is not iterable`);
    if (typeof count !== "bigint" || count < 0n) {
      throw valueError("the count of items is no positive int");
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

  // ---- what lives at the client ----

  #proxyOf(reference: RemoteReference, kind: "function" | "object"): object {
    const known = this.#proxies.get(reference)?.deref();
    if (known !== undefined) return known;
    const proxy = kind === "function"
      ? (...args: unknown[]) =>
        this.ask(Handler.Call, [reference, pythonTuple(args), pythonTuple([])])
      : new RemoteObject({ ask: (handler, args) => this.ask(handler, args) }, reference.className);
    this.#proxies.set(reference, new WeakRef(proxy));
    this.#referenceOf.set(proxy, reference);
    return proxy;
  }

  #methodsOf(reference: RemoteReference): Promise<ReadonlySet<string>> {
    const { className, pack } = reference;
    const key = `${className}:${pack[1]}`;
    let methods = this.#methods.get(key);
    if (methods === undefined) {
      methods = this.#ask(Handler.Inspect, [pythonTuple([...pack])]).then((answer) =>
        new Set(
          (Array.isArray(answer) ? answer : []).flatMap((pair: unknown) =>
            Array.isArray(pair) && typeof pair[0] === "string" ? [pair[0]] : []
          ),
        )
      );
      if (this.#methods.size < this.#limits.maxReferences) this.#methods.set(key, methods);
    }
    return methods;
  }

  #functionOf(callable: object): unknown {
    const proxy = (...args: unknown[]) =>
      (callable as PythonCallable).call(args, [], new CallSession(this.#session));
    this.#callableOf.set(proxy, callable);
    return proxy;
  }

  #describe(value: object): string {
    if (value instanceof RemoteReference) return `<${value.className} object of the client>`;
    return viewOf(value, undefined).repr(new CallSession(this.#session));
  }
}

/** The object that a request is about, as its table entry. */
class Target {
  readonly object: LocalObject;
  constructor(object: LocalObject) {
    this.object = object;
  }
}

function sequenceOf(value: bigint): Sequence {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Begins the frame of a message, of which the body comes next. */
function beginMessage(type: number, seq: Sequence): BrineWriter {
  const writer = beginFrame();
  writer.byte(type);
  writer.tuple(2);
  if (typeof seq === "number") writer.int(seq);
  else writer.value(seq);
  return writer;
}

function targetOf([first]: readonly unknown[]): LocalObject {
  if (first instanceof Target) return first.object;
  throw typeError("the first argument is no reference to an object of this server");
}

const VALUE = Number(Label.Value);
const NO_KEYWORDS: Keywords = [];
const NO_REPLY: unique symbol = Symbol("no reply");
const COMPARISONS: ReadonlySet<string> = new Set([
  "__eq__",
  "__ne__",
  "__lt__",
  "__le__",
  "__gt__",
  "__ge__",
]);
const OBJECT_NAMES: readonly string[] = [
  ...COMPARISONS,
  "__doc__",
  "__format__",
  "__hash__",
  "__repr__",
  "__str__",
];

function hashOf({ view, pack }: LocalObject, context: CallContext): unknown {
  const own = view.special?.("__hash__");
  if (own !== undefined) return own.call([], [], context);
  if (!view.hashable) throw typeError(`unhashable type: '${view.className.split(".").at(-1)}'`);
  return pack[2];
}

function typeNameOf({ view }: LocalObject): string {
  return view.className.split(".").at(-1)!;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function attributeName(given: unknown): string {
  if (typeof given === "string") return given;
  if (given instanceof Uint8Array) return UTF8.decode(given);
  throw typeError("name must be a string");
}

function sequence(args: unknown): readonly unknown[] {
  if (Array.isArray(args)) return args;
  throw typeError("arguments are no tuple");
}

function pairs(keywords: unknown): Keywords {
  if (keywords === undefined) return NO_KEYWORDS;
  if (!Array.isArray(keywords)) throw typeError("keyword arguments are no tuple");
  if (keywords.length === 0) return NO_KEYWORDS;
  return keywords.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw typeError("a keyword argument is a pair");
    return [attributeName(pair[0]), pair[1] as unknown] as const;
  });
}

// The arguments of a call, themselves no value.
function tagItems(value: BrineValue): unknown {
  return Array.isArray(value) && value.some(isTuple)
    ? (value as readonly BrineValue[]).map(tagTuples)
    : value;
}

function isTuple(value: BrineValue): boolean {
  return Array.isArray(value);
}

// Tuples are marked, so that they are told from lists of ours; a value that holds none costs nothing.
function tagTuples(value: BrineValue): unknown {
  return Array.isArray(value)
    ? pythonTuple((value as readonly BrineValue[]).map(tagTuples))
    : value;
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}

function promiseWithResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => resolve = done);
  return { promise, resolve };
}
