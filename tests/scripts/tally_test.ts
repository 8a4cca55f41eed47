import assert from "node:assert/strict";
import { test } from "node:test";
import { tally } from "../../scripts/tally.ts";

const good = { results: `{"passed":3,"failed":0}`, exitCode: 0 };

test("tally() adds up", () => {
  const bad = { results: `{"passed":1,"failed":2}`, exitCode: 1 };
  assert.deepEqual(tally([good, bad]), { passed: 4, failed: 2 });
});

test("tally() counts missing results as one failure, whatever the exit code", () => {
  assert.deepEqual(tally([good, { results: undefined, exitCode: 0 }]), { passed: 3, failed: 1 });
});

test("tally() counts a bad end without a failure as one failure", () => {
  assert.deepEqual(tally([{ ...good, exitCode: 1 }]), { passed: 3, failed: 1 });
});
