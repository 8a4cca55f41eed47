import assert from "node:assert/strict";
import { test } from "node:test";
import { parseContract } from "../../lib/contract/mod.ts";
import { describeProcedures } from "../../lib/inspect/mod.ts";

const CONTRACT = parseContract({
  add: {
    parameters: [
      { name: "a", schema_: { type: "integer", minimum: 1 }, required: true, default: null },
      { name: "b", schema_: { type: "integer" }, required: false, default: 2 },
    ],
    return_schema: { type: "integer", description: "ends with */" },
    docstring: "Adds.",
  },
  now: { parameters: [], return_schema: { type: "string" } },
}, { where: "test" });

test("describeProcedures() describes parameters and result with their TypeScript types", () => {
  const [add] = describeProcedures(CONTRACT);
  assert.deepEqual(add?.parameters.map(({ name, type, required }) => [name, type, required]), [
    ["a", "number", true],
    ["b", "number", false],
  ]);
  assert.equal(add?.returns.type, "number");
  assert.match(add?.parameters[0]?.about ?? "", /1/);
  assert.doesNotMatch(add?.returns.about ?? "", /\\/, "texts are not escaped for a comment");
});

test("describeProcedures() describes only the procedure that it is given", () => {
  const only = CONTRACT.procedures.get("now");
  assert.deepEqual(describeProcedures(CONTRACT, only).map(({ name }) => name), ["now"]);
  assert.deepEqual(describeProcedures(CONTRACT).map(({ name }) => name), ["add", "now"]);
});
