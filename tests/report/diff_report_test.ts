import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf, renderText, reportDiff, summaryOf } from "../../lib/report/mod.ts";
import { styleOf } from "../../lib/terminal/mod.ts";
import { contractOf } from "../support/contracts.ts";

const side = (where: string, procedures: Parameters<typeof contractOf>[0]) => ({
  where,
  contract: contractOf(procedures),
});
const BEFORE = side("before", { add: { parameters: [{ name: "a" }] }, old: {} });
const AFTER = side("after", { add: { parameters: [{ name: "b" }] }, extra: { result: true } });

test("reportDiff() has severity and version without allowed changes and with them", async () => {
  const report = await reportDiff(BEFORE, AFTER);
  assert.deepEqual([report.severity, report.bump], ["breaking", "major"]);
  const allowances = [
    { rule: "PROCEDURE_REMOVED", procedure: "old", reason: "unused" },
    { rule: "PARAMETER_RENAMED", reason: "by position only" },
    { rule: "PARAMETER_REMOVED", procedure: "add", reason: "not matched" },
  ];
  const allowed = await reportDiff(BEFORE, AFTER, allowances);
  assert.deepEqual([allowed.severity, allowed.bump], ["safe", "major"]);
  assert.deepEqual(allowed.unusedAllowances, ["PARAMETER_REMOVED:add"]);
  assert.equal(summaryOf(allowed), "2 allowed, 1 safe; the next version is a major one");
  const text = renderText(allowed, styleOf(false));
  assert.match(text, /^Safe\n {2}PROCEDURE_ADDED[^]*\nAllowed\n[^]* {6}because: unused\n/);
  assert.match(text, /note: the allowance PARAMETER_REMOVED:add matches nothing\n/);
});

test("reportDiff() of equal contracts is empty", async () => {
  const report = await reportDiff(BEFORE, BEFORE);
  assert.deepEqual([report.severity, report.bump, report.types], ["none", "none", []]);
  assert.equal(renderText(report, styleOf(false)), "No changes\n");
});

test("findingsOf() names the audiences that a change affects, unless it affects all", async () => {
  const findings = findingsOf(await reportDiff(BEFORE, AFTER), "schema.json");
  const of = (rule: string) => findings.find((finding) => finding.rule === rule);
  assert.deepEqual(of("PARAMETER_RENAMED")?.details, ["name: a → b", "for callers by name"]);
  assert.deepEqual(of("PROCEDURE_REMOVED")?.details, []);
  assert.deepEqual(
    [of("PARAMETER_RENAMED")?.subject, of("PARAMETER_RENAMED")?.file],
    ["add(a)", "schema.json"],
  );
});
