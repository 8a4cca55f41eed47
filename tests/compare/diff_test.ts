import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { diffContracts, type DiffRuleId, type Severity } from "../../lib/compare/mod.ts";
import { type Json, type JsonSchema, parseContract } from "../../lib/contract/mod.ts";
import { arbitrarySchemaPair, arbitraryValue } from "../support/arbitrary_schema.ts";

const SHOP = JSON.parse(
  await readFile(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8"),
);

interface ParameterInit {
  readonly name: string;
  readonly schema?: unknown;
  readonly default?: unknown;
}

function procedure(
  parameters: readonly (string | ParameterInit)[],
  result: unknown = { type: "integer" },
  rest: object = {},
) {
  return {
    name: "p",
    parameters: parameters.map((each) => {
      const { name, schema = { type: "integer" }, ...init } = typeof each === "string"
        ? { name: each }
        : each;
      const required = !("default" in init);
      return { name, type: "", schema_: schema, required, default: init.default ?? null };
    }),
    return_type: "",
    return_schema: result,
    doc: "",
    ...rest,
  };
}

function diff(before: object, after: object) {
  const parse = (document: object) =>
    parseContract(JSON.parse(JSON.stringify(document)), { where: "test" });
  return diffContracts(parse(before), parse(after));
}

const SLOW = { timeout: 60_000 };
const STRING = { type: "string" };
const PAIR = {
  type: "array",
  prefixItems: [{ type: "integer" }, { type: "integer", default: 0 }],
  minItems: 1,
  maxItems: 2,
};
const FRESH = { name: "x", default: 1 };

/** [before, after, rules with severities for positions, names, readers]: B breaking, P possibly, s safe. */
const ROWS:
  readonly (readonly [name: string, before: object, after: object, want: readonly string[]])[] = [
    ["nothing", { p: procedure(["a"]) }, { p: procedure(["a"]) }, []],
    ["a procedure removed", { p: procedure(["a"]), q: procedure([]) }, { q: procedure([]) }, [
      "PROCEDURE_REMOVED BBB",
    ]],
    ["a procedure added", {}, { p: procedure([]) }, ["PROCEDURE_ADDED sss"]],
    ["a procedure renamed", { "users.get": procedure(["id", "x"]) }, {
      "users.fetch": procedure(["id", "x"]),
    }, ["PROCEDURE_RENAMED BBB"]],
    ["unlike procedures", { alpha: procedure(["a"]) }, { omega: procedure(["b"], STRING) }, [
      "PROCEDURE_REMOVED BBB",
      "PROCEDURE_ADDED sss",
    ]],
    ["a required parameter added", { p: procedure(["a"]) }, { p: procedure(["a", "b"]) }, [
      "PARAMETER_ADDED_REQUIRED BBs",
    ]],
    ["an optional one added at the end", { p: procedure(["a"]) }, { p: procedure(["a", FRESH]) }, [
      "PARAMETER_ADDED_OPTIONAL sss",
      "HOOK_INPUT_CHANGED sss",
    ]],
    ["parameters that become keyword-only", { p: procedure(["a", "b"]) }, {
      p: procedure([{ name: "a", default: 1 }, "b"]),
    }, ["PARAMETERS_KEYWORD_ONLY Bss", "PARAMETER_NOW_OPTIONAL sss"]],
    ["an optional one added before others", { p: procedure([{ name: "a", default: 1 }]) }, {
      p: procedure([FRESH, { name: "a", default: 1 }]),
    }, ["PARAMETER_ORDER_CHANGED Bss", "PARAMETER_ADDED_OPTIONAL sss"]],
    ["a parameter removed", { p: procedure(["a", "b"]) }, { p: procedure(["a"]) }, [
      "PARAMETER_REMOVED BBs",
    ]],
    ["a parameter removed in the middle", { p: procedure(["a", "b", "c"]) }, {
      p: procedure(["a", "c"]),
    }, ["PARAMETER_REMOVED BBs"]],
    ["a parameter renamed", { p: procedure(["a", "b"]) }, { p: procedure(["a", "c"]) }, [
      "PARAMETER_RENAMED sBs",
    ]],
    ["a parameter replaced", { p: procedure(["a", "b"]) }, {
      p: procedure(["a", { name: "c", schema: STRING }]),
    }, ["PARAMETER_REMOVED BBs", "PARAMETER_ADDED_REQUIRED BBs"]],
    ["parameters swapped", { p: procedure(["a", "b"]) }, { p: procedure(["b", "a"]) }, [
      "PARAMETER_ORDER_CHANGED Bss",
    ]],
    ["a default dropped", { p: procedure([FRESH]) }, { p: procedure(["x"]) }, [
      "PARAMETER_NOW_REQUIRED BBs",
    ]],
    ["a default given", { p: procedure(["x"]) }, { p: procedure([FRESH]) }, [
      "PARAMETER_NOW_OPTIONAL sss",
    ]],
    ["another default", { p: procedure([FRESH]) }, { p: procedure([{ name: "x", default: 2 }]) }, [
      "DEFAULT_CHANGED PPs",
    ]],
    ["an input narrowed", { p: procedure(["a"]) }, {
      p: procedure([{ name: "a", schema: { type: "integer", minimum: 0 } }]),
    }, ["INPUT_NARROWED BBs"]],
    ["an input widened", { p: procedure(["a"]) }, {
      p: procedure([{ name: "a", schema: { type: "number" } }]),
    }, ["INPUT_WIDENED sss"]],
    ["an input not decided", { p: procedure([{ name: "a", schema: { not: STRING } }]) }, {
      p: procedure([{ name: "a", schema: { not: { type: "integer" } } }]),
    }, ["INPUT_UNDECIDED PPs"]],
    ["a result widened", { p: procedure([], { enum: ["a"] }) }, {
      p: procedure([], { enum: ["a", "b"] }),
    }, ["RESULT_WIDENED ssB"]],
    ["a result narrowed", { p: procedure([], { type: "number" }) }, { p: procedure([]) }, [
      "RESULT_NARROWED sss",
    ]],
    ["a kind changed", { p: procedure([], {}, { kind: "query" }) }, {
      p: procedure([], {}, { kind: "mutation" }),
    }, ["KIND_CHANGED BBs"]],
    ["a kind that one side does not say", { p: procedure([], {}) }, {
      p: procedure([], {}, { kind: "mutation", is_async: true }),
    }, []],
    ["documentation", { p: procedure([]) }, { p: procedure([], undefined, { doc: "New." }) }, [
      "DOCUMENTATION_CHANGED sss",
    ]],
    [
      "titles and descriptions",
      { p: procedure([{ name: "a", schema: { type: "integer", title: "A" } }]) },
      { p: procedure([{ name: "a", schema: { description: "b", type: "integer" } }]) },
      ["DOCUMENTATION_CHANGED sss"],
    ],
    [
      "titles only",
      { p: procedure([{ name: "a", schema: { type: "integer", title: "A" } }]) },
      { p: procedure([{ name: "a", schema: { type: "integer" } }]) },
      [],
    ],
    [
      "schemas that allow the same, written differently",
      { p: procedure([], { enum: [true, false] }) },
      { p: procedure([], { type: "boolean" }) },
      ["TYPES_REWRITTEN sss"],
    ],
    [
      "a duration that becomes a number, which the FastAPI adapter answers as well",
      { p: procedure([], { type: "string", format: "duration" }) },
      { p: procedure([], { type: "number" }) },
      ["RESULT_NARROWED sss"],
    ],
    [
      "a text that becomes a duration in a result",
      { p: procedure([], { type: "string" }) },
      { p: procedure([], { type: "string", format: "duration" }) },
      ["RESULT_WIDENED ssB"],
    ],
    [
      "a duration that becomes a text in an argument: numbers of seconds are rejected",
      { p: procedure([{ name: "a", schema: { type: "string", format: "duration" } }]) },
      { p: procedure([{ name: "a", schema: { type: "string" } }]) },
      ["INPUT_NARROWED BBs"],
    ],
    [
      "a list that becomes a set in an argument, which may repeat values",
      { p: procedure([{ name: "a", schema: { type: "array" } }]) },
      { p: procedure([{ name: "a", schema: { type: "array", uniqueItems: true } }]) },
      ["DOCUMENTATION_CHANGED sss"],
    ],
    [
      "a named tuple with a default that becomes a JsonValue",
      { p: procedure([{ name: "a", schema: PAIR }]) },
      { p: procedure([{ name: "a", schema: { $ref: "#/$defs/J", $defs: { J: {} } } }]) },
      ["INPUT_WIDENED sss", "MODEL_ADDED sss"],
    ],
    ["no annotation, in either form", { p: procedure([], { type: "any" }) }, {
      p: procedure([], {}),
    }, []],
  ];

const LETTERS: Readonly<Record<Severity, string>> = {
  breaking: "B",
  "possibly-breaking": "P",
  safe: "s",
};

for (const [name, before, after, want] of ROWS) {
  test(`diffContracts() reports ${name}`, () => {
    const { changes } = diff(before, after);
    const got = changes.map(({ rule, byPosition, byName, readers }) =>
      `${rule} ${[byPosition, byName, readers].map((severity) => LETTERS[severity]).join("")}`
    );
    assert.deepEqual(got, want);
  });
}

const model = (title: string, properties: object, required: string[] = []) => ({
  type: "object",
  title,
  properties,
  required,
});

/** [name, old schema, new schema, messages for a parameter and a result]. */
const MESSAGES: readonly (readonly [string, object, object, string[]])[] = [
  [
    "undeclared members that were ignored and are accepted now",
    model("M", { a: STRING }),
    { ...model("M", { a: STRING }), additionalProperties: true },
    [
      "`M` may now have undeclared members (results of p): none → undeclared members",
      "`M` no longer ignores undeclared members (parameters of p): ignored undeclared members → undeclared members",
    ],
  ],
  [
    "undeclared members that were rejected and are ignored now",
    { ...model("M", { a: STRING }), additionalProperties: false },
    model("M", { a: STRING }),
    ["`M` accepts undeclared members now (parameters of p): none → ignored undeclared members"],
  ],
  [
    "the value in a JSON text",
    { ...STRING, contentMediaType: "application/json", contentSchema: {} },
    { ...STRING, contentMediaType: "application/json", contentSchema: { type: "integer" } },
    [
      'the parameter "a" changed from string (JSON) to string (JSON: integer): string (JSON) → string (JSON: integer)',
      "the result changed from any value to integer: any value → integer",
    ],
  ],
  [
    "another model, with the members that are the reason",
    model("A", { id: STRING, a: STRING }, ["id", "a"]),
    model("Cat", { id: STRING, meow: STRING }, ["id"]),
    [
      "`A.a` was removed and is now ignored (parameters of p): string → not declared",
      "`A.meow` was added (parameters of p): not declared → string",
      "the result changed from A to Cat: A → Cat, string → not declared",
      'the model "A" was removed: ',
      'the model "Cat" was added: ',
    ],
  ],
  [
    "another model without a common member, whose types TypeScript rejects",
    model("A", { a: STRING }, ["a"]),
    model("Cat", { meow: STRING }),
    [
      "`A` changed from A to Cat (no member in common) (parameters of p): A → Cat (no member in common)",
      "the result changed from A to Cat: A → Cat, string → not declared",
      'the model "A" was removed: ',
      'the model "Cat" was added: ',
    ],
  ],
  [
    "different values of a set",
    { type: "array", minItems: 2 },
    { type: "array", minItems: 2, uniqueItems: true },
    [
      'the parameter "a" accepts fewer values: at least 2 items → at least 2 unique items',
      "the result has fewer possible values: any items → unique items",
    ],
  ],
];

for (const [name, before, after, want] of MESSAGES) {
  test(`diffContracts() describes ${name}`, () => {
    const contract = (schema: object) => ({ p: procedure([{ name: "a", schema }], schema) });
    const { changes } = diff(contract(before), contract(after));
    const got = changes.map(({ message, places }) =>
      `${message}: ${places.map(({ before, after }) => `${before} → ${after}`).join(", ")}`
    );
    assert.deepEqual(got.sort(), [...want].sort());
  });
}

test("diffContracts() finds models added, removed and renamed", () => {
  const inside = (models: Record<string, object>) => ({
    p: procedure([], {
      $defs: models,
      type: "array",
      items: { anyOf: Object.keys(models).map((name) => ({ $ref: `#/$defs/${name}` })) },
    }),
  });
  const user = { name: STRING, age: { type: "integer" } };
  const { changes } = diff(
    inside({ User: model("User", user), Old: model("Old", { a: STRING }) }),
    inside({ Person: model("Person", user), Fresh: model("Fresh", { zip: { type: "boolean" } }) }),
  );
  const models = changes.filter(({ model }) => model !== undefined);
  assert.deepEqual(models.map(({ rule, model, isGuess }) => [rule, model, isGuess]), [
    ["MODEL_REMOVED", "Old", false],
    ["MODEL_RENAMED", "User", true],
    ["MODEL_ADDED", "Fresh", false],
  ]);
});

test("diffContracts() names the place inside a model, the same for input and result", () => {
  const product = (amount: object) => ({
    $defs: { Money: model("Money", { amount }, ["amount"]) },
    ...model("Product", { price: { $ref: "#/$defs/Money" } }, ["price"]),
  });
  const { changes } = diff(
    {
      p: procedure(
        [{ name: "a", schema: product({ type: "number" }) }],
        product({ type: "integer" }),
      ),
    },
    {
      p: procedure(
        [{ name: "a", schema: product({ type: "integer" }) }],
        product({ type: "number" }),
      ),
    },
  );
  assert.deepEqual(changes.map(({ rule, places }) => [rule, places]), [
    ["INPUT_NARROWED", [{ path: "Money.amount", before: "number", after: "integer" }]],
    ["RESULT_WIDENED", [{ path: "Money.amount", before: "integer", after: "number" }]],
  ]);
});

test("diffContracts() finds a default that changed inside a model", () => {
  const input = (value: number) => [{
    name: "a",
    schema: model("M", { size: { type: "integer", default: value } }),
  }];
  const { changes } = diff({ p: procedure(input(1)) }, { p: procedure(input(2)) });
  assert.deepEqual(changes.map(({ rule, places }) => [rule, places]), [
    ["DEFAULT_CHANGED", [{ path: "$.size", before: "1", after: "2" }]],
  ]);
});

test("diffContracts() of a contract with itself is empty, whatever the order of its keys", () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === "object" && value !== null
      ? Object.fromEntries(
        Object.entries(value).reverse().map(([key, inner]) => [key, reversed(inner)]),
      )
      : value;
  assert.deepEqual(diff(SHOP, SHOP).changes, []);
  assert.deepEqual(diff(SHOP, reversed(SHOP) as object).changes, []);
});

