import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../lib/errors.ts";
import { type Finding, parseAllowances, withAllowance } from "../../lib/report/mod.ts";

test("parseAllowances() reads rules of diff and check, for all procedures or for one", () => {
  const reason = "allowed on the command line";
  assert.deepEqual(parseAllowances(undefined), []);
  assert.deepEqual(parseAllowances(["INPUT_NARROWED", "NAMES_CLASH:a:b"]), [
    { rule: "INPUT_NARROWED", reason },
    { rule: "NAMES_CLASH", procedure: "a:b", reason },
  ]);
});

test("parseAllowances() rejects unknown rules", () => {
  for (const text of ["", "NO_RULE", "toString", "input_narrowed", ":add"]) {
    assert.throws(
      () => parseAllowances([text]),
      (error) => error instanceof ToolError && error.exitCode === 2,
      text,
    );
  }
});

test("withAllowance() accepts errors and warnings of the rule and the procedure", () => {
  const finding: Finding = { rule: "R", level: "error", subject: "add", message: "", details: [] };
  const rows = [
    [finding, { rule: "R" }, "reason"],
    [finding, { rule: "R", procedure: "add" }, "reason"],
    [finding, { rule: "R", procedure: "other" }, undefined],
    [finding, { rule: "S" }, undefined],
    [{ ...finding, level: "warning" }, { rule: "R" }, "reason"],
    [{ ...finding, level: "notice" }, { rule: "R" }, undefined],
    [{ ...finding, allowed: "before" }, { rule: "R" }, "before"],
  ] as const;
  for (const [given, allowance, wanted] of rows) {
    assert.equal(withAllowance(given, [{ ...allowance, reason: "reason" }]).allowed, wanted);
  }
});
