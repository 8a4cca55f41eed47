import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { generateTypes } from "../../lib/codegen/mod.ts";
import type { JsonObject } from "../../lib/contract/mod.ts";
import { isIdentifier } from "../../lib/codegen/names.ts";
import { contractOf, documentOf } from "../support/contracts.ts";
import { checkTypes } from "../support/check_types.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import { tscFolder } from "../support/typescript.ts";

const model = (title: string, ...fields: string[]): JsonObject => ({
  title,
  type: "object",
  properties: Object.fromEntries(fields.map((field) => [field, { type: "integer", title: field }])),
  required: fields,
});

/** The types of a contract whose procedures return these schemas. */
function typesOf(...results: JsonObject[]): readonly string[] {
  return generateTypes(
    contractOf(Object.fromEntries(results.map((result, index) => [`p${index}`, { result }]))),
  ).types;
}

test("generateTypes() names a model by its title, turned into an identifier", () => {
  const rows: [string, string][] = [
    ["Item", "Item"],
    ["snake_case", "snake_case"],
    ["Page[Product]", "PageProduct"],
    ["Page[list[int]]", "PageListInt"],
    ["Page[Union[int, str]]", "PageUnionIntStr"],
    ["Été", "Été"],
    ["商品", "商品"],
    ["two words", "TwoWords"],
    ["3D", "_3D"],
    ["it's", "ItS"],
    ["Promise", "PromiseModel"],
    ["Record", "RecordModel"],
    ["types", "typesModel"],
    ["procedureKinds", "procedureKindsModel"],
    ["string", "stringModel"],
    ["class", "classModel"],
    ["a\u200bb", "AB"],
    ["\u202eevil", "Evil"],
    ["__proto__", "__proto__"],
    ["constructor", "constructorModel"],
    ["*/ evil()", "Evil"],
    ["${x}`", "$X"],
    ["...", "GeneratedType"],
  ];
  for (const [title, want] of rows) assert.deepEqual(typesOf(model(title, "a")), [want], title);
});

test("generateTypes() makes the same model one type, inlined or referred to", () => {
  const item = model("Item", "a");
  assert.deepEqual(
    typesOf(item, { $defs: { Item: item }, type: "array", items: { $ref: "#/$defs/Item" } }),
    ["Item"],
  );
  // Pydantic puts a parameter's own description at the root of an inlined model.
  assert.deepEqual(typesOf(item, { ...item, description: "another place" }), ["Item"]);
});

test("generateTypes() makes two models of one title two types", () => {
  assert.deepEqual(typesOf(model("Item", "a"), model("Item", "b")), ["Item", "Item2"]);
  assert.deepEqual(typesOf(model("Item", "a"), model("item", "b")), ["Item", "item2"]);
  assert.deepEqual(typesOf(model("Item", "a"), model("Item", "b"), model("Item2", "c")), [
    "Item",
    "Item2",
    "Item3",
  ]);
});

test("generateTypes() distinguishes classes of one name by their modules where Pydantic does", () => {
  const both = {
    $defs: { shop__catalog__Item: model("Item", "a"), shop__orders__Item: model("Item", "b") },
    type: "array",
    items: {
      anyOf: [{ $ref: "#/$defs/shop__catalog__Item" }, { $ref: "#/$defs/shop__orders__Item" }],
    },
  };
  assert.deepEqual(typesOf(both, model("Item", "a")), ["CatalogItem", "OrdersItem"]);
});

test("generateTypes() recognises a recursive model in several documents", () => {
  const tree = (name: string, other: string): JsonObject => ({
    $defs: {
      [name]: { title: name, type: "object", properties: { o: { $ref: `#/$defs/${other}` } } },
      [other]: {
        title: other,
        type: "object",
        properties: { n: { type: "array", items: { $ref: `#/$defs/${name}` } } },
      },
    },
  });
  assert.deepEqual(
    typesOf({ ...tree("A", "B"), $ref: "#/$defs/A" }, { ...tree("B", "A"), $ref: "#/$defs/B" }, {
      ...tree("A", "B"),
      $ref: "#/$defs/B",
    }).length,
    4,
  );
  assert.deepEqual(
    typesOf({ ...tree("A", "B"), $ref: "#/$defs/A" }, { ...tree("A", "B"), $ref: "#/$defs/B" }),
    ["A", "B"],
  );
});

