/** The error that a server answered instead of a result. */
export class PyRPCError extends Error {
  /** JSON-RPC's error code: -32601 unknown procedure, -32602 invalid arguments, -32603 the procedure failed. */
  readonly code: number;
  /** Details from the server, such as the invalid field. */
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = "PyRPCError";
    this.code = code;
    this.data = data;
  }
}

/** How requests are sent. Options of a link override those of the client. */
export interface RequestOptions {
  /** Sent with each request: values, or a function that is called (and awaited) before each request. */
  readonly headers?: HeaderValues | (() => HeaderValues | Promise<HeaderValues>) | undefined;
  /** Replaces the global `fetch`. */
  readonly fetch?: ((url: string, init: FetchInit) => Promise<FetchResponse>) | undefined;
  /** Milliseconds until a request fails with an error named `TimeoutError` (default: no limit). */
  readonly timeout?: number | undefined;
  /** Aborts pending calls and rejects later ones with its reason. */
  readonly signal?: Signal | undefined;
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
  /** Exactly one link, instead of `baseUrl`. */
  readonly links?: readonly Link[] | undefined;
}

/** Sends calls to a server. */
export type Link = (defaults: RequestOptions) => (call: Call) => Promise<unknown>;

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
  json(): Promise<unknown>;
}

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

// Declared here, because the compiler may lack the DOM's types, and declarations differ between platforms.
const platform = globalThis as unknown as {
  readonly fetch: NonNullable<RequestOptions["fetch"]>;
  readonly location?: { readonly origin: string };
  readonly Headers: new (values?: HeaderValues) => {
    forEach(each: (value: string, name: string) => void): void;
  };
  readonly AbortController: new () => { readonly signal: Signal; abort(reason: unknown): void };
  setTimeout(run: () => void, ms?: number): unknown;
  clearTimeout(timer: unknown): void;
};

/**
 * Creates a client whose members are the server's procedures: `client.add(1, 2)`, `client["users.get"]({ id: 1 })`.
 *
 * Every member is a procedure, `then` included: do not await the client and do not return it from an async function.
 */
export function createClient<Types extends object>(options: ClientOptions = {}): Types {
  const [link, ...others] = options.links ?? [httpLink({ url: options.baseUrl })];
  if (!link) throw new Error("No terminating link configured.");
  if (others.length) throw new Error("Multiple terminating links are not supported yet.");
  const send = link(options);
  return new Proxy({}, {
    get: (_, method) =>
      typeof method === "string"
        ? (...args: unknown[]) => {
          if (args.some((arg) => typeof arg === "function")) {
            // Throws instead of rejecting: an awaited client calls `then`, which would otherwise never settle.
            throw new TypeError(
              `A function cannot be sent to "${method}" (was the client awaited?)`,
            );
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
          });
        }
        : undefined,
  }) as Types;
}

/** Sends each call in its own request. */
export function httpLink(options: LinkOptions = {}): Link {
  const url = endpoint(options.url);
  return (defaults) => async (call) => resultOf(await post(url, { ...defaults, ...options }, call));
}

/** Sends all calls of one tick of the event loop in one request. */
export function httpBatchLink(options: BatchLinkOptions = {}): Link {
  const url = endpoint(options.url);
  return (defaults) => {
    let queue: Waiting[] = [];
    const flush = async () => {
      const batch = queue;
      queue = [];
      if (!batch.length) return;
      try {
        const answers = await post(url, { ...defaults, ...options }, batch.map(({ call }) => call));
        batch.forEach(({ call, resolve, reject }, index) => {
          try {
            // A server that rejects the whole batch sends a single answer.
            const all = answers as Answer & readonly Answer[];
            const answer = Array.isArray(answers) ? all[index] : all?.error && all;
            if (!answer) throw new Error(`Missing batch response for operation ${call.id}`);
            resolve(resultOf(answer));
          } catch (error) {
            reject(error);
          }
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    };
    return (call) =>
      new Promise((resolve, reject) => {
        const waiting = queue.push({ call, resolve, reject });
        if (waiting >= (options.maxItems ?? 100)) void flush();
        else if (waiting === 1) platform.setTimeout(() => void flush());
      });
  };
}

interface Waiting {
  readonly call: Call;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
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
    throw new Error("No baseUrl detected. Outside a browser it must be given.");
  }
  return `${url.replace(/\/+$/, "").replace(/\/rpc$/i, "")}/rpc`;
}

async function post(
  url: string,
  { headers, fetch, timeout, signal }: RequestOptions,
  body: Call | readonly Call[],
): Promise<unknown> {
  const controller = new platform.AbortController();
  const cancel = () => controller.abort(signal?.reason);
  const timer = timeout && platform.setTimeout(() => {
    controller.abort(failure(`No answer within ${timeout} ms`, { name: "TimeoutError" }));
  }, timeout);
  const exchange = async () => {
    const given = typeof headers === "function" ? await headers() : headers;
    const sent: Record<string, string> = {};
    new platform.Headers(given).forEach((value, name) => sent[name] = value);
    sent["content-type"] = "application/json";
    const response = await (fetch ?? platform.fetch)(url, {
      method: "POST",
      headers: sent,
      body: JSON.stringify(body),
      signal: controller.signal,
    });
    if (!response.ok) {
      const { status } = response;
      throw failure(`HTTP error! status: ${status}`, { status });
    }
    return await response.json();
  };
  try {
    return await new Promise((resolve, reject) => {
      // A custom `fetch` and a function for the headers may ignore the signal.
      controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
      if (signal?.aborted) return cancel();
      signal?.addEventListener("abort", cancel);
      exchange().then(resolve, reject);
    });
  } finally {
    platform.clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
    // Releases a body that is not read.
    controller.abort(undefined);
  }
}

function failure(message: string, members: object): Error {
  return Object.assign(new Error(message), members);
}
