import { setTimeout as delay } from "node:timers/promises";

// Only a wait in vain takes so long: a busy machine must not fail a test.
const LIMIT_MS = 60_000;

/** Polls until `condition` returns true; an exception counts as false. */
export async function waitUntil(
  condition: () => Promise<boolean> | boolean,
  limitMs = LIMIT_MS,
): Promise<void> {
  const end = performance.now() + limitMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    await delay(20);
  }
  throw new Error(`The condition is not met within ${limitMs} ms`, { cause: last });
}
