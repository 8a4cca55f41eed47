import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePattern } from "../../../lib/validate/mod.ts";

const ROWS: readonly [pattern: string, text: string, matches: boolean][] = [
  ["(?<=a{1000})b", `${"a".repeat(1000)}b`, true],
  ["(?<=a{1000})b", "a".repeat(5000), false],
  ["(?<=a|bcd)x", "bcdx", true],
  ["(?<=a|bcd)x", "cdx", false],
  ["(?<!ab?)c", "abc", false],
  ["(?<!ab?)c", "bc", true],
];

for (const [pattern, text, matches] of ROWS) {
  test(`compilePattern() runs ${pattern} on ${text.length} characters: ${matches}`, () => {
    assert.equal(compilePattern(pattern, assert.fail)?.(text), matches);
  });
}

test("compilePattern() stops at its limit on long texts and reports it", () => {
  for (
    const [pattern, text] of [
      ["(?<=a{1000})b", "b".repeat(300_000)],
      ["(a*)(?<=x)b", "b".repeat(300_000)],
      ["(\\w+\\s?)+(?=z)$", "ab ".repeat(30_000)],
    ] as const
  ) {
    const warnings: string[] = [];
    assert.equal(compilePattern(pattern, (warning) => warnings.push(warning))?.(text), true);
    assert.match(warnings.join(), /takes too long/);
  }
});
