import assert from "node:assert/strict";
import { test } from "node:test";
import { callArguments } from "../../commands/dev/console.ts";
import { parseContract } from "../../lib/contract/mod.ts";

const parameter = (name: string) => ({ name, schema_: {}, required: true, default: null });
const { procedures } = parseContract({
  add: { parameters: [parameter("a"), parameter("b")], return_schema: {} },
  save: { parameters: [parameter("product")], return_schema: {} },
  now: { parameters: [], return_schema: {} },
}, { where: "test" });

const ROWS: readonly (readonly [procedure: string, typed: string, want: readonly string[]])[] = [
  ["add", "1 2", ["--", "1", "2"]],
  ["add", "a=1 b=2", ["--", "a=1", "b=2"]],
  ["add", '{"a": 1, "b": 2}', ["--data", '{"a": 1, "b": 2}']],
  ["add", "[1, 2]", ["--data", "[1, 2]"]],
  ["add", '"one two" {"x": "} "}', ["--", '"one two"', '{"x": "} "}']],
  ["add", '"a \\" b" 2', ["--", '"a \\" b"', "2"]],
  ["add", "-1 --2", ["--", "-1", "--2"]],
  ["save", '{"product": {"id": 1}}', ["--data", '{"product": {"id": 1}}']],
  ["save", '{"id": 1}', ["--", '{"id": 1}']],
  ["save", "{}", ["--", "{}"]],
  ["save", "[1, 2]", ["--", "[1, 2]"]],
  ["now", "", ["--"]],
  ["now", "{}", ["--data", "{}"]],
  ["add", '{"a": 1', ["--", '{"a": 1']],
];

for (const [name, typed, want] of ROWS) {
  test(`callArguments() reads ${name} ${typed}`, () => {
    assert.deepEqual(callArguments(typed, procedures.get(name)), want);
  });
}
