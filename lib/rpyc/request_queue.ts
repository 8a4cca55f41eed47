/** The order in which a connection handles its requests. */
import type { CallSession } from "./call_session.ts";
import { Handler } from "./consts.ts";
import type { SequenceNumber } from "./message.ts";
import { PythonError } from "./python_errors.ts";

/** A request of the client with unboxed arguments. */
export interface Request {
  readonly seq: SequenceNumber;
  /** The handler's number as the client sent it. */
  readonly handlerId: bigint;
  /** The same as a number, which is faster to compare. */
  readonly handler: number;
  /** The first argument may be a `Target`. */
  readonly args: readonly unknown[];
  readonly session: CallSession;
}

/** Options of {@link RequestQueue}. */
export interface RequestQueueInit {
  /** Largest number of queued requests. */
  readonly maxPending: number;
  /** Number of requests to the client without a reply. */
  readonly awaited: () => number;
  readonly handle: (request: Request) => unknown;
  readonly onResult: (request: Request, result: unknown) => void;
  readonly onError: (request: Request, error: unknown) => void;
  /** Called when the queue may have room again. */
  readonly onRoom: () => void;
}

/**
 * Runs one request after the other, as rpyc's server does. While a request waits for the client, the next one may run, because
 * the client may need its result to answer.
 */
export class RequestQueue {
  readonly #init: RequestQueueInit;
  readonly #queue: Request[] = [];
  #running = 0;
  #isOpen = true;

  constructor(init: RequestQueueInit) {
    this.#init = init;
  }

  /** Number of requests that have not started. */
  get size(): number {
    return this.#queue.length;
  }

  /** Runs a request now or later. */
  add(request: Request): void {
    if (isImmediate(request.handler)) return this.#run(request);
    if (this.#queue.length === 0 && this.#mayStart()) return this.#run(request);
    if (this.#queue.length >= this.#init.maxPending) {
      return this.#init.onError(
        request,
        new PythonError("RuntimeError", "too many pending requests"),
      );
    }
    this.#queue.push(request);
  }

  /** Starts the requests that may run now. */
  startNext(): void {
    while (this.#isOpen && this.#mayStart()) {
      const request = this.#queue.shift();
      if (request === undefined) break;
      this.#run(request);
    }
    this.#init.onRoom();
  }

  /** Drops all requests that have not started. */
  close(): void {
    this.#isOpen = false;
    this.#queue.length = 0;
  }

  #mayStart(): boolean {
    return this.#running === 0 || this.#running <= this.#init.awaited();
  }

  #run(request: Request): void {
    if (!isImmediate(request.handler)) this.#running++;
    try {
      const result = this.#init.handle(request);
      if (isThenable(result)) {
        result.then(
          (value) => this.#succeed(request, value),
          (error) => this.#fail(request, error),
        );
      } else this.#succeed(request, result);
    } catch (error) {
      this.#fail(request, error);
    }
  }

  #succeed(request: Request, result: unknown): void {
    this.#init.onResult(request, result);
    this.#finish(request);
  }

  #fail(request: Request, error: unknown): void {
    this.#init.onError(request, error);
    this.#finish(request);
  }

  #finish({ handler, session }: Request): void {
    session.end();
    if (isImmediate(handler)) return;
    this.#running--;
    // A recursive call would overflow the stack if the queue contains many short requests.
    if (this.#queue.length > 0) queueMicrotask(() => this.startNext());
    else this.#init.onRoom();
  }
}

/** Returns true for handlers that change nothing and must not wait for a slow call. */
function isImmediate(handler: number): boolean {
  switch (handler) {
    case Handler.Ping:
    case Handler.GetRoot:
    case Handler.Del:
    case Handler.Inspect:
      return true;
  }
  return false;
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