test("diffContracts() finds no difference between a live contract and its snapshot", async () => {
  const url = new URL("../fixtures/shop.pull.json", import.meta.url);
  const pulled = JSON.parse(await readFile(url, "utf8"));
  const { severity, changes } = diff(SHOP, pulled);
  assert.ok(severity === "none" || severity === "safe", JSON.stringify(changes));
});

test(
  "diffContracts() calls no input change safe that loses a value, no result change that gains one",
  SLOW,
  () => {
    const ajv = new Ajv2020({
      strict: false,
      validateFormats: false,
      logger: false,
      addUsedSchema: false,
    });
    const accepts = (schema: JsonSchema) =>
      ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll(`"type":"any"`, `"title":"any"`)));
    const rules = new Set<DiffRuleId>();
    fc.assert(
      fc.property(
        arbitrarySchemaPair,
        fc.array(arbitraryValue, { minLength: 15, maxLength: 25 }),
        ([before, after], values) => {
          const { changes } = diff(
            { p: procedure([{ name: "a", schema: before }], before) },
            { p: procedure([{ name: "a", schema: after }], after) },
          );
          changes.forEach(({ rule }) => rules.add(rule));
          const [isOld, isNew] = [accepts(before), accepts(after)];
          const met = (who: "byName" | "readers") => changes.some((each) => each[who] !== "safe");
          const lost = values.find((value: Json) => isOld(value) && !isNew(value));
          const gained = values.find((value: Json) => isNew(value) && !isOld(value));
          if (!met("byName")) assert.equal(lost, undefined);
          if (!met("readers")) assert.equal(gained, undefined);
        },
      ),
      { numRuns: 400, seed: 21 },
    );
    for (
      const rule of [
        "INPUT_NARROWED",
        "INPUT_WIDENED",
        "RESULT_WIDENED",
        "RESULT_NARROWED",
      ] as const
    ) {
      assert.ok(rules.has(rule), rule);
    }
  },
);

test("diffContracts() recommends a patch if only the text of the types changes", () => {
  const before = { p: procedure([], { enum: [true, false] }) };
  assert.equal(diff(before, { p: procedure([], { type: "boolean" }) }).bump, "patch");
  assert.equal(
    diff(before, { p: procedure([], { enum: [true, false] }, { doc: "New." }) }).bump,
    "patch",
  );
  assert.equal(diff(before, { p: procedure([], { enum: [true] }) }).bump, "minor");
});
