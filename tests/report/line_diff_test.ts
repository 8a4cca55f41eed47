import assert from "node:assert/strict";
import { test } from "node:test";
import { lineDiff } from "../../lib/report/line_diff.ts";
import { changedNames } from "../../lib/report/mod.ts";

test("lineDiff() prints common lines once and the others with their marks", () => {
  const rows = [
    [null, "a", ["+ a"]],
    ["a", null, ["- a"]],
    ["a", "b", ["- a", "+ b"]],
    ["{\n  a\n}", "{\n  b\n}", ["  {", "-   a", "+   b", "  }"]],
    ["a\nb\nc", "a\nc", ["  a", "- b", "  c"]],
    ["a\nc", "a\nb\nc", ["  a", "+ b", "  c"]],
  ] as const;
  for (const [before, after, wanted] of rows) assert.deepEqual(lineDiff(before, after), wanted);
});

test("lineDiff() contains both texts", () => {
  const texts = ["a\nb\nc\nd", "b\nd\na", "x\ny", "a\na\na", "d\nc\nb\na\nb"];
  for (const before of texts) {
    for (const after of texts) {
      const lines = lineDiff(before, after);
      const side = (mark: string) =>
        lines.filter((line) => line[0] !== mark).map((line) => line.slice(2)).join("\n");
      assert.equal(side("+"), before);
      assert.equal(side("-"), after);
    }
  }
});

test("lineDiff() prints only the sizes of long texts", () => {
  const long = "line\n".repeat(500);
  assert.deepEqual(lineDiff(long, "a\nb"), ["- 501 lines", "+ 2 lines"]);
});

test("changedNames() prints the first ten names of each kind", () => {
  const names = Array.from({ length: 11 }, (_, index) => `n${index}`);
  assert.deepEqual(changedNames({ added: names, changed: [], removed: ["x", "y"] }), [
    "+ n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, …",
    "- x, y",
  ]);
});
