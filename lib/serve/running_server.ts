import {
  type Registration,
  type RegistrationEvent,
  startRegistration,
} from "../rpyc/registry/mod.ts";
import type { ListenAddress, Listener } from "../server/mod.ts";

/** A server that listens until it is closed. */
export interface RunningServer {
  /** In the order of the addresses. */
  readonly listeners: readonly Listener[];
  /** Settles when a listener or the mode has ended; rejects if a listener failed. */
  readonly ended: Promise<unknown>;
  /** Registers each port until the server is closed. */
  register(
    registration: Registration,
    names: readonly string[],
    onEvent: (event: RegistrationEvent) => void,
  ): void;
  /** Closes everything, in the order: registrations, listeners, mode and logs. */
  close(): Promise<void>;
}

/** Starts the registration of each port that is listened on; returns the functions that end them. */
export function registerListeners(
  addresses: readonly ListenAddress[],
  listeners: readonly Listener[],
  registration: Registration,
  names: readonly string[],
  onEvent: (event: RegistrationEvent) => void,
): readonly (() => Promise<void>)[] {
  return addresses.flatMap((address, index) => {
    const port = listeners[index]?.port;
    if (port === undefined || !("host" in address)) return [];
    return [startRegistration(registration, { names, port, host: address.host }, onEvent)];
  });
}
