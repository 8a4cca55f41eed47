import assert from "node:assert/strict";
import { test } from "node:test";
import { matches } from "./specs.ts";

test("matches() accepts anything for [WILDCARD] and [WILDLINE] for the rest of a line", () => {
  assert.ok(matches("a 12 ms\nb\n", "a [WILDLINE] ms\nb\n"));
  assert.ok(matches("a\n\nb\nc\n", "a\n[WILDCARD]c\n"));
  assert.ok(matches("a+b (c)\n", "a+b (c)"));
  assert.ok(!matches("a\nb\n", "[WILDLINE]"));
  assert.ok(!matches("ab", "a"));
  assert.ok(!matches("", "a"));
});
