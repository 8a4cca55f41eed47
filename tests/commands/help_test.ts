import assert from "node:assert/strict";
import { test } from "node:test";
import { loadRoutes } from "../../commands/mod.ts";
import { ExitCode } from "../../lib/errors.ts";
import { runCli } from "../support/run_cli.ts";

for (const { name, target } of (await loadRoutes()).getAllEntries()) {
  test(`help of "${name.original}" has a summary, examples and every flag explained`, async () => {
    const { code, stdout, stderr } = await runCli([name.original, "--help"]);
    assert.equal(code, ExitCode.Ok);
    assert.equal(stderr, "");
    assert.ok(stdout.includes(`\n${target.brief}\n`));
    assert.match(target.brief, /^[A-Z].*[^.]$/, "an imperative sentence without a full stop");
    if (!("parameters" in target)) return;
    assert.match(stdout, new RegExp(`^ +pyrpc ${name.original} .*? {2,}\\S`, "m"), "no example");
    for (const [flag, { brief }] of Object.entries(target.parameters.flags ?? {})) {
      assert.ok(brief.length > 5, `--${flag} is not explained`);
    }
  });
}

test("help lists every command and the exit codes", async () => {
  const { stdout } = await runCli(["--help"]);
  for (const { name, target } of (await loadRoutes()).getAllEntries()) {
    const line = stdout.split("\n").find((each) => each.startsWith(`  ${name.original} `));
    assert.equal(line?.slice(name.original.length + 2).trim(), target.brief);
  }
  for (const code of Object.values(ExitCode)) assert.match(stdout, new RegExp(`\\b${code}\\b`));
});

const WRONG: readonly [string, readonly string[]][] = [
  ["an unknown command", ["xyzzy"]],
  ["an unknown flag", ["version", "--nope"]],
  ["an unknown alias", ["version", "-z"]],
  ["too many arguments", ["version", "x"]],
  ["a missing argument", ["codegen"]],
  ["a missing value", ["codegen", "x", "--out"]],
  ["a value that cannot be", ["codegen", "x", "--timeout", "soon"]],
  ["a value for a switch", ["version", "--json=perhaps"]],
  ["a value glued to no flag", ["codegen", "-p18812"]],
  ["a one-letter long flag", ["codegen", "--p", "x"]],
  ["a negated value", ["version", "--no-json=x"]],
  ["a flag that is no ASCII", ["version", "-ü"]],
];

for (const [what, args] of WRONG) {
  test(`usage error: ${what} is exit code 2, on stderr, with a way out`, async () => {
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, ExitCode.Usage, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^error: .+\n {2}fix: pyrpc .*--help/);
  });
}

test("usage error: arguments after -- are arguments", async () => {
  const { stderr } = await runCli(["codegen", "--out", "-", "--", "-p18812"]);
  assert.doesNotMatch(stderr, /flag/i);
});
