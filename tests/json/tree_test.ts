import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { faultText, type JsonNode, parseJsonTree, readJson, valueOf } from "../../lib/json/mod.ts";

test("parseJsonTree() returns every value with its position in the text", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.nat(3), (json, indent) => {
      const text = JSON.stringify(JSON.parse(json), undefined, indent);
      const visit = (node: JsonNode) => {
        const part = text.slice(node.offset, node.offset + node.length);
        assert.deepEqual(valueOf(node), JSON.parse(part));
        node.items.forEach(visit);
        for (const { key, offset, node: member } of node.members) {
          assert.ok(text.startsWith(JSON.stringify(key), offset));
          visit(member);
        }
      };
      const { root } = parseJsonTree(text);
      assert.ok(root !== undefined);
      visit(root);
      assert.deepEqual(valueOf(root), JSON.parse(text));
    }),
    { numRuns: 500, seed: 7 },
  );
});

test("parseJsonTree() keeps equal keys, and the last one counts", () => {
  const { root } = parseJsonTree('{"a": 1, "\\u0061": 2}');
  assert.deepEqual(root?.members.map(({ key, offset }) => [key, offset]), [["a", 1], ["a", 9]]);
  assert.deepEqual(valueOf(root!), { a: 2 });
});

const FAULTS: readonly (readonly [text: string, message: string, offset: number])[] = [
  ["{ version: 1 }", "a member's name in double quotes is expected here", 2],
  ["{ 'a': 1 }", "a member's name in double quotes is expected here", 2],
  ['{ "a" 1 }', "a colon is expected here", 6],
  ['{ "a": }', "a value is expected here", 7],
  ['{ "a": yes }', "this is not a JSON value", 7],
  ['{ "a": tru }', "this is not a JSON value", 7],
  ['{ "a": truex }', "this is not a JSON value", 7],
  ['{ "a": 01 }', "this is not a number", 7],
  ['{ "a": - }', "this is not a number", 7],
  ['{ "a": 1 "b" }', "a comma is expected here", 9],
  ['{ "a": 1', "a closing } is missing here", 8],
  ["{", "a closing } is missing here", 1],
  ["[1", "a closing ] is missing here", 2],
  ["[1,", "a closing ] is missing here", 3],
  ["{} {}", "the file should end here", 3],
  ['{ "a": "x\n" }', "this string has no closing quote", 7],
  ['{ "a": "x', "this string has no closing quote", 7],
  ['{ "a": "\u0001" }', "this character is not allowed here", 7],
  ['{ "a": "\\x" }', "this escape is invalid", 7],
  ['{ "a": "\\u00" }', "this Unicode escape is invalid", 7],
  ["{ /* ", "this comment is not closed", 2],
];

for (const [text, message, offset] of FAULTS) {
  test(`faultText(): ${JSON.stringify(text)} is "${message}"`, () => {
    const fault = readJson(text, {}, { comments: true });
    assert.ok(fault !== undefined);
    assert.deepEqual(faultText(text, fault), { message, offset });
  });
}
