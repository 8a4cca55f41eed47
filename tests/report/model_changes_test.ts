import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, parseContract } from "../../lib/contract/mod.ts";
import {
  findingsOf,
  markdownTable,
  renderGithub,
  renderText,
  reportDiff,
  summaryOf,
} from "../../lib/report/mod.ts";
import { styleOf } from "../../lib/terminal/mod.ts";

const INTEGER = { type: "integer" };
const STRING = { type: "string" };

interface Shop {
  readonly product: Record<string, Json>;
  readonly categories: readonly string[];
  readonly q: readonly Json[];
}

// Three procedures with one model, and one with a parameter of its own.
function shop({ product, categories, q }: Shop) {
  const $defs = {
    Category: { enum: categories, title: "Category", type: "string" },
    Product: {
      type: "object",
      title: "Product",
      properties: { category: { $ref: "#/$defs/Category" }, ...product },
      required: ["category", ...Object.keys(product)],
    },
  };
  const model = { $ref: "#/$defs/Product" };
  const results: Record<string, object> = {
    get_product: model,
    list_products: { type: "array", items: model },
    search_products: { type: "object", additionalProperties: model },
  };
  const procedures = Object.entries(results).map(([name, schema]) => [name, {
    name,
    parameters: [],
    return_type: "",
    return_schema: { $defs, ...schema },
    doc: "",
  }]);
  const find = { name: "find", parameters: q, return_type: "", return_schema: INTEGER, doc: "" };
  const document = { ...Object.fromEntries(procedures), find };
  return { where: "shop", contract: parseContract(document, { where: "shop" }) };
}

const parameter = (name: string, required: boolean) => (
  { name, type: "", schema_: STRING, required, default: null }
);
const BEFORE = shop({
  product: { in_stock: { ...INTEGER, minimum: 0 }, email: STRING },
  categories: ["lamps", "chairs"],
  q: [parameter("q", true)],
});
const AFTER = shop({
  product: { stock: INTEGER, email: { anyOf: [STRING, { type: "null" }] } },
  categories: ["lamps", "chairs", "beds"],
  q: [parameter("q", true), parameter("more", false)],
});
const SENTENCES = [
  "`Product.in_stock` was removed (results of get_product, list_products and 1 more)",
  "`Product.email` may now be null (results of get_product, list_products and 1 more)",
  "`Category` has a new value: beds (results of get_product, list_products and 1 more)",
];

test("reportDiff() has one finding for each change of a model, in the same sentence in every format", async () => {
  const report = await reportDiff(BEFORE, AFTER);
  const findings = findingsOf(report, "schema.json");
  const breaking = findings.filter(({ level }) => level === "error");
  assert.deepEqual(breaking.map(({ message }) => message).sort(), [...SENTENCES].sort());
  const email = breaking.find(({ subject }) => subject === "Product.email");
  assert.equal(email?.details[0], "Product.email: string → string | null");
  const [text, github] = [
    renderText(report, styleOf(false)),
    renderGithub(findings, "", { cwd: "/", env: {} }),
  ];
  const markdown = markdownTable(findings).join("\n").replaceAll("\\", "");
  for (const sentence of SENTENCES) {
    assert.ok(text.includes(`RESULT_WIDENED  ${sentence}\n`), text);
    assert.ok(github.includes(`title=pyrpc RESULT_WIDENED::${sentence}%0A`), github);
    assert.ok(markdown.includes(` ${sentence}<br>`), markdown);
  }
});

test("reportDiff() allows a change of a model by the model, or for each procedure that it reaches", async () => {
  const allowed = async (...names: string[]) => {
    const allowances = names.map((procedure) => ({
      rule: "RESULT_WIDENED",
      procedure,
      reason: "known",
    }));
    const { changes } = await reportDiff(BEFORE, AFTER, allowances);
    return changes.filter(({ allowed }) => allowed === "known").map(({ model }) => model).sort();
  };
  assert.deepEqual(await allowed("Product"), ["Product", "Product"]);
  assert.deepEqual(await allowed("get_product", "list_products"), []);
  assert.deepEqual(
    await allowed("get_product", "list_products", "search_products"),
    ["Category", "Product", "Product"],
  );
});

test("summaryOf() does not count a changed hook input, which is a note", async () => {
  const report = await reportDiff(BEFORE, AFTER);
  const notes = report.changes.filter(({ rule }) => rule === "HOOK_INPUT_CHANGED");
  assert.equal(notes.length, 1);
  assert.match(renderText(report, styleOf(false)), /\nNotes\n {2}HOOK_INPUT_CHANGED {2}find: /);
  const safe = report.changes.filter(({ severity }) => severity === "safe").length - 1;
  assert.equal(summaryOf(report), `3 breaking, ${safe} safe; the next version is a major one`);
});
