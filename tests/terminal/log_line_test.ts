import assert from "node:assert/strict";
import { test } from "node:test";
import { logLine } from "../../lib/terminal/mod.ts";

test("logLine() keeps colors on a terminal, drops them elsewhere, and never passes another sequence", () => {
  const rows = [
    ["plain", "plain", "plain"],
    [
      '\x1b[33m"GET /nope" 404\x1b[0m -',
      '"GET /nope" 404 -',
      '\x1b[33m"GET /nope" 404\x1b[0m -\x1b[0m',
    ],
    ["\x1b[1;38;5;196mred", "red", "\x1b[1;38;5;196mred\x1b[0m"],
    ["a\x1b[2Kb\x1b[1;1Hc", "abc", "abc"],
    ["\x1b]0;title\x07x", "\\u001b]0;title\\u0007x", "\\u001b]0;title\\u0007x"],
  ] as const;
  for (const [line, plain, colored] of rows) {
    assert.equal(logLine(line, false), plain);
    assert.equal(logLine(line, true), colored);
  }
});
