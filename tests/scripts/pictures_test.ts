// Runs under Deno only: the scripts of developers run under Deno.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawWindow } from "../../scripts/pictures/svg.ts";
import {
  type Line,
  pythonLines,
  terminalLines,
  typescriptLines,
  wrapLines,
} from "../../scripts/pictures/text.ts";
import { THEMES } from "../../scripts/pictures/theme.ts";

const textOf = (lines: readonly Line[]) =>
  lines.map((line) => line.map(({ text }) => text).join("")).join("\n");

test("terminalLines() turns escape sequences into colors, which last over lines", () => {
  const lines = terminalLines(
    "\x1b[1m\x1b[31merror:\x1b[39m\x1b[22m no\n\x1b[2mdim\nstill\x1b[22m x\n",
  );
  assert.deepEqual(lines, [
    [{ text: "error:", color: "red", isBold: true }, { text: " no", color: "text", isBold: false }],
    [{ text: "dim", color: "dim", isBold: false }],
    [{ text: "still", color: "dim", isBold: false }, { text: " x", color: "text", isBold: false }],
  ]);
});

test("pythonLines() and typescriptLines() keep every character", () => {
  const python =
    '@rpc.query\ndef f(x: "A") -> Product:\n    """Two\n    lines."""\n    return None  # no\n';
  const typescript = "const x = await f<T>(`a`, 'b'); // c\n/* d\ne */ if (x) throw x;\n";
  assert.equal(textOf(pythonLines(python)), python);
  assert.equal(textOf(typescriptLines(typescript)), typescript);
  assert.deepEqual(pythonLines("class A:")[0]?.map(({ color }) => color), [
    "keyword",
    "text",
    "type",
    "text",
  ]);
});

test("wrapLines() breaks lines at the width, also within a span and a wide character", () => {
  const wrapped = wrapLines([[{ text: "abcd", color: "red" }, { text: "e✓f", color: "dim" }]], 3);
  assert.equal(textOf(wrapped), "abc\nde✓\nf");
  assert.deepEqual(wrapped[1]?.map(({ color }) => color), ["red", "dim"]);
});

test("drawWindow() escapes markup, and fails for lines that do not fit", () => {
  const area = { x: 0, y: 0, width: 200, height: 100 };
  const lines: Line[] = [[{ text: 'a<b>&"', color: "text" }]];
  const svg = drawWindow({ title: "<t>", lines }, area, THEMES.light);
  assert.match(svg, />a&lt;b>&amp;&quot;<\/tspan>/);
  assert.match(svg, />&lt;t></);
  const many = Array.from({ length: 9 }, () => lines[0]!);
  assert.throws(() => drawWindow({ title: "t", lines: many }, area, THEMES.dark), /more lines/);
});
