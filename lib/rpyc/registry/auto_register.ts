import { registerService, type RegistryAddress, unregisterService } from "./registry_client.ts";

/** Options of {@link keepRegistered}. */
export interface KeepRegisteredOptions {
  readonly registry: RegistryAddress;
  readonly names: readonly string[];
  readonly port: number;
  /** Milliseconds between keep-alives. @default {60,000} */
  readonly interval?: number;
  readonly onEvent?: (event: "registered" | "failed" | "unregistered") => void;
}

const INTERVAL = 60_000;
const RETRY = 1000;

/**
 * Registers a service now and renews the registration: every minute, or every second while no registry replies.
 *
 * @returns stops and unregisters the service
 */
export function keepRegistered(options: KeepRegisteredOptions): () => Promise<void> {
  const { registry, names, port, interval = INTERVAL, onEvent } = options;
  let isStopped = false;
  let wake = () => {};
  let wasRegistered: boolean | undefined;
  const loop = (async () => {
    while (!isStopped) {
      const done = await registerService(registry, names, port);
      if (isStopped) break;
      if (done !== wasRegistered) onEvent?.(done ? "registered" : "failed");
      wasRegistered = done;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, done ? interval : RETRY);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return async () => {
    if (isStopped) return;
    isStopped = true;
    wake();
    // Also if the last reply was lost: the registry may have stored the registration.
    await unregisterService({ ...registry, timeout: 500 }, port);
    onEvent?.("unregistered");
    await loop;
  };
}
