import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonEquals, pythonOrder } from "../../../lib/rpyc/objects/equality.ts";
import { pythonTuple } from "../../../lib/rpyc/python_types.ts";

/** Pairs with the order of Python, `undefined` if Python cannot order them. */
const ORDERS: readonly [left: unknown, right: unknown, order: number | undefined][] = [
  [1, 2n, -1],
  [true, 1n, 0],
  ["a", "b", -1],
  ["ab", "a", 1],
  ["a", "ab", -1],
  ["a\u0000", "a", 1],
  // U+1F600 is greater than U+FF21, but its first UTF-16 code unit is less.
  ["\u{1F600}", "\uFF21", 1],
  ["", "", 0],
  [[1, 2], [1, 3], -1],
  [[1], [1, 0], -1],
  [pythonTuple([1]), [1], undefined],
  ["1", 1, undefined],
  [null, null, undefined],
];

for (const [left, right, order] of ORDERS) {
  test(`pythonOrder() orders ${JSON.stringify([String(left), String(right)])}`, () => {
    const forwards = pythonOrder(left, right);
    const backwards = pythonOrder(right, left);
    assert.equal(forwards === undefined ? undefined : Math.sign(forwards), order);
    assert.equal(backwards === undefined ? undefined : 0 - Math.sign(backwards), order);
  });
}

test("pythonEquals() compares numbers by value and containers by items", () => {
  assert.equal(pythonEquals(1, 1n), true);
  assert.equal(pythonEquals(true, 1), true);
  assert.equal(pythonEquals([1, { a: new Set([2]) }], [1n, { a: new Set([2n]) }]), true);
  assert.equal(pythonEquals([1], pythonTuple([1])), false);
  assert.equal(pythonEquals({ a: 1 }, new Map([["a", 1]])), true);
  assert.equal(pythonEquals({}, []), false);
});
