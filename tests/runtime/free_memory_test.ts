import assert from "node:assert/strict";
import { test } from "node:test";
import { freeMemory } from "../../lib/runtime/free_memory.ts";

const isBun = "Bun" in globalThis;

test("freeMemory() can be called repeatedly under every engine", () => {
  freeMemory();
  freeMemory();
});

test("freeMemory() collects garbage at once", { skip: isBun ? false : "Bun only" }, async () => {
  const kept = ((): WeakRef<object>[] =>
    Array.from({ length: 200 }, () =>
      new WeakRef({ large: new Array(1000).fill(0) })))();
  // The target of a WeakRef stays alive until the end of the current job.
  await new Promise<void>((done) => setTimeout(done, 0));
  freeMemory();
  assert.ok(kept.filter((each) => each.deref() !== undefined).length < 100);
});