test("generateTypes() names a NamedTuple at the root as it is named elsewhere", () => {
  const point = {
    type: "array",
    prefixItems: [{ title: "X", type: "integer" }],
    minItems: 1,
    maxItems: 1,
  };
  const list = { $defs: { Point: point }, type: "array", items: { $ref: "#/$defs/Point" } };
  const { procedures } = generateTypes(
    contractOf({ one: { result: point }, many: { result: list } }),
  );
  assert.deepEqual(procedures.map(({ result }) => result), ["Point[]", "Point"]);
});

test("generateTypes() names the argument's type differently from a model", () => {
  const product: JsonObject = {
    ...model("Product", "a"),
    properties: { a: { type: "integer", default: 1 } },
    required: [],
  };
  const { types } = generateTypes(contractOf({
    f: { parameters: [{ name: "v", schema: product }], result: product },
    g: { result: model("ProductInput", "b") },
  }));
  assert.deepEqual(types, ["Product", "ProductInput", "ProductInput2"]);
});

test("generateTypes() returns the same bytes for any order of keys", async () => {
  const { readFile } = await import("node:fs/promises");
  const document = JSON.parse(
    await readFile(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8"),
  );
  document.greet.parameters[1].default = { b: 1, a: { d: 1, c: [] } };
  const text = (value: unknown) => generateTypes(parseContract(value, { where: "test" })).text;
  const reordered = (value: unknown, order: (keys: string[]) => string[]): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => reordered(item, order));
    const object = value as Record<string, unknown>;
    return Object.fromEntries(
      order(Object.keys(object)).map((key) => [key, reordered(object[key], order)]),
    );
  };
  assert.equal(text(reordered(document, (keys) => keys.sort())), text(document));
  assert.equal(text(reordered(document, (keys) => keys.reverse())), text(document));
});

test("generateTypes() keeps the names of types when a procedure is added that uses them", () => {
  const old = { b: { result: model("Item", "a") }, c: { result: model("Item", "z") } };
  const before = generateTypes(contractOf(old));
  const after = generateTypes(contractOf({ a: { result: model("Item", "z") }, ...old }));
  const results = ({ procedures }: typeof before) =>
    procedures.filter(({ name }) => name !== "a").map(({ result }) => result);
  assert.deepEqual(results(after), results(before));
});

test("generateTypes() compiles whatever models and procedures are called", async () => {
  const names = [
    "Promise",
    "Record",
    "string",
    "any",
    "never",
    "Types",
    "infer",
    "keyof",
    "Array",
    "Object",
    "constructor",
    "__proto__",
    "toString",
  ];
  const document = documentOf(
    Object.fromEntries(names.map((name) => [name, { result: model(name, name) }])),
  );
  const { text } = generateTypes(parseContract(document, { where: "test" }));
  assert.deepEqual(await checkTypes(text, []), []);
});

test("isIdentifier() rejects characters that the oldest compiler does not support", () => {
  const ts = createRequire(import.meta.url)(
    `${tscFolder("5.4")}/lib/typescript.js`,
  ) as typeof import("typescript");
  const wrong: string[] = [];
  for (let code = 0; code < 0xd800; code++) {
    const character = String.fromCharCode(code);
    if (isIdentifier(character) && !ts.isIdentifierStart(code, ts.ScriptTarget.ESNext)) {
      wrong.push(code.toString(16));
    }
    if (isIdentifier(`a${character}`) && !ts.isIdentifierPart(code, ts.ScriptTarget.ESNext)) {
      wrong.push(code.toString(16));
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(isIdentifier("naïve") && isIdentifier("日本"));
});
