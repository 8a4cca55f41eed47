import assert from "node:assert/strict";
import { test } from "node:test";
import { parseContract } from "../../lib/contract/mod.ts";
import { BreakingChanges } from "../../lib/vite/breaking_changes.ts";
import { documentOf } from "../support/contracts.ts";

const ONE = { parameters: [{ name: "a" }] };
const VERSIONS = {
  first: documentOf({ add: ONE, get: ONE }),
  more: documentOf({ add: ONE, get: ONE, set: ONE }),
  renamed: documentOf({ add: { parameters: [{ name: "b" }] }, get: ONE }),
  renamedAndMore: documentOf({ add: { parameters: [{ name: "b" }] }, get: ONE, set: ONE }),
  renamedWithoutGet: documentOf({ add: { parameters: [{ name: "b" }] } }),
};

// Versions in their order, and for each the procedures that the report names.
const CASES: readonly (readonly [string, readonly [keyof typeof VERSIONS, ...string[]][]])[] = [
  ["the first contract has no report", [["first"]]],
  ["a compatible change has no report", [["first"], ["more"]]],
  ["a breaking change is reported", [["first"], ["renamed", "add"]]],
  ["a compatible change ends the report", [["first"], ["renamed", "add"], ["renamedAndMore"]]],
  ["taking a change back ends the report", [["first"], ["renamed", "add"], ["first"]]],
  ["taking two changes back ends the report", [
    ["first"],
    ["renamed", "add"],
    ["renamedWithoutGet", "get"],
    ["first"],
  ]],
  ["going back after the report has ended is a breaking change", [
    ["first"],
    ["renamed", "add"],
    ["renamedAndMore"],
    ["first", "add", "set"],
  ]],
];

for (const [name, versions] of CASES) {
  test(`BreakingChanges: ${name}`, async () => {
    const changes = new BreakingChanges();
    for (const [version, ...names] of versions) {
      const contract = parseContract(VERSIONS[version], { where: version });
      const text = (await changes.add({ contract, where: version })).join("\n");
      const reported = ["add", "get", "set"].filter((each) => text.includes(each));
      assert.deepEqual(reported, names, `${version}: ${text}`);
    }
  });
}
