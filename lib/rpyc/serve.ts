/** Serves RPyC connections. */
import type { Duplex } from "node:stream";
import { defined } from "../defined.ts";
import type { ServeConnection } from "../server/mod.ts";
import { RpycConnection } from "./connection.ts";
import type { RpycOptions } from "./options.ts";
import type { ServiceSource } from "./service.ts";

/**
 * Serves one connection until either side ends it.
 *
 * @returns resolves when the connection has ended, also after an error; never rejects
 */
export function serveRpyc(
  stream: Duplex,
  service: ServiceSource,
  options: RpycOptions = {},
): Promise<void> {
  try {
    return new RpycConnection(stream, service, options).closed;
  } catch (error) {
    // A service whose constructor throws ends only its own connection.
    options.onFailure?.(error);
    stream.destroy();
    return Promise.resolve();
  }
}

/**
 * Returns a function that serves connections of any transport and connection mode.
 *
 * @param service creates the service of each connection
 */
export function rpycConnections(
  service: ServiceSource,
  options: RpycOptions = {},
): ServeConnection {
  return async (stream, info) => {
    const { signal } = info;
    const onAbort = () => void stream.destroy();
    signal.addEventListener("abort", onAbort, { once: true });
    const peer = info.remote === "" ? undefined : info.remote;
    try {
      await serveRpyc(stream, service, {
        ...options,
        credentials: info.identity,
        ...defined({ peer, onFailure: info.onFailure }),
      });
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
}
