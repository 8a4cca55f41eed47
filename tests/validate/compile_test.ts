import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonSchema } from "../../lib/contract/mod.ts";
import { compileSchema } from "../../lib/validate/mod.ts";

function first(schema: JsonSchema, value: unknown, mode: "strict" | "lax" = "strict"): string {
  const violation = compileSchema(schema, { mode }).check(value);
  return violation === undefined ? "ok" : `${violation.path.join(".")}: ${violation.type}`;
}

const rows: readonly (readonly [JsonSchema, unknown, string, string])[] = [
  [{ type: "integer" }, 1.0, "ok", "ok"],
  [{ type: "integer" }, 9007199254740993n, "ok", "ok"],
  [{ type: "integer" }, "1", ": int_type", "ok"],
  [{ type: "integer" }, "x", ": int_parsing", ": int_parsing"],
  [{ type: "integer" }, true, ": int_type", "ok"],
  [{ type: "integer", multipleOf: 3 }, 9007199254740993n, "ok", "ok"],
  [{ type: "integer", multipleOf: 2 }, 9007199254740993n, ": multiple_of", ": multiple_of"],
  [{ type: "number", multipleOf: 0.01 }, 19.99, "ok", "ok"],
  [{ type: "number" }, true, ": float_type", "ok"],
  [{ type: "boolean" }, "yes", ": bool_type", "ok"],
  [{ type: "any" }, Symbol.iterator, "ok", "ok"],
  [{ type: "string", maxLength: 1 }, "😀", "ok", "ok"],
  [
    { type: "array", items: { type: "integer" }, uniqueItems: true },
    [1, 1],
    ": set_items_not_unique",
    "ok",
  ],
  [
    { properties: { __proto__: {} }, type: "object", additionalProperties: false },
    JSON.parse('{"__proto__":1}'),
    "__proto__: extra_forbidden",
    "__proto__: extra_forbidden",
  ],
  [
    { properties: { toString: { type: "integer" } }, required: ["toString"], type: "object" },
    {},
    "toString: missing",
    "toString: missing",
  ],
  [
    { type: "object", additionalProperties: { type: "integer" } },
    JSON.parse('{"__proto__":"x"}'),
    "__proto__: int_parsing",
    "__proto__: int_parsing",
  ],
  [
    {
      anyOf: [{ type: "number" }, { type: "string", pattern: "^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$" }],
    },
    ".",
    ": decimal_parsing",
    ": decimal_parsing",
  ],
  // The keys of `dict[E, int]` with an IntEnum are texts in JSON.
  ...([["9", "ok"], ["2", "2.[key]: enum"]] as const).map(([key, answer]) =>
    [
      {
        type: "object",
        propertyNames: { $ref: "#/$defs/E" },
        additionalProperties: { type: "integer" },
        $defs: { E: { enum: [1, 9], title: "E", type: "integer" } },
      },
      { [key]: 1 },
      answer,
      answer,
    ] as const
  ),
  [{ type: ["string", "null"] }, null, "ok", "ok"],
  [
    { type: "string", pattern: "^(?=.*\\d)[a-z\\d]+$" },
    "abc",
    ": string_pattern_mismatch",
    ": string_pattern_mismatch",
  ],
  [{ type: "string", pattern: "^(?=.*\\d)[a-z\\d]+$" }, "abc1", "ok", "ok"],
  [{ type: "string", pattern: "(?<!a)b(\\d)\\1$" }, "xb77", "ok", "ok"],
  [false, 1, ": value_error", ": value_error"],
  [
    { $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } },
    1,
    ": recursion_loop",
    ": recursion_loop",
  ],
  [
    { $ref: "#/$defs/A", $defs: { A: { anyOf: [{ $ref: "#/$defs/A" }, { type: "integer" }] } } },
    1,
    "ok",
    "ok",
  ],
  [{ $ref: "#/$defs/none" }, 1, "ok", "ok"],
];

for (const [schema, value, strict, lax] of rows) {
  test(`compileSchema(${JSON.stringify(schema)}) on ${String(value)}: ${strict}, ${lax}`, () => {
    assert.equal(first(schema, value, "strict"), strict);
    assert.equal(first(schema, value, "lax"), lax);
  });
}

test("compileSchema() distinguishes a Decimal from float | str by the Python type of a parameter", () => {
  const schema = { anyOf: [{ type: "number" }, { type: "string" }] };
  const check = (pythonType: string) => compileSchema(schema, { pythonType }).check("abc")?.type;
  assert.equal(check("<class 'decimal.Decimal'>"), "decimal_parsing");
  assert.equal(check("float | str"), undefined);
  assert.equal(check("typing.Union[float, str]"), undefined);
});

