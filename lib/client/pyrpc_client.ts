/** Base of all errors of a call. */
export class ClientError extends Error {}

/** The error that a server answered instead of a result. */
export class PyRPCError extends ClientError {
  override readonly name = "PyRPCError";
  /** JSON-RPC's error code: -32601 unknown procedure, -32602 invalid arguments, -32603 the procedure failed. */
  readonly code: number;
  /** Details from the server, such as the invalid field. See {@link isValidationError}. */
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The answer has an HTTP status outside 200 to 299, or is not JSON. */
export class HttpError extends ClientError {
  override readonly name = "HttpError";
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The body as sent. */
  readonly body: string;

  constructor(message: string, { status, headers }: FetchResponse, body: string) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** No complete answer arrived within `timeout`. */
export class TimeoutError extends ClientError {
  override readonly name = "TimeoutError";
}

/** A signal aborted the call. `cause` is the signal's reason. */
export class AbortError extends ClientError {
  override readonly name = "AbortError";
}

/** No complete answer arrived; the call may have been executed. `cause` is the error of `fetch`. */
export class NetworkError extends ClientError {
  override readonly name = "NetworkError";
}

/** The server's reason to reject an argument. */
export interface ValidationDetails {
  /** The name of the parameter, or the path inside it. */
  readonly field: string;
  /** The type of Pydantic's error: `missing`, `int_parsing`. */
  readonly type: string;
  readonly message: string;
}

/** Returns true if the server rejected the value of an argument. */
export function isValidationError(
  error: unknown,
): error is PyRPCError & { readonly data: ValidationDetails } {
  return error instanceof PyRPCError && error.code === -32602 &&
    !!(error.data as ValidationDetails | undefined)?.type;
}

/** Options of single calls, see {@link withOptions}. */
export interface CallOptions {
  /** Sent with each request: values, or a function that is called (and awaited) before each request. */
  readonly headers?: Headers | undefined;
  /** Milliseconds until a request fails with a {@link TimeoutError} (default: no limit). */
  readonly timeout?: number | undefined;
  /** Aborts pending calls, and rejects later ones, with an {@link AbortError}. */
  readonly signal?: Signal | undefined;
}

type Headers = HeaderValues | (() => HeaderValues | Promise<HeaderValues>);

/** How requests are sent. Options of a link override those of the client. */
export interface RequestOptions extends CallOptions {
  /** Replaces the global `fetch`. */
  readonly fetch?: ((url: string, init: FetchInit) => Promise<FetchResponse>) | undefined;
}

/** Options of a link. */
export interface LinkOptions extends RequestOptions {
  /** The server's URL, with or without `/rpc` (default in browsers: the origin of the page). */
  readonly url?: string | undefined;
}

/** Options of {@link httpBatchLink}. */
export interface BatchLinkOptions extends LinkOptions {
  /** Maximum number of calls in one request (default: 100, the limit of the servers). */
  readonly maxItems?: number | undefined;
}

/** Options of {@link createClient}. */
export interface ClientOptions extends RequestOptions {
  /** The server's URL, with or without `/rpc` (default in browsers: the origin of the page). */
  readonly baseUrl?: string | undefined;
  /** Every call passes them in this order; the last one sends it. Replaces `baseUrl`. */
  readonly links?: readonly Link[] | undefined;
}

/** Called once for each client. Returns the function that handles each call. */
export type Link = (defaults: RequestOptions) => LinkCall;

/** Sends a call, or passes it on to the next link, once or several times. */
export type LinkCall = (call: Call, next: Next, options: CallOptions) => Promise<unknown>;

/** Passes a call on to the next link (default: the same call with the same options). */
export type Next = (call?: Call, options?: CallOptions) => Promise<unknown>;

/** One call, as it is sent. */
export interface Call {
  readonly jsonrpc: "2.0";
  readonly id: string;
  readonly method: string;
  readonly params: unknown;
}

/** Arguments of a custom `fetch`. */
export interface FetchInit {
  readonly method: "POST";
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: Signal;
}

/** The result of a custom `fetch`. */
export interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: ResponseHeaders;
  text(): Promise<string>;
}

/** The headers of an answer. */
export interface ResponseHeaders {
  get(name: string): string | null;
}

/**
 * The procedures of `Types`, and those with dots in their names as nested members: `client.admin.version()`. Names that
 * functions and objects have (`call`, `name`, `toString`), `then`, `toJSON` and `$$typeof` are never nested:
 * `client["users.name"]()`.
 */
export type Client<Types> =
  & Types
  & { readonly [Name in Prefix<keyof Types>]: Client<Members<Types, Name>> };

type Prefix<Name> = Name extends `${infer First}.${string}` ? First : never;

type Members<Types, Name extends string> = {
  [Key in keyof Types as Key extends `${Name}.${infer Rest}` ? Nestable<Rest> : never]: Types[Key];
};

type Nestable<Name extends string> = Name extends Reserved | `${Reserved}.${string}` ? never : Name;

type Reserved =
  | Extract<keyof typeof Function.prototype | keyof typeof Object.prototype, string>
  | "__proto__"
  | "then"
  | "toJSON"
  | "$$typeof";

// Uses the platform's types if they are declared, so that this file also compiles without the DOM's types.
type Platform = typeof globalThis;

/** An `AbortSignal`. */
export type Signal = Platform extends { AbortSignal: { prototype: infer S extends SignalLike } } ? S
  : SignalLike;

/** The argument of `new Headers(…)`. */
export type HeaderValues = Platform extends { Headers: new (init?: infer H) => unknown } ? H
  : Readonly<Record<string, string>>;

interface SignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

interface AbortSource {
  readonly signal: Signal;
  abort(): void;
}

// Declared here, because the compiler may lack the DOM's types, and declarations differ between platforms.
const platform = globalThis as unknown as {
  readonly fetch: NonNullable<RequestOptions["fetch"]>;
  readonly location?: { readonly origin: string };
  readonly Headers: new (values?: HeaderValues) => {
    forEach(each: (value: string, name: string) => void): void;
  };
  readonly AbortController: new () => AbortSource;
  readonly console: { log(...values: unknown[]): void };
  setTimeout(run: () => void, ms?: number): unknown;
  clearTimeout(timer: unknown): void;
};

/**
 * Creates a client whose members are the server's procedures: `client.add(1, 2)`, `client.users.get({ id: 1 })`,
 * `client["users.get"]({ id: 1 })`.
 *
 * Every member is a procedure, `then` included: do not await the client and do not return it from an async function.
 */
export function createClient<Types extends object>(options: ClientOptions = {}): Client<Types> {
  const links = options.links ?? [httpLink({ url: options.baseUrl })];
  const none = (): never => {
    throw new Error("No terminating link configured.");
  };
  if (!links.length) none();
  const send = links.reduceRight<Send>((next, link) => {
    const handle = link(options);
    return (call, own) => handle(call, (other = call, others = own) => next(other, others), own);
  }, none);
  return member("", send, {}) as Client<Types>;
}

/**
 * Returns a client that sends its calls with these options: `withOptions(client, { signal }).add(1, 2)`. Headers are added to
 * those of the client and its links; other options override theirs, except that every signal aborts.
 */
export function withOptions<AnyClient extends object>(
  client: AnyClient,
  options: CallOptions,
): AnyClient {
  return (client as { [DERIVE]: (options: CallOptions) => AnyClient })[DERIVE](options);
}

// Registered, so that it works with a client of another copy of this file.
const DERIVE = Symbol.for("withOptions");

type Send = (call: Call, options: CallOptions) => Promise<unknown>;

function member(method: string, send: Send, own: CallOptions): object {
  // A member may be called and have members; the client itself is not a function.
  const target = (method ? function () {} : {}) as Record<PropertyKey, unknown>;
  return new Proxy(target, {
    get(_, name) {
      if (name === DERIVE) {
        return (options: CallOptions) => member(method, send, { ...own, ...options });
      }
      if (typeof name === "symbol" || method && (name in target || NOT_NESTED.test(name))) {
        return target[name];
      }
      return member(method ? `${method}.${name}` : name, send, own);
    },
    apply(_, __, args) {
      for (const arg of args) {
        // A query function's context has a signal, a mutation function's the client of TanStack Query.
        if (
          typeof arg === "function" || arg?.signal?.addEventListener || arg?.client?.getQueryCache
        ) {
          // Throws instead of rejecting: an awaited client calls `then`, which would otherwise never settle.
          throw new TypeError(
            `"${method}" got a function or query context: write () => client.${method}()`,
          );
        }
      }
      const [first] = args;
      return send({
        jsonrpc: "2.0",
        id: Math.random().toString(36).slice(2),
        method,
        // A single object contains the parameters by name; everything else is a list of positional arguments.
        params: args.length === 1 && typeof first === "object" && !Array.isArray(first)
          ? first
          : args,
      }, own);
    },
  });
}

const NOT_NESTED = /^(then|toJSON|\$\$typeof)$/;

/** Options of {@link retryLink}. */
export interface RetryLinkOptions {
  /** Returns true if the call may be sent again. A call that failed may have been executed. */
  readonly when: (error: unknown, call: Call) => boolean;
  /** How often a call is sent (default: 3). */
  readonly attempts?: number | undefined;
  /** Returns the milliseconds before a retry, from the number of failed attempts (default: 1000). */
  readonly delay?: ((failed: number) => number) | undefined;
}

/** Sends a call again if `when` returns true for its error. */
export function retryLink(
  { when, attempts = 3, delay = () => 1000 }: RetryLinkOptions,
): Link {
  return () => async (call, next, { signal }) => {
    for (let failed = 1;; failed++) {
      try {
        return await next();
      } catch (error) {
        if (failed >= attempts || !when(error, call)) throw error;
        await abortable(
          signal,
          () => new Promise<void>((resolve) => platform.setTimeout(resolve, delay(failed))),
        );
      }
    }
  };
}

/** Options of {@link authLink}. */
export interface AuthLinkOptions {
  /** Fetches new credentials, which the `headers` function of the client then returns. */
  readonly refresh: () => Promise<unknown>;
}

/** Refreshes the credentials after HTTP 401, once for all calls in flight, and sends each of these calls once more. */
export function authLink({ refresh }: AuthLinkOptions): Link {
  return () => {
    let current: Promise<unknown> | undefined;
    return async (_, next) => {
      const before = current;
      try {
        // Credentials that are being refreshed would fail.
        await before?.catch(() => {});
        return await next();
      } catch (error) {
        if ((error as Partial<HttpError> | undefined)?.status !== 401) throw error;
        // Another call has refreshed them since this one was sent.
        if (current === before) current = refresh();
        await current;
        return await next();
      }
    };
  };
}

/** Options of {@link loggerLink}. */
export interface LoggerLinkOptions {
  /** Receives an arrow, the procedure, and its arguments or its outcome and milliseconds (default: `console.log`). */
  readonly log?: ((...values: unknown[]) => void) | undefined;
}

/** Logs each call, and its result or error. */
export function loggerLink({ log = platform.console.log }: LoggerLinkOptions = {}): Link {
  return () => async (call, next) => {
    const start = Date.now();
    let outcome: unknown;
    log("→", call.method, call.params);
    try {
      return outcome = await next();
    } catch (error) {
      throw outcome = error;
    } finally {
      log("←", call.method, outcome, Date.now() - start);
    }
  };
}

/** Sends each call in its own request. */
export function httpLink(options: LinkOptions = {}): Link {
  const url = endpoint(options.url);
  return (defaults) => async (call, _, own) =>
    resultOf(await post(url, { ...defaults, ...options }, own, call));
}

/** Sends all calls of one tick of the event loop in one request; calls with other headers or timeouts in another one. */
export function httpBatchLink(options: BatchLinkOptions = {}): Link {
  const url = endpoint(options.url);
  return (defaults) => {
    let open: Batch[] = [];
    return async (call, _, own) => {
      let batch: Batch | undefined;
      try {
        return await abortable(own.signal, async () => {
          batch = open.find((other) =>
            other.own.headers === own.headers && other.own.timeout === own.timeout &&
            other.pending && other.calls.length < (options.maxItems ?? 100)
          );
          if (!batch) {
            const calls: Call[] = [];
            const controller = new platform.AbortController();
            const answers = new Promise<unknown>((resolve) =>
              platform.setTimeout(() => {
                open = open.filter((other) => other.calls !== calls);
                const { signal } = controller;
                resolve(post(url, { ...defaults, ...options }, { ...own, signal }, calls));
              })
            );
            open.push(batch = { own, calls, answers, controller, pending: 0 });
          }
          batch.pending++;
          const index = batch.calls.push(call) - 1;
          const answers = await batch.answers as Answer & readonly Answer[];
          // A server that rejects the whole batch sends a single answer.
          const answer = Array.isArray(answers) ? answers[index] : answers?.error && answers;
          if (!answer) throw new ClientError(`Missing batch response for operation ${call.id}`);
          return resultOf(answer);
        });
      } finally {
        if (batch && !--batch.pending) batch.controller.abort();
      }
    };
  };
}

interface Batch {
  readonly own: CallOptions;
  readonly calls: Call[];
  readonly answers: Promise<unknown>;
  /** Aborts the request after every call was aborted. */
  readonly controller: AbortSource;
  pending: number;
}

interface Answer {
  readonly result?: unknown;
  readonly error?:
    | { readonly code: number; readonly message: string; readonly data?: unknown }
    | null;
}

function resultOf(answer: unknown): unknown {
  const { error, result } = answer as Answer;
  if (error) throw new PyRPCError(error.code, error.message, error.data);
  return result;
}

function endpoint(url = platform.location?.origin): string {
  if (url === undefined) {
    throw new Error("No baseUrl detected.");
  }
  return `${url.replace(/(\/rpc)?\/*$/i, "")}/rpc`;
}

async function post(
  url: string,
  options: RequestOptions,
  own: CallOptions,
  body: Call | readonly Call[],
): Promise<unknown> {
  const timeout = own.timeout ?? options.timeout;
  const controller = new platform.AbortController();
  const exchange = async () => {
    const headers: Record<string, string> = {};
    for (const given of [options.headers, own.headers, { "content-type": "application/json" }]) {
      const values = typeof given === "function" ? await given() : given;
      new platform.Headers(values).forEach((value, name) => headers[name] = value);
    }
    let response;
    let text;
    try {
      response = await (options.fetch ?? platform.fetch)(url, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        signal: controller.signal,
      });
      text = await response.text();
    } catch (error) {
      if (error instanceof ClientError) throw error;
      throw Object.assign(new NetworkError(`${(error as Error).message} (${url})`), {
        cause: error,
      });
    }
    if (!response.ok) throw new HttpError(`HTTP error! status: ${response.status}`, response, text);
    try {
      return JSON.parse(text);
    } catch {
      throw new HttpError("Invalid JSON", response, text);
    }
  };
  let timer: unknown;
  try {
    // A custom `fetch` and a function for the headers may ignore the signal.
    return await abortable(
      options.signal,
      () =>
        abortable(own.signal, () =>
          new Promise((resolve, reject) => {
            timer = timeout && platform.setTimeout(
              () => reject(new TimeoutError(`No answer within ${timeout} ms`)),
              timeout,
            );
            exchange().then(resolve, reject);
          })),
    );
  } finally {
    platform.clearTimeout(timer);
    // Cancels the request, or releases a body that was not read.
    controller.abort();
  }
}

// Rejects as soon as the signal aborts.
async function abortable(
  signal: Signal | undefined,
  run: () => Promise<unknown>,
): Promise<unknown> {
  let stop = () => {};
  try {
    return await new Promise((resolve, reject) => {
      stop = () => {
        const cause = signal?.reason as { readonly name?: string } | undefined;
        const kind = cause?.name === "TimeoutError" ? TimeoutError : AbortError;
        reject(Object.assign(new kind(String(cause)), { cause }));
      };
      if (signal?.aborted) return stop();
      signal?.addEventListener("abort", stop);
      run().then(resolve, reject);
    });
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
