import assert from "node:assert/strict";
import { test } from "node:test";
import { outputLines } from "../../lib/dev/output_lines.ts";

function collect(now = () => 0) {
  const lines: string[] = [];
  const output = outputLines({ onLine: (line) => lines.push(line), monotonic: now });
  return { lines, output };
}

test("outputLines() joins pieces and cuts at every kind of line end", () => {
  const { lines, output } = collect();
  for (const piece of ["on", "e\ntw", "o\r\n\nthree"]) output.write(piece);
  assert.deepEqual(lines, ["one", "two", ""]);
  output.end();
  assert.deepEqual(lines, ["one", "two", "", "three"]);
});

test("outputLines() gives a line without an end after a moment", async () => {
  const { lines, output } = collect();
  output.write("Continue? ");
  await new Promise((done) => setTimeout(done, 500));
  assert.deepEqual(lines, ["Continue? "]);
  output.end();
});

test("outputLines() lets a flood through for a second's share, and counts the rest", () => {
  let now = 0;
  const { lines, output } = collect(() => now);
  output.write("x\n".repeat(5000));
  assert.equal(lines.length, 1000);
  now = 1000;
  output.write("y\n");
  assert.deepEqual(lines.slice(1000), ["… 4000 more lines", "y"]);
  output.end();
});

test("outputLines() bounds a line that never ends, and remembers the last ones", () => {
  const { lines, output } = collect();
  output.write("x".repeat(1_000_000));
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.length, 4001);
  for (let count = 0; count < 20; count++) output.write(`${count}\n`);
  assert.deepEqual(output.last, ["12", "13", "14", "15", "16", "17", "18", "19"]);
  output.end();
});
