/** Requests to the client that wait for their reply. */
import type { CallSession } from "./call_session.ts";
import type { SequenceNumber } from "./message.ts";
import { PythonError } from "./python_errors.ts";

/** A request to the client without a reply. */
export interface OutgoingRequest {
  /** The incoming request on whose behalf it was sent. */
  readonly session: CallSession | undefined;
  readonly resolve: (value: unknown) => void;
  /** Rejects with the error; the stack of a {@link PythonError} becomes that of the request's sender. */
  readonly reject: (error: unknown) => void;
}

interface Entry extends OutgoingRequest {
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The table of one connection. */
export class OutgoingRequests {
  readonly #entries = new Map<SequenceNumber, Entry>();
  readonly #timeout: number;
  readonly #onTimeout: () => void;
  #nextSeq = 0;

  /** @param timeout milliseconds until a request fails */
  constructor(timeout: number, onTimeout: () => void) {
    this.#timeout = timeout;
    this.#onTimeout = onTimeout;
  }

  /** Number of requests without a reply. */
  get size(): number {
    return this.#entries.size;
  }

  nextSequenceNumber(): number {
    return this.#nextSeq++;
  }

  /**
   * Adds a request.
   *
   * @param send sends it; called before this method returns
   * @returns the client's result
   */
  add(session: CallSession | undefined, send: (seq: number) => void): Promise<unknown> {
    const seq = this.nextSequenceNumber();
    const origin = new Error();
    return new Promise((resolve, reject) => {
      const rejectFromOrigin = (error: unknown) =>
        reject(error instanceof PythonError ? withStackOf(origin, error) : error);
      const timer = setTimeout(() => {
        this.take(seq);
        rejectFromOrigin(new PythonError("TimeoutError", "result expired"));
        this.#onTimeout();
      }, this.#timeout);
      this.#entries.set(seq, { session, resolve, reject: rejectFromOrigin, timer });
      send(seq);
    });
  }

  /** Removes and returns the request that a reply belongs to; `undefined` if it timed out or never existed. */
  take(seq: SequenceNumber): OutgoingRequest | undefined {
    const entry = this.#entries.get(seq);
    if (entry === undefined) return undefined;
    this.#entries.delete(seq);
    clearTimeout(entry.timer);
    return entry;
  }

  /** Rejects all requests because the connection ended. */
  rejectAll(): void {
    for (const { timer, reject } of this.#entries.values()) {
      clearTimeout(timer);
      reject(new PythonError("EOFError", "connection closed by peer"));
    }
    this.#entries.clear();
  }
}

// The error is created by a timer or by a message, far from the handler that sent the request.
function withStackOf(origin: Error, error: PythonError): PythonError {
  const [, ...frames] = (origin.stack ?? "").split("\n");
  error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
  return error;
}
