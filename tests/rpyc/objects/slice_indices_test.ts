import assert from "node:assert/strict";
import { test } from "node:test";
import { type BrineValue, Slice } from "../../../lib/rpyc/brine.ts";
import { sliceIndices } from "../../../lib/rpyc/objects/slice_indices.ts";

/** The results of `list(range(length))[start:stop:step]` in Python. */
const SLICES: readonly [
  slice: readonly [BrineValue, BrineValue, BrineValue],
  length: number,
  indices: readonly number[],
][] = [
  [[null, null, null], 3, [0, 1, 2]],
  [[1n, null, null], 3, [1, 2]],
  [[null, -1n, null], 3, [0, 1]],
  [[-2n, null, null], 3, [1, 2]],
  [[null, null, -1n], 3, [2, 1, 0]],
  [[5n, null, -2n], 4, [3, 1]],
  [[null, 0n, -1n], 3, [2, 1]],
  [[-100n, 100n, 2n], 5, [0, 2, 4]],
  [[2n, 1n, null], 3, []],
  [[null, null, null], 0, []],
];

for (const [[start, stop, step], length, indices] of SLICES) {
  test(`sliceIndices() of [${start}:${stop}:${step}] with ${length} items`, () => {
    assert.deepEqual(sliceIndices(new Slice(start, stop, step), length), indices);
  });
}

test("sliceIndices() rejects a step of zero and indices that are not ints", () => {
  assert.throws(() => sliceIndices(new Slice(null, null, 0n), 3), /slice step cannot be zero/);
  assert.throws(() => sliceIndices(new Slice("a", null, null), 3), { name: "TypeError" });
});
