import assert from "node:assert/strict";
import { test } from "node:test";
import { outputLines } from "../../lib/dev/output_lines.ts";
import { FakeClock } from "../support/fake_clock.ts";

function collect() {
  const lines: string[] = [];
  const clock = new FakeClock();
  const output = outputLines({ onLine: (line) => lines.push(line), clock });
  return { lines, output, clock };
}

test("outputLines() joins pieces and cuts at every kind of line end", () => {
  const { lines, output } = collect();
  for (const piece of ["on", "e\ntw", "o\r\n\nthree"]) output.write(piece);
  assert.deepEqual(lines, ["one", "two", ""]);
  output.end();
  assert.deepEqual(lines, ["one", "two", "", "three"]);
});

test("outputLines() emits the last state of a progress bar", async () => {
  const { lines, output, clock } = collect();
  for (
    const piece of [
      "progress 0",
      "\rprogress 1",
      "\rdone\n",
      "\rnext 0\rnext 1\r\n",
      "50%\r",
      "60%",
    ]
  ) {
    output.write(piece);
  }
  await clock.advance(300);
  assert.deepEqual(lines, ["done", "next 1", "60%"]);
  output.end();
});

test("outputLines() emits a line without an end after a moment", async () => {
  const { lines, output, clock } = collect();
  output.write("Continue? ");
  await clock.advance(299);
  assert.deepEqual(lines, []);
  await clock.advance(1);
  assert.deepEqual(lines, ["Continue? "]);
  output.end();
});

for (const following of [["y\n"], []]) {
  test(`outputLines() limits the lines of a second and counts the rest, with ${following.length} lines after it`, async () => {
    const { lines, output, clock } = collect();
    output.write("x\n".repeat(5000));
    assert.equal(lines.length, 1000);
    await clock.advance(1000);
    for (const line of following) output.write(line);
    assert.deepEqual(lines.slice(1000), ["… 4000 more lines", ...following.map(() => "y")]);
    output.end();
    assert.equal(clock.pending, 0);
  });
}

test("outputLines() bounds a line that never ends, and keeps the last ones", () => {
  const { lines, output } = collect();
  output.write("x".repeat(1_000_000));
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.length, 4001);
  for (let count = 0; count < 20; count++) output.write(`${count}\n`);
  assert.deepEqual(output.last, ["12", "13", "14", "15", "16", "17", "18", "19"]);
  output.end();
});
