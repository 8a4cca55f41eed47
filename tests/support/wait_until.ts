import { setTimeout as delay } from "node:timers/promises";

/** Polls until `condition` returns true; an exception counts as false. */
export async function waitUntil(
  condition: () => Promise<boolean> | boolean,
  timeoutMs: number,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    await delay(20);
  }
  throw new Error(`The condition is not met within ${timeoutMs} ms`, { cause: last });
}
