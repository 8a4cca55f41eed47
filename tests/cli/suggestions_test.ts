import assert from "node:assert/strict";
import { test } from "node:test";
import { kebabCase, spelled } from "../../lib/cli/suggestions.ts";
import { ExitCode } from "../../lib/errors.ts";
import { runCli } from "../support/run_cli.ts";

test("spelled() returns the form of the command line", () => {
  assert.equal(kebabCase("corsOrigin"), "cors-origin");
  assert.equal(spelled("tlsKey"), "--tls-key");
});

const SUGGESTED: readonly [args: readonly string[], flag: string][] = [
  [["serve", "--cors-orgin", "x"], "--cors-origin"],
  [["serve", "--corsOrgin", "x"], "--cors-origin"],
  [["call", "u", "p", "--no-chek"], "--no-check"],
  [["mock", "--no-explorr"], "--no-explorer"],
  [["version", "--no-json"], "--json"],
  [["codegen", "x", "--dryrun"], "--dry-run"],
  [["version", "--halp"], "--help"],
  [["sync", "--registry-prot", "1"], "--registry-port"],
];

for (const [args, flag] of SUGGESTED) {
  test(`pyrpc ${args.join(" ")} suggests ${flag}`, async () => {
    const { code, stderr } = await runCli(args);
    assert.equal(code, ExitCode.Usage);
    assert.match(stderr, new RegExp(`^error: Unknown flag .*"${flag}"`));
    assert.doesNotMatch(stderr.replace(args.join(" "), ""), /"--[a-z]+[A-Z]\w*"\?/);
  });
}

test("hidden flags are not suggested", async () => {
  const { stderr } = await runCli(["completions", "bash", "--propse"]);
  assert.doesNotMatch(stderr, /"--propose"/);
});
