import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { DIFF_RULES } from "../../lib/compare/mod.ts";
import { CHECK_RULES, explainRule, rulesPage } from "../../lib/report/mod.ts";

test("docs/diff-rules.md is the page of rulesPage(), with a section for each rule", async () => {
  const page = await readFile(new URL("../../docs/diff-rules.md", import.meta.url), "utf8");
  assert.equal(page, rulesPage());
  for (const rule of [...Object.keys(DIFF_RULES), ...Object.keys(CHECK_RULES)]) {
    assert.match(explainRule(rule), new RegExp(`^## ${rule}\n\n[A-Z]`));
    assert.ok(page.includes(explainRule(rule)), rule);
  }
  assert.equal(explainRule("NO_RULE"), "");
});
