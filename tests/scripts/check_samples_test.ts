// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { test } from "node:test";
import { check, samplesIn } from "../../scripts/check_samples.ts";

const block = (language: string, text: string, before = "") =>
  `${before}\n\n\`\`\`${language}\n${text}\n\`\`\`\n`;

test("samplesIn() finds blocks with their line and the comment before them", () => {
  const page = `# Title${block("ts", "const a = 1;")}${
    block("sh", "a\n\nb", "<!-- sample: shown, why -->")
  }\`\`\`\`md\n\`\`\`ts\n\`\`\`\n\`\`\`\`\n`;
  const found = samplesIn("page.md", page).map(({ line, language, marker, text }) =>
    [line, language, marker, text] as const
  );
  assert.deepEqual(found, [
    [3, "ts", undefined, "const a = 1;\n"],
    [8, "sh", "sample: shown, why", "a\n\nb\n"],
    [13, "md", undefined, "```ts\n```\n"],
  ]);
});

test("check() rejects samples without a way to check them, and commands and flags that do not exist", async () => {
  const rows: [page: string, problem: RegExp | undefined, how: string][] = [
    [block("nginx", "server {}"), /has no marker/, "unchecked"],
    [block("", "text"), /has no marker/, "unchecked"],
    [block("nginx", "x", "<!-- sample: shown, why -->"), undefined, "shown only: why"],
    [block("ts", "x", "<!-- sample: tests/no_such_test.ts -->"), /does not exist/, "run by"],
    [block("ts", "x", "<!-- sample: tests/closest_test.ts -->"), /does not read/, "run by"],
    [block("json", "{"), /JSON/, "parsed"],
    [block("yaml", "a: {"), /Flow/i, "parsed"],
    [block("sh", "pyrpc sync --chekc"), /sync has no flag --chekc/, "parsed"],
    [
      block("sh", "npx pyrpc sync --server-url http://x && pyrpc check --no-such"),
      /check has no/,
      "",
    ],
    [block("sh", "pyrpc snyc"), /no command "snyc"/, "parsed"],
    [block("sh", "if true; then"), /./, "parsed"],
    [block("sh", "pipx install pyrpc-toolkit\npyrpc sync --check # in CI"), undefined, "parsed"],
    [block("text", "anything"), undefined, "output"],
  ];
  for (const [page, problem, how] of rows) {
    const [sample] = samplesIn("page.md", page);
    const checked = await check(sample!);
    assert.ok(checked.how.startsWith(how), `${page}: ${checked.how}`);
    if (problem === undefined) assert.equal(checked.problem, undefined, page);
    else assert.match(checked.problem ?? "", problem, page);
  }
});
