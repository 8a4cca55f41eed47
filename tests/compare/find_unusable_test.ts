import assert from "node:assert/strict";
import { test } from "node:test";
import { findUnusable } from "../../lib/compare/mod.ts";
import { contractOf } from "../support/contracts.ts";

const IMPOSSIBLE = { type: "integer", minimum: 2, maximum: 1 } as const;
const MEMBER = {
  type: "object",
  title: "M",
  properties: { b: { enum: [] } },
  required: ["b"],
} as const;

test("findUnusable() finds procedures that always fail and names that clash", () => {
  const found = findUnusable(contractOf({
    fine: { parameters: [{ name: "a" }] },
    impossible: { parameters: [{ name: "a", schema: IMPOSSIBLE }] },
    optional: { parameters: [{ name: "a", schema: false, default: 1 }] },
    inside: { parameters: [{ name: "a", schema: MEMBER }] },
    never: { result: false },
    then: {},
    constructor: {},
    "ﬁnd": {},
    find: {},
    "": {},
  }));
  assert.deepEqual(found.map(({ rule, subject }) => [rule, subject]), [
    ["PROCEDURE_CANNOT_SUCCEED", "impossible"],
    ["PROCEDURE_CANNOT_SUCCEED", "inside"],
    ["PROCEDURE_CANNOT_SUCCEED", "never"],
    ["NAMES_CLASH", "then"],
    ["NAME_SHADOWED", "constructor"],
    ["NAMES_CLASH", "find"],
    ["NAMES_CLASH", ""],
  ]);
  assert.deepEqual(findUnusable(contractOf({})).map(({ rule }) => rule), ["NO_PROCEDURES"]);
});
