import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { HttpFailure } from "../../lib/http/failure.ts";
import { TimeLimits, type TimeLimitsOptions } from "../../lib/http/time_limits.ts";

/** Starts limits and a body whose bytes arrive at those times; returns the failure and its time. */
async function failureWith(options: TimeLimitsOptions, bytesAt: readonly number[]) {
  const start = performance.now();
  let limits: TimeLimits | undefined;
  const failure = new Promise<{ kind: string; ms: number }>((resolve) => {
    limits = new TimeLimits(options, ({ kind }: HttpFailure) => {
      resolve({ kind, ms: performance.now() - start });
    });
  });
  for (const at of bytesAt) {
    await delay(Math.max(0, start + at - performance.now()));
    limits?.restartIdle();
  }
  return await failure;
}

test("TimeLimits fails at the time for everything, or a byte was missing for so long, whichever is first", async () => {
  const cases = [
    { timeoutMs: 20, idleMs: 1000, bytesAt: [], kind: "timeout", after: 20 },
    // Until the body begins, only the time for everything counts.
    { timeoutMs: 60, idleMs: 20, bytesAt: [], kind: "timeout", after: 60 },
    { timeoutMs: 2000, idleMs: 30, bytesAt: [0], kind: "idle", after: 30 },
    { timeoutMs: 2000, idleMs: 300, bytesAt: [100, 200], kind: "idle", after: 500 },
    { timeoutMs: 2000, idleMs: 20, bytesAt: [50], kind: "idle", after: 70 },
    { timeoutMs: 50, idleMs: 1000, bytesAt: [10, 20], kind: "timeout", after: 50 },
  ];
  await Promise.all(cases.map(async ({ bytesAt, kind, after, ...options }) => {
    const failure = await failureWith(options, bytesAt);
    const what = JSON.stringify({ ...options, bytesAt, failure });
    assert.equal(failure.kind, kind, what);
    assert.ok(failure.ms >= after - 1, what);
  }));
});

test("TimeLimits fails no more after its end", async () => {
  const kinds: string[] = [];
  const options = { timeoutMs: 10, idleMs: 5 };
  const limits = new TimeLimits(options, ({ kind }) => void kinds.push(kind));
  limits.restartIdle();
  limits.end();
  await failureWith({ timeoutMs: 30, idleMs: 30 }, []);
  assert.deepEqual(kinds, []);
});
