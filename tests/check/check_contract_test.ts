import assert from "node:assert/strict";
import { test } from "node:test";
import { checkContract } from "../../lib/check/check_contract.ts";
import { contractOf } from "../support/contracts.ts";

test("checkContract() reports unusable procedures, and those without a schema by their name", () => {
  const { about, findings } = checkContract({
    kind: "module",
    where: "main",
    contract: contractOf({ then: {} }),
    problems: ['procedure "a.b" has no schema: reason', "another message"],
  });
  assert.equal(about, "1 procedure");
  assert.deepEqual(findings.map(({ rule, level, subject }) => [rule, level, subject]), [
    ["NAMES_CLASH", "error", "then"],
    ["PROCEDURE_WITHOUT_SCHEMA", "error", "a.b"],
    ["PROCEDURE_WITHOUT_SCHEMA", "error", "procedure"],
  ]);
});
