import assert from "node:assert/strict";
import { test } from "node:test";
import { Looking } from "../../lib/runtime/again/looking.ts";

/** Looking with a clock and a queue for the processor that stand where they are put. */
function looking() {
  const world = { now: 0, inQueue: 0 };
  const looking = new Looking(() => world.now, () => world.inQueue);
  const after = (ms: number, inQueue: number) => {
    world.now += ms;
    world.inQueue += inQueue;
    looking.ask();
  };
  looking.ask();
  after(100, 0);
  return { looking, after };
}

test("Looking begins when messages come soon, and stops when it is in vain", () => {
  const { looking: it } = looking();
  assert.equal(it.pays(), false);
  it.waited(0.5, false);
  assert.equal(it.pays(), true);
  for (let count = 0; count < 100; count++) it.waited(0.1, true);
  assert.equal(it.pays(), true);
  for (let count = 0; count < 8; count++) it.waited(0.5, true);
  assert.equal(it.pays(), false);
  // A client that asks now and then.
  for (let count = 0; count < 100; count++) it.waited(5, false);
  for (let count = 0; count < 20; count++) it.waited(0.5, false);
  assert.equal(it.pays(), false);
});

test("Looking leaves the processors to others, and comes back when they are free", () => {
  const { looking: it, after } = looking();
  for (let count = 0; count < 10; count++) it.waited(0.1, true);
  after(100, 30);
  assert.equal(it.pays(), false);
  // Not asked each time.
  after(10, 0);
  assert.equal(it.pays(), false);
  after(100, 1);
  assert.equal(it.pays(), true);
  after(100, NaN);
  assert.equal(it.pays(), false);
});
