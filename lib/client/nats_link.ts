import {
  type FetchInit,
  type FetchResponse,
  httpBatchLink,
  httpLink,
  type Link,
  PyRPCError,
  type RequestOptions,
  type Signal,
} from "./pyrpc_client.ts";

/** A connection of `@nats-io/transport-node`, `@nats-io/nats-core` (browsers) or anything else with its `request`. */
export interface NatsRequester {
  request(
    subject: string,
    payload: Uint8Array,
    options: { timeout: number },
  ): Promise<{ readonly data: Uint8Array }>;
}

/** Options of {@link natsLink}. */
export interface NatsLinkOptions {
  /** Yours to open and to close. */
  readonly connection: NatsRequester;
  /** What `pyrpc serve --listen nats://host/SUBJECT` serves. */
  readonly subject: string;
  /**
   * Milliseconds until a request is given up with an error named `TimeoutError`; the client's, or 10,000, if left out:
   * of a server that dies with the request nothing is heard.
   */
  readonly timeout?: number | undefined;
  /** Aborts the calls under way and refuses later ones with its reason. */
  readonly signal?: Signal | undefined;
}

/** Options of {@link natsBatchLink}. */
export interface NatsBatchLinkOptions extends NatsLinkOptions {
  /** Most calls in one request; 100 if left out, which is what servers accept. */
  readonly maxItems?: number | undefined;
}

/** The `code` of the error where no server listens at the subject. */
export const NO_RESPONDERS = -32002;

/**
 * Sends each call to a subject of a NATS server. There are no headers: NATS knows who is connected.
 *
 * @example
 * ```ts
 * import { createClient } from "./pyrpc_client.ts";
 * import { natsLink, type NatsLinkOptions } from "./nats_link.ts";
 *
 * type Types = { add: (...args: [a: number, b: number]) => Promise<number> };
 * // `connection` is what `connect()` of @nats-io/transport-node gives.
 * const clientOver = (connection: NatsLinkOptions["connection"]) =>
 *   createClient<Types>({ links: [natsLink({ connection, subject: "shop" })] });
 * typeof clientOver; // "function"
 * ```
 */
export function natsLink(options: NatsLinkOptions): Link {
  return (defaults) => httpLink(overNats(options, defaults))(defaults);
}

/** {@link natsLink} with one request for all calls that are made together, in one turn of the event loop. */
export function natsBatchLink(options: NatsBatchLinkOptions): Link {
  return (defaults) =>
    httpBatchLink({ ...overNats(options, defaults), maxItems: options.maxItems })(defaults);
}

// The links for HTTP know all about time, abort, batches and errors; what goes over the wire is the same text.
function overNats(
  { connection, subject, ...own }: NatsLinkOptions,
  { timeout: common, signal: everyone }: RequestOptions,
) {
  const { timeout = common ?? 10_000, signal = everyone } = own;
  const fetch = async (_url: string, { body }: FetchInit): Promise<FetchResponse> => {
    try {
      const { data } = await connection.request(subject, new TextEncoder().encode(body), {
        // A little longer: the client's own time and its own error come first. Zero is never, timers end at 2^31 - 1.
        timeout: Math.min((timeout || Infinity) + 1000, 2 ** 31 - 1),
      });
      return {
        ok: true,
        status: 200,
        json: async () => JSON.parse(new TextDecoder().decode(data)),
      };
    } catch (error) {
      throw hasNoResponders(error)
        ? new PyRPCError(NO_RESPONDERS, `No server listens at the NATS subject "${subject}"`)
        : error;
    }
  };
  return { url: "nats:", fetch, timeout, signal };
}

// What version 3 of the library calls it, by itself or inside another error, and what version 2 does.
function hasNoResponders(error: unknown): boolean {
  const { name, code, cause } = error as { name?: unknown; code?: unknown; cause?: unknown };
  return name === "NoResponders" || code === "503" ||
    (typeof cause === "object" && cause !== null && hasNoResponders(cause));
}
