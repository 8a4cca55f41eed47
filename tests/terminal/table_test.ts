import assert from "node:assert/strict";
import { test } from "node:test";
import { tableLines } from "../../lib/terminal/mod.ts";

const COLUMNS = [
  { heading: "NAME", shrink: 0 },
  { heading: "WHAT", shrink: 1 },
  { heading: "DOC", shrink: 1 },
];

test("tableLines() aligns columns and leaves no blanks at the end", () => {
  assert.deepEqual(tableLines(COLUMNS, [["a", "bb", ""], ["long name", "c", "d"]]), [
    "NAME       WHAT  DOC",
    "a          bb",
    "long name  c     d",
  ]);
});

test("tableLines() cuts only columns that may shrink, down to the width", () => {
  const rows = [["procedure_with_a_name", "w".repeat(60), "d".repeat(30)]];
  const lines = tableLines(COLUMNS, rows, 70);
  assert.ok(lines.every((line) => line.length <= 70), lines.join("\n"));
  assert.match(lines[1]!, /^procedure_with_a_name {2}w+… {2}d+…$/);
});

test("tableLines() makes texts from elsewhere harmless and one line", () => {
  const [, line] = tableLines(COLUMNS, [["\u001b[2J", "a\nb", "\u202e"]]);
  assert.equal(line, "\\u001b[2J  a b   \\u202e");
});
