import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changesInBrief,
  countsInBrief,
  reportChanges,
  reportWarnings,
} from "../../../lib/cli/output/types_report.ts";
import type { NameChanges } from "../../../lib/codegen/mod.ts";
import { capturedConsole } from "../../support/captured_console.ts";

const NONE: NameChanges = { added: [], changed: [], removed: [] };
const names = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);

const BRIEF: readonly [procedures: NameChanges, types: NameChanges, expected: string][] = [
  [NONE, NONE, "nothing changed"],
  [{ ...NONE, added: ["a", "b"] }, NONE, "+2 ~0 -0 procedures"],
  [NONE, { ...NONE, removed: ["A"] }, "+0 ~0 -1 types"],
  [{ ...NONE, changed: ["a"] }, { ...NONE, added: ["A"] }, "+0 ~1 -0 procedures, +1 ~0 -0 types"],
];

for (const [procedures, types, expected] of BRIEF) {
  test(`changesInBrief() prints ${expected}`, () => {
    assert.equal(changesInBrief({ procedures, types }), expected);
  });
}

test("countsInBrief() uses the singular for one", () => {
  assert.equal(countsInBrief({ procedures: [1], types: [1, 2] }), "1 procedure, 2 types");
  assert.equal(countsInBrief({ procedures: [], types: [1] }), "0 procedures, 1 type");
});

test("reportChanges() prints the lines of changed names, and ten names of a kind", () => {
  const { console, stderr } = capturedConsole();
  reportChanges(
    console,
    {
      procedures: { ...NONE, added: names(12), changed: ["c"] },
      types: { ...NONE, removed: ["T"] },
    },
    (kind, name) => ({ removed: [`old ${kind} ${name}`], added: ["new"] }),
  );
  assert.deepEqual(stderr().trimEnd().split("\n"), [
    ...names(10).map((name) => `  + procedure ${name}`),
    "  + and 2 more procedures",
    "  ~ procedure c",
    "      - old procedures c",
    "      + new",
    "  - type T",
  ]);
});

test("reportChanges() escapes control characters of names", () => {
  const { console, stderr } = capturedConsole();
  reportChanges(console, { procedures: { ...NONE, added: ["a\x1b[31mb"] }, types: NONE });
  assert.ok(!stderr().includes("\x1b"));
});

test("reportWarnings() prints ten warnings and the number of the others", () => {
  const { console, stderr } = capturedConsole();
  const warning = { code: "x", procedure: "add", path: "a", message: "is untyped" };
  reportWarnings(console, Array.from({ length: 11 }, () => warning) as never);
  const lines = stderr().trimEnd().split("\n");
  assert.equal(lines[0], "warning: add, a: is untyped");
  assert.equal(lines.at(-1), "warning: and 1 more");
  assert.equal(lines.length, 11);
});
