import {
  type FetchInit,
  type FetchResponse,
  httpBatchLink,
  httpLink,
  type Link,
  type RequestOptions,
  type Signal,
} from "./pyrpc_client.ts";

/**
 * A connection of `@nats-io/transport-node`, `@nats-io/nats-core` (browsers) or any other object with this `request`.
 */
export interface NatsRequester {
  request(
    subject: string,
    payload: Uint8Array,
    options: { timeout: number },
  ): Promise<{ readonly data: Uint8Array }>;
}

/** Options of {@link natsLink}. */
export interface NatsLinkOptions {
  /** The connection to use. The caller opens and closes it. */
  readonly connection: NatsRequester;
  /** The subject that `pyrpc serve --listen nats://host/SUBJECT` listens on. */
  readonly subject: string;
  /**
   * Milliseconds until a request fails with an error named `TimeoutError` (default: the client's, or 10,000). Needed
   * because NATS does not report a server that dies during a request.
   */
  readonly timeout?: number | undefined;
  /** Aborts pending calls and rejects later ones with its reason. */
  readonly signal?: Signal | undefined;
}

/** Options of {@link natsBatchLink}. */
export interface NatsBatchLinkOptions extends NatsLinkOptions {
  /** Maximum number of calls in one request (default: 100, the limit of the servers). */
  readonly maxItems?: number | undefined;
}

/** The `code` of the error if no server listens on the subject. */
export const NO_RESPONDERS = -32002;

/**
 * Sends each call to a subject of a NATS server. Sends no headers: NATS authenticates the connection.
 *
 * @example
 * ```ts
 * import { createClient } from "./pyrpc_client.ts";
 * import { natsLink, type NatsLinkOptions } from "./nats_link.ts";
 *
 * type Types = { add: (...args: [a: number, b: number]) => Promise<number> };
 * // `connection` is the result of `connect()` of @nats-io/transport-node.
 * const clientOver = (connection: NatsLinkOptions["connection"]) =>
 *   createClient<Types>({ links: [natsLink({ connection, subject: "shop" })] });
 * typeof clientOver; // "function"
 * ```
 */
export function natsLink(options: NatsLinkOptions): Link {
  return (defaults) => httpLink(overNats(options, defaults))(defaults);
}

/** Like {@link natsLink}, but sends all calls of one tick of the event loop in one request. */
export function natsBatchLink(options: NatsBatchLinkOptions): Link {
  return (defaults) =>
    httpBatchLink({ ...overNats(options, defaults), maxItems: options.maxItems })(defaults);
}

// Reuses the HTTP links for timeouts, aborts, batches and errors; the messages are the same.
function overNats(
  { connection, subject, ...own }: NatsLinkOptions,
  { timeout: common, signal: everyone }: RequestOptions,
) {
  const { timeout = common ?? 10_000, signal = everyone } = own;
  const fetch = async (_url: string, { body }: FetchInit): Promise<FetchResponse> => {
    let text: string;
    try {
      const { data } = await connection.request(subject, new TextEncoder().encode(body), {
        // A little longer than the client's timeout, so that its error comes first. Zero means no timeout; timers are
        // limited to 2^31 - 1.
        timeout: Math.min((timeout || Infinity) + 1000, 2 ** 31 - 1),
      });
      text = new TextDecoder().decode(data);
    } catch (error) {
      if (!hasNoResponders(error)) throw error;
      const message = `No server listens at the NATS subject "${subject}"`;
      text = JSON.stringify({ error: { code: NO_RESPONDERS, message } });
    }
    return { ok: true, status: 200, headers: { get: () => null }, text: async () => text };
  };
  return { url: "nats:", fetch, timeout, signal };
}

// Version 3 of the library uses the name, also inside another error; version 2 uses the code.
function hasNoResponders(error: unknown): boolean {
  const { name, code, cause } = error as { name?: unknown; code?: unknown; cause?: unknown };
  return name === "NoResponders" || code === "503" ||
    (typeof cause === "object" && cause !== null && hasNoResponders(cause));
}
