import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultOutsideType } from "../../lib/contract/mod.ts";

const ROOT = {
  $defs: {
    Tree: {
      type: "object",
      properties: { child: { anyOf: [{ $ref: "#/$defs/Tree" }, { type: "null" }], default: null } },
    },
    Ring: { $ref: "#/$defs/Ring" },
  },
};

test("defaultOutsideType() returns a default that is not a value of the type", () => {
  assert.equal(defaultOutsideType({ type: "integer", default: null }, ROOT), null);
  assert.equal(defaultOutsideType({ type: "integer", default: 1 }, ROOT), undefined);
  assert.equal(defaultOutsideType({ type: "integer" }, ROOT), undefined);
  assert.equal(defaultOutsideType(true, ROOT), undefined);
});

test("defaultOutsideType() follows references, also to themselves", () => {
  const tree = { $ref: "#/$defs/Tree" };
  assert.equal(
    defaultOutsideType({ ...tree, default: { child: { child: null } } }, ROOT),
    undefined,
  );
  assert.deepEqual(defaultOutsideType({ ...tree, default: { child: { child: 5 } } }, ROOT), {
    child: { child: 5 },
  });
  assert.equal(defaultOutsideType({ $ref: "#/$defs/Ring", default: 5 }, ROOT), undefined);
  assert.equal(defaultOutsideType({ $ref: "#/$defs/Nowhere", default: 5 }, ROOT), undefined);
});
