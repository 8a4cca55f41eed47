import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json, JsonSchema, Procedure } from "../../lib/contract/mod.ts";
import { planCases } from "../../lib/contract_test/plan_cases.ts";
import { createArgumentCheck } from "../../lib/contract_test/test_case.ts";
import { createSampler } from "../../lib/mock/mod.ts";
import { compileCall } from "../../lib/validate/mod.ts";
import { arbitrarySchema, withDefinitions } from "../support/arbitrary_schema.ts";

function procedureOf(
  ...schemas: readonly (readonly [name: string, schema: JsonSchema, required?: boolean])[]
): Procedure {
  return {
    name: "f",
    parameters: schemas.map(([name, schema, required = true]) => ({
      name,
      schema,
      required,
      default: null,
      type: "",
    })),
    result: true,
    resultType: "",
    doc: "",
  };
}

function plan(procedure: Procedure, seed = "", examples: readonly Record<string, Json>[] = []) {
  const sampler = createSampler({ seed });
  return planCases(procedure, createArgumentCheck(procedure), { sampler, examples });
}

test("planCases: valid arguments fit both modes, invalid ones neither, and a seed decides them", () => {
  fc.assert(
    fc.property(arbitrarySchema, fc.string(), (schema, seed) => {
      const procedure = procedureOf(["a", withDefinitions(schema)], [
        "b",
        { type: "integer" },
        false,
      ]);
      const strict = compileCall(procedure);
      const lax = compileCall(procedure, { mode: "lax" });
      const cases = plan(procedure, seed);
      for (const { params, expected } of cases) {
        assert.equal(strict.checkCall(params).ok, expected === undefined);
        const converted = lax.checkCall(params);
        assert.equal(converted.ok, expected === undefined);
        if (!converted.ok) assert.deepEqual(converted.error, expected);
      }
      assert.deepEqual(plan(procedure, seed), cases);
    }),
    { numRuns: 100 },
  );
});

test("planCases covers the edges of each part of a schema, and just outside of them", () => {
  const rows: [schema: JsonSchema, valid: Json[], invalid: Json[]][] = [
    [{ type: "integer", minimum: 2, maximum: 9 }, [2, 9], [1, 10, null, 1.5]],
    [{ type: "integer", exclusiveMinimum: 2, exclusiveMaximum: 9 }, [3, 8], [2, 9]],
    [{ type: "number", multipleOf: 0.5 }, [0.5, 0], [0.75]],
    [{ type: "string", minLength: 2, maxLength: 4 }, ["aa", "aaaa"], ["a", "aaaaa", null]],
    [{ type: "string", pattern: "^[0-9]+$" }, [], ["not a value"]],
    [{ enum: ["x", "y"] }, ["x", "y"], ["not a value", null]],
    [{ const: 4 }, [4], [null]],
    [{ type: "boolean" }, [true, false], [null, []]],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, [null, 0], ["not a value"]],
    [{ type: "array", items: { type: "integer" }, minItems: 1, maxItems: 2 }, [], [[]]],
    [{ type: "array", items: { type: "integer" } }, [[]], [null, [null]]],
    [{ type: "string", format: "date" }, ["2024-02-29"], ["not a value"]],
    [{ type: "string", format: "uuid" }, [], ["not a value", 1.5]],
    [{ type: "any" }, [], []],
  ];
  for (const [schema, valid, invalid] of rows) {
    const cases = plan(procedureOf(["a", schema]));
    const values = (isValid: boolean) =>
      cases.filter(({ expected }) => (expected === undefined) === isValid)
        .flatMap(({ params }) => "a" in params ? [JSON.stringify(params["a"])] : []);
    for (const value of valid) {
      assert.ok(
        values(true).includes(JSON.stringify(value)),
        `${JSON.stringify([schema, value])}: ${values(true)}`,
      );
    }
    for (const value of invalid) {
      // One value for each error of a part is enough.
      const lax = compileCall(procedureOf(["a", schema]), { mode: "lax" }).checkCall({ a: value });
      assert.ok(!lax.ok, JSON.stringify([schema, value]));
      const { data } = lax.error;
      assert.ok(
        cases.some(({ expected }) => JSON.stringify(expected?.data) === JSON.stringify(data)),
        `${JSON.stringify([schema, value])} ${JSON.stringify(data)}`,
      );
    }
  }
});

test("planCases reaches members of models, items and members of unions", () => {
  const schema: JsonSchema = {
    $defs: {
      Line: {
        type: "object",
        properties: { count: { type: "integer", maximum: 5 } },
        required: ["count"],
      },
    },
    type: "object",
    properties: {
      lines: { type: "array", items: { $ref: "#/$defs/Line" }, minItems: 1 },
      either: { anyOf: [{ $ref: "#/$defs/Line" }, { type: "null" }], default: null },
    },
    required: ["lines"],
  };
  const kinds = new Set(
    plan(procedureOf(["order", schema])).flatMap(({ expected }) =>
      expected !== undefined && "field" in expected.data
        ? [`${expected.data.field} ${expected.data.type}`]
        : []
    ),
  );
  for (
    const kind of [
      "lines missing",
      "lines.0.count less_than_equal",
      "lines.0.count missing",
      "lines.0.count int_type",
    ]
  ) {
    assert.ok(kinds.has(kind), `${kind}: ${[...kinds].join(", ")}`);
  }
});

test("planCases tests missing and unexpected arguments, but not of *args and **kwargs", () => {
  const messages = (procedure: Procedure) =>
    plan(procedure).flatMap(({ expected }) => expected === undefined ? [] : [expected.message]);
  const usual = messages(procedureOf(["a", { type: "integer" }]));
  assert.ok(usual.includes("Invalid params: missing a required argument: 'a'"));
  assert.ok(
    usual.includes("Invalid params: got an unexpected keyword argument 'unexpected_argument'"),
  );
  assert.ok(usual.includes("Invalid params: too many positional arguments"));
  const variadic = messages(procedureOf(["a", { type: "integer" }], ["kwargs", { type: "any" }]));
  assert.ok(!variadic.some((message) => message.startsWith("Invalid params")), variadic.join());
});

test("planCases tests a value of each other type for each argument", () => {
  const procedure = procedureOf(["a", { type: "string" }], ["b", { type: "boolean" }, false]);
  const cases = plan(procedure);
  for (const name of ["a", "b"]) {
    for (const wrong of [null, 7, [], {}]) {
      assert.ok(
        cases.some(({ params, expected }) =>
          expected !== undefined && !Array.isArray(params) &&
          JSON.stringify((params as Record<string, Json>)[name]) === JSON.stringify(wrong)
        ),
        `${name}: ${JSON.stringify(wrong)}`,
      );
    }
  }
});

test("planCases starts with the examples and fills their missing arguments", () => {
  const procedure = procedureOf(["a", { type: "integer" }], ["b", { type: "string" }]);
  const [first, second] = plan(procedure, "", [{ a: 77 }, { a: "wrong", b: "x" }, {
    a: 5,
    b: "x",
  }]);
  assert.equal((first?.params as Record<string, Json>)["a"], 77);
  assert.ok("b" in (first?.params as object));
  // An example may also be a call that is rejected.
  assert.equal(second?.expected?.code, -32602);
});
