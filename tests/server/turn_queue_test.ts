import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TurnQueue } from "../../lib/server/turn_queue.ts";

test("TurnQueue runs the first of a turn at once, and the others in order at its end", async () => {
  const queue = new TurnQueue((job: () => void) => job());
  const ran: number[] = [];
  for (const number of [1, 2, 3]) queue.add(() => ran.push(number));
  assert.deepEqual(ran, [1]);
  await nextTurn();
  assert.deepEqual(ran, [1, 2, 3]);

  queue.add(() => ran.push(4));
  assert.deepEqual(ran, [1, 2, 3, 4]);
});

test("TurnQueue runs tasks that are added while others run", async () => {
  const queue = new TurnQueue((job: () => void) => job());
  const ran: string[] = [];
  queue.add(() => ran.push("a"));
  queue.add(() => {
    ran.push("b");
    queue.add(() => ran.push("c"));
    queue.add(() => ran.push("d"));
  });
  await nextTurn();
  assert.deepEqual(ran.slice(0, 3), ["a", "b", "c"]);
  await nextTurn();
  assert.deepEqual(ran, ["a", "b", "c", "d"]);
});