test("compileSchema() compares the text of a Decimal with a bound beside the union", () => {
  const schema = { anyOf: [{ type: "number" }, { type: "string" }, { type: "integer" }], ge: 5 };
  const validator = compileSchema(schema);
  assert.equal(validator.check("7.5"), undefined);
  assert.equal(validator.check("4.5")?.type, "greater_than_equal");
  assert.equal(validator.check("x")?.type, "decimal_parsing");
  const other = compileSchema({ anyOf: [{ type: "integer" }, { type: "string" }], ge: 5 });
  assert.equal(other.check("7")?.type, "type_error");
});

test("compileSchema() ends on a pattern that would never end, and reports it once", () => {
  const warnings: string[] = [];
  const evil = { type: "string", pattern: "^(?=(a+)+$)((a+)+)+$" };
  const validator = compileSchema(evil, { warn: (message) => warnings.push(message) });
  for (let count = 0; count < 3; count++) validator.check(`${"a".repeat(40)}!`);
  assert.equal(warnings.length, 1);
  const linear = compileSchema({ type: "string", pattern: "^(a+)+$" });
  assert.equal(linear.check(`${"a".repeat(10_000)}!`)?.type, "string_pattern_mismatch");
});

test("compileSchema() warns of a pattern that it cannot read", () => {
  const warnings: string[] = [];
  const validator = compileSchema({ type: "string", pattern: "(" }, {
    warn: (message) => warnings.push(message),
  });
  assert.equal(validator.check("x"), undefined);
  assert.match(warnings[0] ?? "", /cannot be read/);
});

test("compileSchema() ends on unions of recursive types that multiply", () => {
  const list = { type: "array", items: { $ref: "#/$defs/T" } };
  const schema = { $ref: "#/$defs/T", $defs: { T: { anyOf: [list, list, { type: "integer" }] } } };
  let value: unknown = "no";
  for (let depth = 0; depth < 100; depth++) value = [value];
  assert.notEqual(compileSchema(schema).check(value), undefined);
});

test("compileSchema() in lax mode does not change its input", () => {
  const schema = {
    type: "object",
    properties: { a: { type: "array", items: { type: "integer" } } },
  };
  const value = { a: ["1", 2] };
  assert.deepEqual(compileSchema(schema, { mode: "lax" }).parse(value), {
    ok: true,
    value: { a: [1, 2] },
  });
  assert.deepEqual(value, { a: ["1", 2] });
});

const FORMATS = [
  "date-time",
  "date",
  "time",
  "duration",
  "uuid",
  "email",
  "name-email",
  "ipv4",
  "ipv6",
  "ipv4network",
  "ipv6network",
  "ipv6interface",
  "ipvanyaddress",
  "uri",
  "multi-host-uri",
  "regex",
  "base64",
  "binary",
  "fraction",
  "password",
];

test("compileSchema() refuses long hostile texts at once, whatever they are for", () => {
  const schemas: JsonSchema[] = [
    ...FORMATS.map((format) => ({ type: "string", format })),
    { type: "integer" },
    { type: "number" },
    { type: "boolean" },
    { anyOf: [{ type: "number", maximum: 5 }, { type: "string" }] },
    { anyOf: [{ type: "number" }, { type: "string", format: "fraction" }] },
    {
      anyOf: [{ pattern: "^\\s*(\\d*\\.?\\d+)\\s*(\\w+)?", type: "string" }, {
        minimum: 0,
        type: "integer",
      }],
    },
    { type: "string", contentMediaType: "application/json", contentSchema: { type: "integer" } },
  ];
  const parts = [
    "1",
    "0",
    " ",
    "=",
    "a",
    "_1",
    ".1",
    ":",
    "1:",
    "/",
    "@",
    "-",
    "1D",
    "[",
    "(",
    "é",
    "http://",
    "\n",
    "<",
    "%",
    "1,",
  ];
  for (const schema of schemas) {
    const validator = compileSchema(schema, { mode: "lax" });
    for (const part of parts) {
      const text = part.repeat(Math.floor(50_000 / part.length));
      for (const value of [`${text}!`, `a${text}a`, text]) {
        // Exponential or quadratic work would exceed the time limit of the test run.
        validator.check(value);
      }
    }
  }
});
