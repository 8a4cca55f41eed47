import assert from "node:assert/strict";
import { test } from "node:test";
import { closest, kebabCase, spelled } from "../../lib/cli/suggestions.ts";
import { ExitCode } from "../../lib/errors.ts";
import { runCli } from "../support/run_cli.ts";

const CLOSEST: readonly [name: string, names: readonly string[], expected: readonly string[]][] = [
  ["jsn", ["json", "junit"], ["json"]],
  ["", ["a", "b"], ["a", "b"]],
  ["get", ["users.get", "users.set"], ["users.get"]],
  ["USERS.GET", ["users.get"], ["users.get"]],
  ["abcdef", ["uvwxyz"], []],
  ["add", ["add", "ad", "adds", "addd"], ["add", "ad", "adds"]],
  ["snyc", ["sync", "serve"], ["sync"]],
  ["kitten", ["sitting", "mitten"], ["mitten"]],
];

for (const [name, names, expected] of CLOSEST) {
  test(`closest() to ${JSON.stringify(name)} of ${names.join(", ")}`, () => {
    assert.deepEqual(closest(name, names), expected);
  });
}

test("spelled() gives the form of the command line", () => {
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
