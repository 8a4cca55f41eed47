import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { TINY } from "../support/tiny_contract.ts";
import { runCli } from "../support/run_cli.ts";

const SHOP = await readFile(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8");

test("inspect fits its table into the terminal", async () => {
  const files = { "shop.json": SHOP };
  const { stdout } = await runCli(["inspect", "shop.json"], { files, terminal: true });
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 13);
  assert.ok(lines.every((line) => line.length <= 80), stdout);
  assert.match(stdout, /^place_order {4}query {2}lines: .*…/m);
  const piped = await runCli(["inspect", "shop.json"], { files });
  assert.match(
    piped.stdout,
    /lines: OrderLine\[\], payment: CardOrTransfer, note\?: string \| null/,
  );
});

test("inspect shows constraints, defaults and documentation of one procedure", async () => {
  const parameters = [
    {
      name: "sku",
      schema_: {
        type: "string",
        minLength: 3,
        maxLength: 9,
        description: "What ends a comment: */",
      },
      required: true,
    },
    { name: "limit", schema_: { type: "integer", minimum: 1 }, required: false, default: 20 },
  ];
  const contract = { find: { ...TINY.add, parameters, doc: "Finds.\n\nSlowly.", is_async: true } };
  const { stdout, code } = await runCli(["inspect", "c.json", "find"], {
    files: { "c.json": JSON.stringify(contract) },
  });
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `find  query, async
  Finds.

  Slowly.

find(sku: string, limit?: number): Promise<number>

Parameters
  sku    string  required    What ends a comment: */ 3 to 9 characters.
  limit  number  default 20  At least 1.

Returns
  number
`,
  );
});

test("inspect shows only the types that a procedure uses, and those that they use", async () => {
  const { stdout } = await runCli(["inspect", "shop.json", "get_product", "--json"], {
    files: { "shop.json": SHOP },
  });
  const { types } = JSON.parse(stdout) as { types: string[] };
  assert.deepEqual(types.map((text) => /export type (\w+)/.exec(text)?.[1]), [
    "Currency",
    "Money",
    "Product",
  ]);
});
