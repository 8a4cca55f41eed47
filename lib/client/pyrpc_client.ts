/** Base of all errors of a call. */
export class ClientError extends Error {
  /** @param members Further members of the error, such as `cause`. */
  constructor(message?: string, members?: object) {
    super(message);
    Object.assign(this, members);
  }
}

/** The error that a server answered instead of a result. */
export class PyRPCError extends ClientError {
  override readonly name = "PyRPCError";

  constructor(code: number, message: string, data?: unknown) {
    super(message, { code, data });
  }
}

// Interfaces, because fields would overwrite the members that `ClientError` assigns, and Babel refuses `declare` fields.
export interface PyRPCError {
  /** JSON-RPC's error code: -32601 unknown procedure, -32602 invalid arguments, -32603 the procedure failed. */
  readonly code: number;
  /** Details from the server, such as the invalid field. See {@link isValidationError}. */
  readonly data: unknown;
}

/** The answer has an HTTP status outside 200 to 299, or is not one of a pyRPC server. */
export class HttpError extends ClientError {
  override readonly name = "HttpError";

  constructor(message: string, { status, headers }: FetchResponse, body: string) {
    super(message, { status, headers, body });
  }
}

export interface HttpError {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The body as sent. */
  readonly body: string;
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
  | `__${"define" | "lookup"}${"Getter" | "Setter"}__`
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
  addEventListener(type: "abort", listener: () => void, options?: never): void;
}

interface AbortSource {
  readonly signal: Signal;
  abort(reason?: unknown): void;
}

// Declared here, because the compiler may lack the DOM's types, and declarations differ between platforms.
declare const fetch: NonNullable<RequestOptions["fetch"]>;
declare const Headers: new (values?: HeaderValues) => {
  forEach(each: (value: string, name: string) => void): void;
};
declare const AbortController: new () => AbortSource;
declare const console: { log(...values: unknown[]): void };
declare function setTimeout(run: () => void, ms?: number): unknown;
declare function clearTimeout(timer: unknown): void;

/**
 * Creates a client whose members are the server's procedures: `client.add(1, 2)`, `client.users.get({ id: 1 })`,
 * `client["users.get"]({ id: 1 })`.
 */
export function createClient<Types extends object>(options: ClientOptions = {}): Client<Types> {
  const links = options.links ?? [httpLink({ url: options.baseUrl })];
  const none = (): never => {
    throw new Error("No terminating link configured.");
  };
  if (!links.length) none();
  const send = links.map((link) => link(options)).reduceRight<Send>(
    (next, handle) => async (call, own) => {
      // The link before this one may have waited.
      if (own.signal?.aborted) throw own.signal.reason;
      return handle(call, (other = call, others = own) => next(other, others), own);
    },
    none,
  );
  return member("", send, {}, [options.signal]) as Client<Types>;
}

/**
 * Returns a client that sends its calls with these options: `withOptions(client, { signal }).add(1, 2)`. Headers are added to
 * those of the client and its links; a timeout overrides theirs; every signal aborts.
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

function member(
  method: string | undefined,
  send: Send,
  own: CallOptions,
  signals: readonly (Signal | undefined)[],
): object {
  // A member may be called and have members; the client itself is not a function.
  const target = (method ? function () {} : Object.create(null)) as Record<PropertyKey, unknown>;
  return new Proxy(target, {
    get(_, name) {
      if (name === DERIVE) {
        return ({ headers, signal, timeout = own.timeout }: CallOptions) => {
          const all = headers && own.headers
            ? () => merge(own.headers, headers)
            : headers ?? own.headers;
          return member(method, send, { headers: all, timeout }, [...signals, signal]);
        };
      }
      if (
        typeof name === "symbol" || name in target ||
        method + name !== "then" && NOT_NESTED.test(name)
      ) {
        return target[name];
      }
      return member(method ? `${method}.${name}` : name, send, own, signals);
    },
    apply(_, __, args) {
      const [first] = args;
      if (method === "then" && typeof first === "function") {
        // The client is awaited, or returned from an async function.
        return first(member(undefined, send, own, signals));
      }
      for (const arg of args) {
        // A query function's context has a signal, a mutation function's the client of TanStack Query.
        if (
          typeof arg === "function" || arg?.preventDefault || arg?.signal?.addEventListener ||
          arg?.client?.getQueryCache
        ) {
          throw new TypeError(
            `"${method}" is not a callback: write () => client.${method}()`,
          );
        }
      }
      const call: Call = {
        jsonrpc: "2.0",
        id: Math.random() + "",
        method: method!,
        // A single object contains the parameters by name; everything else is a list of positional arguments.
        params: args.length === 1 && typeof first === "object" && !Array.isArray(first)
          ? first
          : args,
      };
      return abortable(signals, (signal) => send(call, { ...own, signal }));
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
  return () => (call, next, { signal }) => {
    const send = (failed: number): Promise<unknown> =>
      next().catch(async (error) => {
        if (failed >= attempts || signal?.aborted || !when(error, call)) throw error;
        await new Promise<void>((resolve) => setTimeout(resolve, delay(failed)));
        return send(failed + 1);
      });
    return send(1);
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
      // Credentials that are being refreshed would fail.
      await before?.catch(() => {});
      return next().catch(async (error: Partial<HttpError> | undefined) => {
        if (error?.status !== 401) throw error;
        // Another call may have refreshed them since this one was sent.
        if (current === before) current = refresh();
        await current;
        return next();
      });
    };
  };
}

/** Options of {@link loggerLink}. */
export interface LoggerLinkOptions {
  /** Receives an arrow, the procedure, and its arguments or its outcome and milliseconds (default: `console.log`). */
  readonly log?: ((...values: unknown[]) => void) | undefined;
}

