import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenLinesTexts } from "../../commands/dev/broken_lines_text.ts";
import { reportDiff } from "../../lib/report/mod.ts";
import { styleOf } from "../../lib/terminal/mod.ts";
import { contractOf } from "../support/contracts.ts";

test("dev --broken-lines prints what was not compiled in each client, also if no line breaks", async () => {
  const side = { contract: contractOf({ add: {} }), where: "main" };
  const client = { typescript: "5.9.3", files: 1, ownErrors: 0, notes: [], problem: undefined };
  const report = {
    ...await reportDiff(side, side),
    clients: [
      { ...client, root: "web" },
      { ...client, root: "site", notes: [".svelte files are not compiled"] },
    ],
  };
  assert.deepEqual(brokenLinesTexts({ report }, styleOf(false)), [
    "  ✓ No line of the clients breaks",
    "  ⚠ site: .svelte files are not compiled",
  ]);
});
