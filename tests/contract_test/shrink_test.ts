import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json } from "../../lib/contract/mod.ts";
import { shrink, simplerParams, simplerValues } from "../../lib/contract_test/shrink.ts";
import type { Params } from "../../lib/contract_test/test_case.ts";
import { arbitraryValue } from "../support/arbitrary_schema.ts";

test("simplerValues: every chain of simpler values ends", () => {
  fc.assert(
    fc.property(arbitraryValue, (value) => {
      let current: Json = value;
      for (let step = 0; step < 2_000; step++) {
        const simpler = simplerValues(current);
        assert.ok(!simpler.some((each) => JSON.stringify(each) === JSON.stringify(current)));
        const last = simpler.at(-1);
        if (last === undefined) return;
        current = last;
      }
      assert.fail("no end");
    }),
    { numRuns: 100 },
  );
});

test("shrink finds the fewest and simplest arguments that still fail", async () => {
  const rows: [start: Params, fails: (params: Params) => boolean, end: Params][] = [
    [{ a: 12, b: "text", c: [1, 2] }, () => true, {}],
    [{ a: 12, b: "text" }, (params) => "b" in params, { b: "" }],
    [
      { a: { list: [1, 2, { deep: "abc" }] } },
      (params) => JSON.stringify(params).includes("deep"),
      {
        a: { list: [{ deep: "" }] },
      },
    ],
    [[1, 2, 3], (params) => Array.isArray(params) && params.length >= 2, [0, 0]],
    [{ n: 1000 }, (params) => "n" in params && (params["n"] as number) >= 100, { n: 125 }],
    [{ s: "aaaaaaaaaaaaaaaaa" }, (params) => "s" in params && String(params["s"]).length > 5, {
      s: "aaaaaa",
    }],
  ];
  for (const [start, fails, end] of rows) {
    assert.deepEqual(await shrink(start, (params) => Promise.resolve(fails(params))), end);
  }
});

test("shrink ends when no further call may be sent", async () => {
  let left = 3;
  const isLong = (params: Params) => "a" in params && String(params["a"]).length > 2;
  const result = await shrink(
    { a: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
    (params) => Promise.resolve(left-- > 0 ? isLong(params) : undefined),
  );
  assert.ok(isLong(result) && "a" in result && String(result["a"]).length > 3);
  assert.equal(left, -1);
});

test("simplerParams removes arguments before it simplifies them", () => {
  assert.deepEqual(simplerParams({ a: 1, b: 2 }).slice(0, 2), [{ b: 2 }, { a: 1 }]);
  assert.deepEqual(simplerParams([1, 2])[0], [1]);
});
