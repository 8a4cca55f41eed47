import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ToolError } from "../../lib/errors.ts";
import { exampleResolver, type ExampleSet } from "../../lib/mock/examples/mod.ts";
import { parseExamples } from "../../lib/mock/files/mod.ts";
import { createSampler } from "../../lib/mock/values/mod.ts";
import { type Json, parseContract } from "../../lib/contract/mod.ts";
import { ContractDispatcher } from "../../lib/rpc/mod.ts";
import { compileSchema } from "../../lib/validate/mod.ts";

const contract = parseContract(
  JSON.parse(readFileSync(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8")),
  { where: "fixture" },
);
const sampler = createSampler();
const parse = (text: string) => parseExamples(text, { contract, sampler, where: "examples.yaml" });
const ask = (examples: ExampleSet, name: string, args: Readonly<Record<string, Json>> = {}) =>
  examples.answer(contract.procedures.get(name)!, new Map(Object.entries(args)));

test("parseExamples() answers with a result, an error, and answers in order, the last of which stays", () => {
  const examples = parse(`
add: { result: 3 }
fail: { error: { code: -32000, message: Out of stock, data: { left: 0 } } }
greet:
  - result: Hello
  - error: Busy
  - result: Hi
`);
  assert.deepEqual(ask(examples, "add", { a: 5, b: 6 }), { result: 3 });
  assert.deepEqual(ask(examples, "fail", { message: "" }), {
    error: { code: -32000, message: "Out of stock", data: { left: 0 } },
  });
  const greetings = Array.from({ length: 4 }, () => ask(examples, "greet", { name: "Ada" }));
  assert.deepEqual(greetings, [
    { result: "Hello" },
    { error: { code: -32603, message: "Busy", data: null } },
    { result: "Hi" },
    { result: "Hi" },
  ]);
  assert.equal(ask(examples, "categories"), undefined);
});

test("parseExamples() reads JSON too, integers beyond 2^53 included", () => {
  const examples = parse(
    '{"add": {"cases": [{"when": {"a": 9007199254740993}, "result": 12345678901234567890}]}}',
  );
  const add = contract.procedures.get("add")!;
  const answer = examples.answer(add, new Map([["a", 9007199254740993n], ["b", 1n]]));
  assert.deepEqual(answer, { result: 12345678901234567890n });
});

test("parseExamples() reads integers beyond 2^53 from YAML as well", () => {
  const examples = parse("add: { result: 9007199254740993 }\ngreet: { result: hi }");
  assert.deepEqual(ask(examples, "add", { a: 1, b: 2 }), { result: 9007199254740993n });
});

test("parseExamples() reports line and column of faults, in YAML and JSON", () => {
  const placeOf = (text: string) => {
    try {
      parse(text);
    } catch (error) {
      assert.ok(error instanceof ToolError);
      return error.position;
    }
    return assert.fail("it was taken");
  };
  assert.deepEqual(placeOf("greet:\n  result: hi\nadd:\n  result: three\n"), {
    line: 4,
    column: 3,
    text: "  result: three",
  });
  assert.deepEqual(placeOf("greet:\n  - result: hi\n  - reslt: hi\n"), {
    line: 3,
    column: 5,
    text: "  - reslt: hi",
  });
  assert.deepEqual(placeOf('{\n  "users.get": {\n    "result": {"id": []}}\n}'), {
    line: 3,
    column: 16,
    text: '    "result": {"id": []}}',
  });
  assert.equal(placeOf("add:\n  cases:\n  - when: {b: x}\n    result: 1")?.line, 3);
  assert.equal(placeOf("# none of this\nadd: {result: 1}\nad: {result: 1}")?.line, 3);
});

test("parseExamples() picks the first case whose arguments match, defaults and parts of objects included", () => {
  const examples = parse(`
greet:
  cases:
    - { when: { name: Ada, greeting: Hi }, result: both }
    - { when: { greeting: Hello }, result: the default }
  result: any
save_product:
  cases:
    - when: { product: { price: { currency: USD } } }
      error: Euros only
`);
  assert.deepEqual(ask(examples, "greet", { name: "Ada", greeting: "Hi" }), { result: "both" });
  assert.deepEqual(ask(examples, "greet", { name: "Bob" }), { result: "the default" });
  assert.deepEqual(ask(examples, "greet", { name: "Bob", greeting: "Yo" }), { result: "any" });
  const product = { id: "x", price: { amount: 1, currency: "USD" } };
  assert.ok("error" in ask(examples, "save_product", { product })!);
  assert.equal(
    ask(examples, "save_product", { product: { price: { currency: "EUR" } } }),
    undefined,
  );
});

test("parseExamples() completes a partial result from the generated answer", () => {
  const examples = parse(`
get_product: { result: { name: Blue lamp, price: { currency: JPY }, stock: { north: 1 } } }
place_order: { result: { payment: { method: transfer } } }
list_products: { result: { items: [{ name: A }, { name: B }, { name: C }, { name: D }] } }
`);
  const check = (name: string, args: Readonly<Record<string, Json>>) => {
    const answer = ask(examples, name, args);
    assert.ok(answer !== undefined && "result" in answer);
    assert.equal(
      compileSchema(contract.procedures.get(name)!.result).check(answer.result),
      undefined,
      JSON.stringify(answer),
    );
    return answer.result as Record<string, Json>;
  };
  const id = "9073926b-929f-31c2-abc9-fad77ae3e8eb";
  const product = check("get_product", { id });
  const made = sampler.result(
    contract.procedures.get("get_product")!,
    new Map([["id", id]]),
  ) as Record<string, Json>;
  assert.deepEqual([product["id"], product["name"], product["sku"]], [
    id,
    "Blue lamp",
    made["sku"],
  ]);
  assert.deepEqual(product["stock"], { north: 1 });
  assert.equal((product["price"] as Record<string, Json>)["currency"], "JPY");
  for (let count = 0; count < 10; count++) {
    const order = check("place_order", { lines: [], payment: { method: "card", count } });
    assert.equal((order["payment"] as Record<string, Json>)["method"], "transfer");
  }
  const page = check("list_products", {});
  assert.deepEqual((page["items"] as Record<string, Json>[]).map((item) => item["name"]), [
    "A",
    "B",
    "C",
    "D",
  ]);
});

const BAD: readonly (readonly [string, string, RegExp])[] = [
  [
    "add: { result: x }",
    "EXAMPLE_DOES_NOT_FIT",
    /\$\.add\.result: Input should be a valid integer/,
  ],
  [
    "get_product: { cases: [{ result: { price: { amount: [] } } }] }",
    "EXAMPLE_DOES_NOT_FIT",
    /\$\.get_product\.cases\[0\]\.result\.price\.amount: Decimal/,
  ],
  ["greet: [{ result: a }, { result: 1 }]", "EXAMPLE_DOES_NOT_FIT", /\$\.greet\[1\]\.result/],
  [
    "add: { cases: [{ when: { a: x }, result: 1 }] }",
    "EXAMPLE_DOES_NOT_FIT",
    /\$\.add\.cases\[0\]\.when\.a/,
  ],
  ["ad: { result: 1 }", "EXAMPLES_MALFORMED", /no procedure "ad" at \$\.ad/],
  ["users.set: { result: 1 }", "EXAMPLES_MALFORMED", /\$\["users\.set"\]/],
  ["add: { results: 1 }", "EXAMPLES_MALFORMED", /unknown key "results" at \$\.add\.results/],
  ["add: { result: 1, error: x }", "EXAMPLES_MALFORMED", /exactly one/],
  [
    "add: { cases: [{ when: { c: 1 }, result: 1 }] }",
    "EXAMPLES_MALFORMED",
    /"c" is not a parameter/,
  ],
  ["add: []", "EXAMPLES_MALFORMED", /at least one/],
  ["add: {}", "EXAMPLES_MALFORMED", /expected result/],
  ["add: { error: { code: 1.5, message: x } }", "EXAMPLES_MALFORMED", /\$\.add\.error\.code/],
  ["[1]", "EXAMPLES_MALFORMED", /keyed by procedure name/],
  ["add: [", "EXAMPLES_NOT_READABLE", /./],
  ["add: 1\nadd: 2", "EXAMPLES_NOT_READABLE", /unique/],
  ['{"toString": {"result": 1}}', "EXAMPLES_MALFORMED", /no procedure "toString"/],
];

for (const [text, code, message] of BAD) {
  test(`parseExamples() rejects ${JSON.stringify(text)} with its position`, () => {
    assert.throws(() => parse(text), (error) => {
      assert.ok(error instanceof ToolError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      if (code === "EXAMPLES_NOT_READABLE") assert.ok(error.position !== undefined);
      return true;
    });
  });
}

test("parseExamples() does not blow up on aliases that multiply", () => {
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x,x]",
    ..."bcdefghi".split("").map((name, index) =>
      `${name}: &${name} [${Array(10).fill(`*${"abcdefghi"[index]}`).join(",")}]`
    ),
  ].join("\n");
  assert.throws(() => parse(bomb), ToolError);
});

test("parseExamples() accepts an empty file and the note of a recording", () => {
  assert.equal(parse("").procedures.size, 0);
  assert.deepEqual([...parse('{"$about": {"recorded": "x"}, "add": {"result": 1}}').procedures], [
    "add",
  ]);
});

test("exampleResolver() answers before later resolvers", async () => {
  const resolver = exampleResolver(
    parse("fail: { error: { code: 7, message: no, data: [1] } }\nadd: { result: 9 }"),
  );
  const dispatcher = new ContractDispatcher({ contract, resolvers: [resolver] });
  const context = { transport: "test", remote: "" };
  const call = (method: string, params: Json[]) => dispatcher.dispatch({ method, params }, context);
  assert.deepEqual(await call("fail", ["x"]), {
    ok: false,
    fault: { kind: "procedure", code: 7, message: "no", data: [1] },
  });
  const added = await call("add", [1, 2]);
  assert.ok(added.ok && added.value === 9);
  assert.equal(dispatcher.has("greet"), false);
});

test("parseExamples() accepts the file in the documentation", () => {
  const page = readFileSync(new URL("../../docs/mock-answers.md", import.meta.url), "utf8");
  const shown = /```yaml\n(.*?)```/s.exec(page)![1]!;
  const examples = parse(shown);
  assert.deepEqual(ask(examples, "greet", { name: "Ada" }), { result: "Hello again, Ada!" });
  assert.ok("error" in ask(examples, "place_order", { lines: [], payment: {} })!);
});

test("parseExamples(): exact args answer first, then the when with the most values, then the entry", () => {
  const examples = parse(`
list_products:
  cases:
    - { when: { limit: 5 }, error: limit }
    - { when: {}, error: any }
    - { when: { limit: 5, cursor: abc }, error: both }
    - { args: { limit: 5 }, error: exact }
    - { args: {}, error: none }
  error: entry
`);
  const answers = [
    [{ limit: 5 }, "exact"],
    [{ limit: 5, cursor: "abc" }, "both"],
    [{ limit: 5, cursor: "x" }, "limit"],
    [{ limit: 6 }, "any"],
    [{}, "none"],
  ] as const;
  for (const [args, message] of answers) {
    const answer = ask(examples, "list_products", args);
    assert.equal(answer !== undefined && "error" in answer && answer.error.message, message);
  }
});

test("parseExamples(): exact args are all arguments; those that are left out are the defaults", () => {
  const examples = parse("list_products: { cases: [{ args: {}, error: none }] }");
  const { parameters } = contract.procedures.get("list_products")!;
  const defaults = Object.fromEntries(
    parameters.map(({ name, default: value }) => [name, value as Json]),
  );
  assert.notEqual(ask(examples, "list_products", {}), undefined);
  assert.notEqual(ask(examples, "list_products", defaults), undefined);
  assert.equal(ask(examples, "list_products", { ...defaults, limit: 3 }), undefined);
  for (
    const [text, message] of [
      ["add: { cases: [{ args: { a: 1 }, result: 3 }] }", /required argument "b" is missing/],
      ["add: { cases: [{ args: { a: 1, b: x }, result: 3 }] }", /\.args\.b: Input should be/],
      ["add: { cases: [{ args: {}, when: {}, result: 3 }] }", /expected args or when/],
    ] as const
  ) assert.throws(() => parse(text), { message });
});
