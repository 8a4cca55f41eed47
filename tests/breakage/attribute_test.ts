import assert from "node:assert/strict";
import { test } from "node:test";
import { causeOf, decisivePaths, touchedPaths } from "../../lib/breakage/attribute.ts";
import { ComparedTypes } from "../../lib/breakage/compared_types.ts";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { type Json, parseContract } from "../../lib/contract/mod.ts";
import { reportDiff, type ReportedChange } from "../../lib/report/mod.ts";
import type { ContractDocument } from "../support/broken_client.ts";
import { baseContract, BREAKING_CASES } from "../support/broken_client_cases.ts";
import { documentOf } from "../support/contracts.ts";

/** Uses of the types of the contract, and of an unknown model, in code. */
const PATHS = [
  ["Types"],
  ...["get_product", "list_products", "find", "save", "rate", "admin.version", "legacy"]
    .map((name) => ["Types", name]),
  ["Types", "rate", "stars"],
  ["Types", "list_products", "q"],
  ["Product"],
  ...["id", "name", "price", "in_stock", "status"].map((name) => ["Product", name]),
  ["Product", "status", "inner"],
  ["Order"],
  ["Order", "product_id"],
  ["Order", "quantity"],
  ["Order", "address"],
  ["Other", "id"],
];

async function compare(before: ContractDocument, after: ContractDocument) {
  const [old, next] = [before, after].map((document) => ({
    where: "test",
    contract: parseContract(document, { where: "test" }),
  }));
  assert.ok(old !== undefined && next !== undefined);
  const { changes } = await reportDiff(old, next);
  const types = new ComparedTypes(generateTypes(old.contract), generateTypes(next.contract));
  return { changes, types };
}

const errorAt = (message: string, ...uses: readonly (readonly string[])[]) => (
  { file: "use.ts", line: 1, column: 1, code: 2339, message, uses }
);

test("causeOf() finds the same cause whatever code uses after a decisive declaration", async () => {
  // All kinds of changes together: a declaration near the error must not hide the cause behind it.
  const document = baseContract();
  for (const { edit } of BREAKING_CASES.filter(({ name }) => !name.includes("renamed"))) {
    edit(document);
  }
  const { changes, types } = await compare(baseContract(), document);
  const decisive = decisivePaths(changes, types);
  const isDecisive = (path: readonly string[]) =>
    decisive.some((each) => each.every((part, at) => path[at] === part));
  const cause = (...uses: readonly (readonly string[])[]) =>
    causeOf(errorAt("no 'in_stock'", ...uses), changes, types);
  const found = PATHS.filter(isDecisive);
  assert.ok(found.length > 5);
  for (const last of found) {
    for (const first of PATHS) {
      const stopped = cause(first, last);
      for (const later of PATHS) {
        assert.deepEqual(cause(first, last, later), stopped, `${last}, then ${later}`);
      }
    }
  }
});

/** An order has a customer with a level, and items. */
function shop(edit: (models: Editable) => void = () => {}): ContractDocument {
  const models: Editable = {
    Level: { title: "Level", type: "string", enum: ["low", "high"] },
    Customer: model("Customer", { level: { $ref: "#/$defs/Level" }, zip: { type: "string" } }),
    Item: model("Item", { quantity: { type: "integer" }, note: { type: "string", default: "" } }),
    Order: model("Order", {
      customer: { $ref: "#/$defs/Customer" },
      items: { type: "array", items: { $ref: "#/$defs/Item" } },
      total: { type: "number" },
    }),
  };
  edit(models);
  const $defs = models;
  return documentOf({
    get: { result: { $ref: "#/$defs/Order", $defs } },
    level: { result: { $ref: "#/$defs/Level", $defs } },
    save: {
      parameters: [{ name: "order", schema: { $ref: "#/$defs/Order", $defs } }],
      result: { type: "null" },
    },
  });
}

// deno-lint-ignore no-explicit-any
type Editable = any;

function model(title: string, properties: Record<string, Record<string, Json>>): Json {
  const required = Object.keys(properties).filter((name) => !("default" in properties[name]!));
  return { title, type: "object", properties, required };
}

const named = ({ rule, model, member, procedure }: ReportedChange) =>
  `${rule} ${[model ?? procedure, member].filter(Boolean).join(".")}`;

test("causeOf() prefers changes of the types to those that no type shows", async () => {
  const { changes, types } = await compare(
    shop(),
    shop(({ Item, Order, Customer }) => {
      Item.properties.quantity = { type: "number" };
      Item.properties.unit = { type: "string" };
      Item.required.push("unit");
      Order.properties.total = { type: "string" };
      Customer.properties.zip.minLength = 5;
    }),
  );
  const causes = (message: string, ...uses: string[][]) =>
    causeOf(errorAt(message, ...uses), changes, types).changes.map(named).sort();
  // Integers and numbers are the same type.
  assert.deepEqual(
    causes("Type 'string' is not assignable to type 'number'.", ["Item", "quantity"], [
      "Order",
      "total",
    ]),
    ["INPUT_NARROWED Order.total", "RESULT_WIDENED Order.total"],
  );
  assert.ok(!decisivePaths(changes, types).some((path) => path.join(".") === "Item.quantity"));
  // A type that is written differently is the result of another change.
  assert.deepEqual(
    causes("Property 'unit' is missing in type '{}' but required in type 'ItemInput'.", [
      "ItemInput",
    ]),
    ["INPUT_NARROWED Item.unit", "RESULT_NARROWED Item.unit"],
  );
});

test("causeOf() finds a change of a model inside the declaration that the code uses", async () => {
  const { changes, types } = await compare(
    shop(),
    shop(({ Level, Customer }) => {
      Level.enum.push("none");
      Customer.properties.zip = { type: "integer" };
    }),
  );
  const causes = (message: string, ...uses: string[][]) =>
    causeOf(errorAt(message, ...uses), changes, types).changes.map(named).join();
  for (const path of [["Customer", "level"], ["Level"], ["Types", "level"]]) {
    assert.match(causes("Property 'none' is missing", path), /RESULT_WIDENED Level/, `${path}`);
  }
  for (const path of [["Order", "customer"], ["Order"], ["Types", "get"]]) {
    const message = "Types of property 'zip' are incompatible.";
    assert.match(causes(message, path), /RESULT_WIDENED Customer\.zip/, `${path}`);
  }
  assert.equal(causes("no", ["Item", "quantity"]), "");
});

test("causeOf() finds the only change of the types, whatever the code uses", async () => {
  const { changes, types } = await compare(
    shop(),
    shop(({ Order, Customer }) => {
      Order.properties.total = { type: "string" };
      Customer.properties.zip.minLength = 5;
    }),
  );
  const { changes: [first], uses } = causeOf(errorAt("This is not callable."), changes, types);
  assert.deepEqual([first?.model, first?.member, uses], ["Order", "total", "Order.total"]);
});

test("touchedPaths() has the members and results that refer to a changed type without members", async () => {
  const { changes, types } = await compare(shop(), shop(({ Level }) => Level.enum.push("none")));
  const widened = changes.find(({ rule }) => rule === "RESULT_WIDENED");
  assert.ok(widened !== undefined);
  const paths = touchedPaths(widened, types).map((path) => path.join("."));
  assert.deepEqual([...new Set(paths)].sort(), ["Customer.level", "Level", "Types.level"]);
});
