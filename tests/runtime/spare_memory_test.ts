import assert from "node:assert/strict";
import { test } from "node:test";
import { spareMemory } from "../../lib/runtime/spare_memory.ts";

const isBun = "Bun" in globalThis;

test("spareMemory returns what may be called again and again, whatever the runtime", () => {
  const free = spareMemory();
  free();
  free();
});

test("spareMemory's function collects at once", { skip: isBun ? false : "Bun only" }, () => {
  const free = spareMemory();
  const kept = ((): WeakRef<object>[] =>
    Array.from({ length: 200 }, () =>
      new WeakRef({ large: new Array(1000).fill(0) })))();
  // A reference that was looked at stays until the next turn.
  return new Promise<void>((done) => setTimeout(done, 0)).then(() => {
    free();
    assert.ok(kept.filter((each) => each.deref() !== undefined).length < 100);
  });
});