/** Logs each call, and its result or error. */
export function loggerLink({ log = console.log }: LoggerLinkOptions = {}): Link {
  return () => (call, next) => {
    const start = Date.now();
    log("→", call.method, call.params);
    const result = next();
    const done = (outcome: unknown) => log("←", call.method, outcome, Date.now() - start);
    result.then(done, done);
    return result;
  };
}

/** Sends each call in its own request. */
export function httpLink(options: LinkOptions = {}): Link {
  const url = endpoint(options.url);
  return (defaults) => async (call, _, own) =>
    (await post(url, { ...defaults, ...options }, own, call))();
}

/** Sends all calls of one tick of the event loop in one request; calls with other headers or timeouts in another one. */
export function httpBatchLink(options: BatchLinkOptions = {}): Link {
  const url = endpoint(options.url);
  return (defaults) => {
    let open: Join[] = [];
    return async (call, _, own) => {
      for (const join of open) {
        const result = join(call, own);
        if (result) return result;
      }
      const calls: Call[] = [];
      const controller = new AbortController();
      const { signal } = controller;
      let pending = 0;
      const answers = new Promise<Reader>((resolve) =>
        setTimeout(() => {
          open = [];
          resolve(post(url, { ...defaults, ...options }, { ...own, signal }, calls));
        })
      );
      const join: Join = (call, other) => {
        if (
          signal.aborted || other.headers !== own.headers || other.timeout !== own.timeout ||
          calls[(options.maxItems ?? 100) - 1]
        ) return;
        pending++;
        // The signal of a call aborts at its end, too.
        other.signal?.addEventListener("abort", () => --pending || controller.abort());
        const index = calls.push(call) - 1;
        return answers.then((read) => read(index));
      };
      open.push(join);
      return join(call, own) as Promise<unknown>;
    };
  };
}

/** Adds a call to a batch if it fits. */
type Join = (call: Call, own: CallOptions) => Promise<unknown> | void;

/** Returns the result of a call, by its index in a batch. */
type Reader = (index?: number) => unknown;

interface Answer {
  readonly result?: unknown;
  readonly error?:
    | { readonly code: number; readonly message: string; readonly data?: unknown }
    | null;
}

function endpoint(
  url = (globalThis as { readonly location?: { readonly origin: string } }).location?.origin,
): string {
  if (url === undefined) {
    throw new Error("No baseUrl detected. Set createClient({ baseUrl })");
  }
  return `${url.replace(/(\/rpc)?\/*$/i, "")}/rpc`;
}

function post(
  url: string,
  options: RequestOptions,
  own: CallOptions,
  calls: Call | readonly Call[],
): Promise<Reader> {
  // A custom `fetch` and a function for the headers may ignore the signal.
  return abortable([options.signal, own.signal], async (signal) => {
    // Outside of the try: arguments without a JSON form are not a network error.
    const init: FetchInit = {
      method: "POST",
      headers: await merge(options.headers, own.headers, { "content-type": "application/json" }),
      body: JSON.stringify(calls),
      signal,
    };
    let response: FetchResponse;
    let text: string;
    let answers: Answer & readonly Answer[] | undefined;
    try {
      response = await (options.fetch ?? fetch)(url, init);
      text = await response.text();
    } catch (error) {
      throw new NetworkError(`${(error as Error).message} (${url})`, { cause: error });
    }
    if (!response.ok) throw new HttpError(`HTTP error! status: ${response.status}`, response, text);
    try {
      answers = JSON.parse(text);
    } catch {
      // Has no answer.
    }
    return (index) => {
      // A server that rejects the whole batch sends a single answer.
      const { error, result } = answers?.[index!] ?? answers ?? {};
      if (error?.code !== undefined) throw new PyRPCError(error.code, error.message, error.data);
      if (error || result === undefined) {
        throw new HttpError(`Invalid response (${url})`, response, text);
      }
      return result;
    };
  }, own.timeout ?? options.timeout);
}

async function merge(...sources: (Headers | undefined)[]): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const source of sources) {
    new Headers(typeof source === "function" ? await source() : source)
      .forEach((value, name) => headers[name] = value);
  }
  return headers;
}

// Rejects as soon as one of the signals aborts, or after the timeout. The signal of `run` aborts then, and also at the end:
// this cancels a request, or releases a body that was not read.
async function abortable<Value>(
  signals: readonly (Signal | undefined)[],
  run: (signal: Signal) => Promise<Value>,
  timeout?: number,
): Promise<Value> {
  const controller = new AbortController();
  let timer: unknown;
  try {
    return await new Promise((resolve, reject) => {
      const stop = ({ reason }: Signal) => {
        reject(
          new ((reason as Error | undefined)?.name === "TimeoutError" ? TimeoutError : AbortError)(
            String(reason),
            { cause: reason },
          ),
        );
        controller.abort(reason);
      };
      for (const signal of signals) {
        if (signal?.aborted) return stop(signal);
        // The controller is the option `{ signal }`: the listener is removed at the end.
        signal?.addEventListener("abort", () => stop(signal), controller as never);
      }
      timer = timeout && setTimeout(
        () => reject(new TimeoutError(`No answer within ${timeout} ms`)),
        timeout,
      );
      run(controller.signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
