import { type Client, createClient, type RequestOptions } from "../client/pyrpc_client.ts";
import { type Contract, parseContract } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { ToolError } from "../errors.ts";
import { parseJson } from "../json/mod.ts";
import { createExampleSet, createMockDispatcher, exampleResolver, samplerOf } from "../mock/mod.ts";
import { collectHandlers, pyrpcProtocol } from "../rpc/mod.ts";
import { answerCall, answerRequest, type MockService, type ReceivedRequest } from "./answer.ts";
import { contractNotJson, noHandlers, noResponses, orReadable } from "./errors.ts";
import type { AnyProcedures, Handlers } from "./fake.ts";
import { mswHandler } from "./msw_handler.ts";

/** Options of {@link createMock}; like those of `pyrpc mock`. */
export interface MockOptions<Types = object> {
  /** Seed for the generated values. */
  readonly seed?: string | undefined;
  /** The content of an examples file, `collections` included. */
  readonly examples?: object | undefined;
  /** Functions for some procedures, which receive the arguments by position. */
  readonly handlers?: Handlers<Types> | undefined;
  /** Convert arguments as Pydantic does: `"1"` to 1. */
  readonly lax?: boolean | undefined;
  /** Receives warnings, such as results of handlers that the contract forbids (default: `console.warn`). */
  readonly warn?: ((message: string) => void) | undefined;
}

// Uses the platform's types if they are declared, like the client.
type Platform = typeof globalThis;

/** The type of the platform's `fetch`. */
// deno-lint-ignore no-explicit-any
export type Fetch = Platform extends { fetch: infer F extends (...args: any) => unknown }
  ? (...args: Parameters<F>) => ReturnType<F>
  : NonNullable<RequestOptions["fetch"]>;

/** A mock of a server, in the process. */
export interface Mock<Types> {
  /** Calls the mock directly. */
  readonly client: Client<Types>;
  /** Answers requests whose path ends with `/rpc`, as the server does: `createClient({ baseUrl: "http://mock", fetch: mock.fetch })`. */
  readonly fetch: Fetch;
  /**
   * Returns handlers for `setupServer` and `setupWorker` of MSW. Without `baseUrl` they answer each request whose path ends
   * with `/rpc`.
   */
  // deno-lint-ignore no-explicit-any -- the type of MSW, which need not be installed
  mswHandlers(baseUrl?: string): any[];
  /** Restores the items of collections, and forgets all earlier calls. */
  reset(): void;
}

// The published package has no Console to pass in.
const platform = globalThis as unknown as {
  readonly console: { warn(message: string): void };
  readonly Response?: typeof Response;
};

/**
 * Makes a mock of a contract. It validates arguments and answers with handlers, examples and sample values, like
 * `pyrpc mock` with the same options.
 *
 * @param contract The file of `pyrpc pull`, or another document that `pyrpc mock` accepts: parsed, or as text
 * @throws Error if the contract or the examples cannot be used
 *
 * @example
 * ```ts
 * import { createMock } from "./mod.ts";
 *
 * type Types = { add: (...args: [a: number, b: number]) => Promise<number> };
 * const integer = { type: "integer" };
 * const parameters = ["a", "b"].map((name) => ({ name, schema: integer, required: true }));
 * const mock = createMock<Types>({ add: { parameters, return_schema: integer } }, {
 *   examples: { add: { cases: [{ when: { a: 1 }, result: 3 }] } },
 * });
 * await mock.client.add(1, 2); // 3
 * ```
 */
export function createMock<Types extends object = AnyProcedures>(
  contract: object | string,
  options: MockOptions<NoInfer<Types>> = {},
): Mock<Types> {
  const { service, reset } = orReadable(() => startEngine(contract, options));
  const respond = async (request: Request): Promise<Response> => {
    const { status, contentType, body } = await answerRequest(service, await received(request));
    return new Response(request.method === "HEAD" ? null : body, {
      status,
      headers: { "content-type": contentType },
    });
  };
  return {
    client: createClient<Types>({
      baseUrl: "http://mock",
      fetch: (_, init) => answerCall(service, init),
    }),
    fetch: async (input: string | URL | Request, init?: RequestInit) => {
      if (platform.Response === undefined) throw noResponses();
      const request = requestOf(input, init);
      return await orAborted(request.signal, respond(request));
    },
    mswHandlers(baseUrl) {
      if (platform.Response === undefined) throw noResponses();
      return [mswHandler(baseUrl, respond)];
    },
    reset,
  };
}

interface Engine {
  readonly service: MockService;
  reset(): void;
}

type EngineOptions = Omit<MockOptions, "handlers"> & { readonly handlers?: object | undefined };

function startEngine(given: object | string, options: EngineOptions): Engine {
  const { seed, examples, handlers = {}, lax } = options;
  const { warn = (message: string) => platform.console.warn(message) } = options;
  const contract: Contract = parseContract(
    typeof given === "string" ? parsed(given) : given,
    { where: "contract" },
  );
  const sampler = samplerOf(defined({ seed, random: Math.random, warn }));
  const resolver = examples === undefined ? undefined : exampleResolver(createExampleSet(
    { value: examples, positionOf: () => undefined, textOf: () => undefined },
    { contract, sampler, where: "examples" },
  ));
  const dispatcher = createMockDispatcher({
    contract,
    sampler,
    resolvers: resolver === undefined ? [] : [resolver],
    random: Math.random,
    warn,
    ...defined({ seed, lax, handlers: handlersOf(handlers) }),
    onViolation: ({ procedure, resolver, data }) =>
      warn(
        `The ${resolver} of ${procedure.name} returned a value that its schema rejects: ${
          JSON.stringify(data)
        }`,
      ),
  });
  return {
    service: { protocol: pyrpcProtocol, dispatcher, contract },
    reset: () => resolver?.reset(),
  };
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw error instanceof Error ? contractNotJson(error) : error;
  }
}

function handlersOf(handlers: object): ReturnType<typeof collectHandlers> | undefined {
  if (Object.keys(handlers).length === 0) return undefined;
  try {
    return collectHandlers(handlers as Readonly<Record<string, unknown>>, "handlers");
  } catch (error) {
    throw error instanceof ToolError && error.code === "HANDLERS_EMPTY" ? noHandlers() : error;
  }
}

async function received(request: Request): Promise<ReceivedRequest> {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    query: search,
    headers: Object.fromEntries(request.headers),
    body: new Uint8Array(await request.arrayBuffer()),
  };
}

function requestOf(input: string | URL | Request, init: RequestInit | undefined): Request {
  if (typeof input !== "string" && !(input instanceof URL)) return new Request(input, init);
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  return new Request(new URL(input, location?.href ?? "http://mock"), init);
}

/** Rejects as soon as the signal aborts, as `fetch` does. */
async function orAborted<Value>(signal: AbortSignal, running: Promise<Value>): Promise<Value> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([aborted, running]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
