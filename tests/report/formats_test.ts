import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Finding,
  isError,
  markdownTable,
  renderFindings,
  renderGithub,
  renderJunit,
} from "../../lib/report/mod.ts";
import { styleOf } from "../../lib/terminal/mod.ts";

/** Texts that end or start something in one of the formats. */
const HOSTILE = [
  "plain",
  "two\nlines",
  "\r\n::error::injected",
  "a|b",
  "`ticks`` and ```",
  "<script>&amp;\"'",
  "%0A,title=x:",
  "\u0000\u0007\ud800",
  "]]> --> ${x}",
  "",
];

const FINDINGS: readonly Finding[] = HOSTILE.flatMap((text) => [
  { rule: "RULE", level: "error", subject: text, message: text, details: [text], file: text },
  { rule: "RULE", level: "warning", subject: text, message: text, details: [] },
  { rule: "RULE", level: "notice", subject: text, message: text, details: [] },
  { rule: "RULE", level: "error", subject: text, message: text, details: [], allowed: text },
]);

test("isError() is true for errors without an allowance", () => {
  assert.equal(FINDINGS.filter(isError).length, HOSTILE.length);
});

test("renderGithub() prints one command for each error and warning, whatever the texts", () => {
  const lines = renderGithub(FINDINGS, "summary\n::error::x", { cwd: "/", env: {} }).trimEnd()
    .split("\n");
  assert.equal(lines.length, 2 * HOSTILE.length + 1);
  for (const line of lines.slice(0, -1)) {
    assert.match(line, /^::(error|warning) (file=[^,:]*,)?title=pyrpc RULE::/);
  }
  assert.equal(lines.at(-1), "::notice title=pyrpc::summary%0A::error::x");
});

test("renderJunit() is well-formed and counts failures and skipped cases", () => {
  const xml = renderJunit(FINDINGS, "suite & co");
  const counts = `tests="40" failures="10" skipped="10" errors="0"`;
  assert.ok(xml.includes(`<testsuite name="suite &amp; co" ${counts}>`), xml);
  assert.deepEqual(malformedTags(xml), []);
  assert.doesNotMatch(xml, /[\u0000-\u0008\u000b-\u001f\ud800-\udfff]/);
});

test("renderJunit() has one passed case without findings", () => {
  assert.match(renderJunit([], "pyrpc check"), /tests="1" failures="0"[^]*name="nothing found"\/>/);
});

test("markdownTable() has one row of four cells for each finding, whatever the texts", () => {
  const [head, line, ...rows] = markdownTable(FINDINGS);
  assert.equal(head, "| | Rule | Where | What |");
  assert.equal(line, "| --- | --- | --- | --- |");
  assert.equal(rows.length, FINDINGS.length);
  for (const row of rows) {
    assert.doesNotMatch(row, /\n/);
    assert.equal(row.replace(/\\[^]/g, "").match(/\|/g)?.length, 5, row);
  }
});

test("renderFindings() prints errors first, with details and the reason of an allowance", () => {
  const text = renderFindings([
    { rule: "B", level: "notice", subject: "b", message: "notice", details: [] },
    { rule: "A", level: "error", subject: "a", message: "error", details: ["more"] },
    { rule: "C", level: "error", subject: "c", message: "known", details: [], allowed: "reason" },
  ], styleOf(false));
  assert.equal(
    text,
    "error A  a: error\n    more\nallowed C  c: known\n    because: reason\nnotice B  b: notice\n",
  );
});

// Tags that are not closed in order, and ampersands that are not references.
function malformedTags(xml: string): string[] {
  const open: string[] = [];
  const malformed = xml.match(/&(?!amp;|lt;|gt;|quot;|#10;)/g)?.map(String) ?? [];
  const rest = xml.replace(/<(\/?)([\w?-]+)((?: [\w-]+="[^"<]*")*)\s*(\??\/?)>/g, (
    all,
    slash,
    name,
    _attributes,
    end,
  ) => {
    if (slash === "/") {
      if (open.pop() !== name) malformed.push(all);
    } else if (end === "") open.push(name);
    return "";
  });
  if (/[<>]/.test(rest)) malformed.push(rest.trim());
  return [...malformed, ...open];
}
