import assert from "node:assert/strict";
import { test } from "node:test";
import { hashText, hashValues } from "../../lib/mock/values/hash.ts";

const hash = (...values: readonly unknown[]) => hashValues(hashText("start"), values);

test("hashValues() is the same for equal values", () => {
  const equal: readonly (readonly [unknown, unknown])[] = [
    [{ a: 1, b: [2, { c: 3 }] }, { b: [2, { c: 3 }], a: 1 }],
    [7, 7n],
    [0, -0],
    [2 ** 60, 2n ** 60n],
    [{ a: 1, b: undefined }, { a: 1 }],
    [null, undefined],
  ];
  for (const [one, other] of equal) assert.equal(hash(one), hash(other), `${String(one)}`);
});

test("hashValues() differs for values that differ", () => {
  const calls: readonly (readonly unknown[])[] = [
    [],
    [null],
    [null, null],
    [false],
    [true],
    [0],
    [1],
    [-1],
    [2 ** 32],
    [2 ** 32 + 1],
    [2n ** 64n],
    [2n ** 64n + 1n],
    [1.5],
    ["1.5"],
    [""],
    ["0"],
    ["a", "b"],
    ["ab", ""],
    ["", "ab"],
    [["a", "b"]],
    [[]],
    [[[]]],
    [{}],
    [{ a: 1, b: 2 }],
    [{ a: 2, b: 1 }],
    [{ a: { b: 1 } }],
    [{ "": 0 }],
    [1, 2],
    [2, 1],
    [[1], 2],
    [[1, 2]],
  ];
  const hashes = new Map(calls.map((values) => [hash(...values), values]));
  assert.equal(hashes.size, calls.length);
});

test("hashValues() spreads calls that differ in one digit over all bits", () => {
  const hashes = Array.from(
    { length: 20_000 },
    (_, index) => hash(index, (index * 7919) % 100_003),
  );
  // About 0.05 of as many random numbers of 32 bits are expected to be equal by chance.
  assert.ok(new Set(hashes).size >= 19_998);
  for (let bit = 0; bit < 32; bit++) {
    const share = hashes.filter((one) => (one >>> bit & 1) === 1).length / hashes.length;
    assert.ok(Math.abs(share - 0.5) < 0.02, `bit ${bit}: ${share}`);
  }
});

// Every user's sample values depend on them.
test("hashValues() is the same on every engine", () => {
  assert.equal(hashText("add"), PINNED_TEXT);
  assert.equal(
    hash(1, -2, 2 ** 40, 0.1, 1e300, 2n ** 70n, "Ünïcödé 🌿", [true, null], { a: "b" }),
    PINNED,
  );
});

const PINNED_TEXT = 3_508_789_608;
const PINNED = 936_980_003;
