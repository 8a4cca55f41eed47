import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonSchema, Procedure } from "../../lib/contract/mod.ts";
import { errorPlace } from "../../lib/contract_test/error_place.ts";
import type { Reply } from "../../lib/contract_test/reply.ts";
import { serverError } from "../../lib/errors.ts";
import { resultSchema } from "../../lib/contract_test/result_schema.ts";
import { createArgumentCheck } from "../../lib/contract_test/test_case.ts";
import { verdictOf } from "../../lib/contract_test/verdict.ts";
import { compileSchema } from "../../lib/validate/mod.ts";

const PROCEDURE: Procedure = {
  name: "f",
  parameters: [{
    name: "n",
    schema: { type: "integer" },
    required: true,
    default: null,
    type: "int",
  }],
  result: { type: "integer" },
  resultType: "int",
  doc: "",
};

const error = (code: number, message: string, data: unknown = null): Reply => ({
  kind: "error",
  error: { code, message, data },
});
const validation = (type: string) =>
  error(-32602, "Validation failed", { field: "n", message: "Wrong", type });
const RETURN = "Internal Error: Return type validation failed";

test("verdictOf reports only violations of a contract", () => {
  const rows: [isValid: boolean, reply: Reply, rule: string | undefined][] = [
    [true, { kind: "result", result: 3 }, undefined],
    [true, { kind: "result", result: "3" }, "result-type"],
    [true, { kind: "result", result: null }, "result-type"],
    [true, { kind: "result", result: undefined }, "result-type"],
    [true, error(-32603, "boom"), undefined],
    [
      true,
      error(-32603, RETURN, { field: "", message: "Wrong", type: "int_type" }),
      "return-validation",
    ],
    [true, validation("int_type"), "refuses-valid"],
    [true, validation("greater_than"), "refuses-valid"],
    [true, validation("value_error"), "unwritten-rule"],
    [true, validation("date_past"), "unwritten-rule"],
    [true, error(-32602, "Invalid params: missing a required argument: 'm'", {}), "refuses-valid"],
    [true, error(-32602, "Invalid params: too many positional arguments", {}), "unwritten-rule"],
    [true, error(-32601, "Method not found: f"), "error-code"],
    [true, error(-32600, "Invalid request"), "error-code"],
    [true, error(4711, "own code"), "error-code"],
    [true, { kind: "status", status: 500, words: [] }, "http-status"],
    [true, { kind: "status", status: 404, words: [] }, "http-status"],
    [true, { kind: "closed" }, "connection-closed"],
    [true, { kind: "timeout" }, "no-answer"],
    [true, { kind: "foreign", rule: "wrong-id", words: [] }, "wrong-id"],
    [true, { kind: "foreign", rule: "not-an-answer", words: [] }, "not-an-answer"],
    [true, { kind: "too-large", words: [] }, "not-an-answer"],
    [
      true,
      { kind: "denied", error: serverError({ code: "X", message: "status 403", where: "" }) },
      "http-status",
    ],
    [false, validation("int_type"), undefined],
    [false, validation("any_other"), undefined],
    [false, error(-32603, "boom"), "error-code"],
    [false, error(-32000, "no"), "error-code"],
    [false, { kind: "result", result: 3 }, "accepts-invalid"],
    [false, { kind: "result", result: null }, "accepts-invalid"],
    [false, { kind: "status", status: 503, words: [] }, "http-status"],
    [false, { kind: "closed" }, "connection-closed"],
  ];
  const check = createArgumentCheck(PROCEDURE);
  for (const [isValid, reply, rule] of rows) {
    const one = check.caseOf({ n: isValid ? 1 : "x" });
    assert.ok(one);
    assert.equal(verdictOf(one, reply, check)?.rule, rule, JSON.stringify([isValid, reply]));
  }
});

test("verdictOf: a rule about the keys of a dict is not in its schema, unless the schema has one", () => {
  const rows: [schema: JsonSchema, level: string][] = [
    [{ type: "object", additionalProperties: { type: "string" } }, "notice"],
    [{ type: "object", propertyNames: { maxLength: 9 } }, "error"],
  ];
  for (const [schema, level] of rows) {
    const procedure = {
      ...PROCEDURE,
      parameters: [{ ...PROCEDURE.parameters[0]!, schema }],
    };
    const check = createArgumentCheck(procedure);
    const keyOf = (name: string) => {
      const one = check.caseOf({ n: { [name]: "a" } })!;
      const data = { field: `n.${name}.[key]`, message: "Wrong", type: "int_parsing" };
      const verdict = verdictOf(one, error(-32602, "Validation failed", data), check);
      assert.equal(verdict?.level, level);
      return verdict?.key;
    };
    // The same failure, whatever the key.
    assert.equal(keyOf("first"), keyOf("second"));
  }
});

test("errorPlace distinguishes members of models, but no items and keys", () => {
  const procedure: Procedure = {
    ...PROCEDURE,
    result: {
      type: "object",
      properties: { stock: { type: "object", additionalProperties: { type: "integer" } } },
    },
  };
  const rows: [field: string, value: unknown, place: string][] = [
    ["n", { n: 1 }, "n"],
    ["3.stock", [{ stock: {} }], "[].stock"],
    ["stock.apple", { stock: { apple: 1 } }, "stock.[]"],
    ["stock.stock", { stock: { stock: 1 } }, "stock.stock"],
    ["", null, ""],
  ];
  for (const [field, value, place] of rows) {
    assert.equal(errorPlace(field, value, procedure), place, field);
  }
});

test("createArgumentCheck has no case for values that Pydantic converts", () => {
  const check = createArgumentCheck(PROCEDURE);
  for (const value of ["1", 1.0, true]) {
    const one = check.caseOf({ n: value });
    if (value === 1) assert.equal(one?.expected, undefined);
    else assert.equal(one, undefined, String(value));
  }
});

test("resultSchema: a result matches the generated types", () => {
  const model = (properties: Record<string, JsonSchema>, more: object = {}): JsonSchema => ({
    type: "object",
    properties,
    ...more,
  });
  const rows: [schema: JsonSchema, value: unknown, isValid: boolean][] = [
    [model({ a: { type: "integer", default: 1 } }), {}, false],
    [model({ a: { type: "integer" } }), {}, true],
    [model({ a: { type: "integer", default: null } }), { a: null }, true],
    [model({ a: { type: "integer" } }), { a: null }, false],
    [model({ a: { type: "integer" } }), { a: 1, b: 2 }, true],
    [model({ a: { type: "integer" } }, { additionalProperties: false }), { a: 1, b: 2 }, false],
    [
      { type: "string", contentMediaType: "application/json", contentSchema: { type: "integer" } },
      1,
      true,
    ],
    [
      { type: "string", contentMediaType: "application/json", contentSchema: { type: "integer" } },
      "1",
      false,
    ],
    [{ type: "string", format: "duration" }, 1.5, false],
    [{ type: "string", format: "duration" }, "PT1S", true],
    [{ type: "array", items: model({ a: { type: "integer", default: 1 } }) }, [{}], false],
    [
      model({ b: { $ref: "#/$defs/B", default: {} } }, {
        $defs: { B: model({ a: { type: "integer", default: 1 } }) },
      }),
      { b: {} },
      true,
    ],
  ];
  for (const [schema, value, isValid] of rows) {
    const violation = compileSchema(resultSchema(schema)).check(value);
    assert.equal(violation === undefined, isValid, JSON.stringify([schema, value, violation]));
  }
});
