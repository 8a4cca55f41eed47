import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import * as prettier from "prettier";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import { checkTypes } from "../support/check_types.ts";
import { TYPESCRIPT_VERSIONS } from "../support/typescript.ts";

const SCHEMA = new URL("../fixtures/shop.schema.json", import.meta.url);
const GOLDEN = new URL("../golden/shop.ts", import.meta.url);

const { text } = generateTypes(
  parseContract(JSON.parse(await readFile(SCHEMA, "utf8")), { where: "shop.schema.json" }),
);

// `UPDATE_GOLDEN=1` writes it anew; read the difference before you commit it.
test("generateTypes() returns the golden file of the example backend", async () => {
  if (process.env["UPDATE_GOLDEN"]) await writeFile(GOLDEN, text);
  assert.equal(text, await readFile(GOLDEN, "utf8"));
  assert.equal(await prettier.format(text, { parser: "typescript" }), text);
});

const yes = (code: string) => ({ code, compiles: true });
const no = (code: string) => ({ code, compiles: false });

const USES = [
  yes("const sum: Promise<number> = c.add(1, 2); void sum;"),
  yes('void c.greet("Ada"); void c.greet({ name: "Ada", greeting: "Hi" });'),
  yes("void c.list_products().then((page) => page.items.map((product) => product.tags.length));"),
  yes("void c.list_products({ tags: null });"),
  yes('void c.get_product("x").then((product) => product?.stock?.["north"]);'),
  no('void c.get_product("x").then((product) => product.stock);'),
  // A default_factory: the schema is that of a member which may be missing.
  no('void c.get_product("x").then((product) => product?.stock["north"]);'),
  yes('{ const money: api.MoneyInput = { amount: "9.90" }; void money; }'),
  no('{ const money: api.Money = { amount: "9.90" }; void money; }'),
  yes(
    'void c.save_product({ product: { id: "x", sku: "ABC-0001", name: "n", price: { amount: 1 } } });',
  ),
  no('void c.save_product({ id: "x", sku: "ABC-0001", name: "n", price: { amount: 1 } });'),
  yes('void c.place_order([], { method: "transfer", iban: "x" });'),
  no('void c.place_order([], { method: "cash" });'),
  no('void c.place_order([], { method: "card", iban: "x" });'),
  yes(
    "void c.place_order({ lines: [], payment: { method: 'card', number: '1', expires: [1, 2] } }).then((o) => o.note);",
  ),
  yes("void c.categories().then((all) => all.children[0]?.children);"),
  yes('void c.stock_levels("sku").then((levels) => levels["a"]?.["b"]?.toFixed());'),
  no('void c.stock_levels("country");'),
  yes('void c["users.get"](1).then((user) => user["name"]);'),
  yes("void c.untyped({ value: [] });"),
];

for (const version of TYPESCRIPT_VERSIONS) {
  test(`generateTypes() compiles under TypeScript ${version} with every strict flag`, async () => {
    assert.deepEqual(await checkTypes(text, USES, { version }), []);
  });
}
