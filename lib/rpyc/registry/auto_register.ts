import { registerService, type RegistryAddress, unregisterService } from "./registry_client.ts";

/** Options of {@link keepRegistered}. */
export interface KeepRegisteredOptions {
  readonly registry: RegistryAddress;
  readonly names: readonly string[];
  readonly port: number;
  /** Milliseconds between two keep-alives. @default {60,000} */
  readonly interval?: number;
  readonly onEvent?: (event: "registered" | "failed" | "unregistered") => void;
}

const INTERVAL = 60_000;
const RETRY = 1000;

/**
 * Registers at once and again and again: every minute, and once a second as long as no registry answers.
 *
 * @returns ends it and takes the registration back
 */
export function keepRegistered(options: KeepRegisteredOptions): () => Promise<void> {
  const { registry, names, port, interval = INTERVAL, onEvent } = options;
  let isOver = false;
  let wake = () => {};
  let wasRegistered: boolean | undefined;
  const loop = (async () => {
    while (!isOver) {
      const done = await registerService(registry, names, port);
      if (isOver) break;
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
    if (isOver) return;
    isOver = true;
    wake();
    // Also when the last answer was lost: the registry may know us all the same.
    await unregisterService({ ...registry, timeout: 500 }, port);
    onEvent?.("unregistered");
    await loop;
  };
}
