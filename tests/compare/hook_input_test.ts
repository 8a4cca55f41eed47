import assert from "node:assert/strict";
import { test } from "node:test";
import { hookInputOf, isHookInputKept } from "../../lib/compare/hook_input.ts";
import type { JsonSchema, Parameter } from "../../lib/contract/mod.ts";

const STRING: JsonSchema = { type: "string" };
const NULL: JsonSchema = { type: "null" };
const LIST: JsonSchema = { type: "array" };
const parameter = (schema: JsonSchema, required = true): Parameter => (
  { name: "p", schema, required, default: null, type: "" }
);

const ROWS: readonly (readonly [name: string, schemas: readonly Parameter[], want: string])[] = [
  ["no parameters", [], "nothing"],
  ["a text", [parameter(STRING)], "the argument"],
  ["a text or null", [parameter({ anyOf: [STRING, NULL] })], "the argument"],
  ["an object", [parameter({ type: "object", properties: {} })], "named parameters"],
  ["a list, which hooks spread", [parameter(LIST)], "named parameters"],
  ["a text or a list", [parameter({ anyOf: [STRING, LIST] })], "named parameters"],
  ["two parameters", [parameter(STRING), parameter(STRING, false)], "a list of arguments"],
  ["keyword-only", [parameter(STRING, false), parameter(STRING)], "named parameters"],
];

for (const [name, parameters, want] of ROWS) {
  test(`hookInputOf() of ${name}`, () => assert.equal(hookInputOf(parameters), want));
}

test("isHookInputKept() allows a single argument by name", () => {
  assert.equal(isHookInputKept("named parameters", "the argument"), true);
  assert.equal(isHookInputKept("the argument", "named parameters"), false);
  assert.equal(isHookInputKept("the argument", "a list of arguments"), false);
});
