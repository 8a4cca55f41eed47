import type { Json } from "../../lib/contract/mod.ts";
import type { ContractDocument } from "./broken_client.ts";
import { documentOf } from "./contracts.ts";

/** One kind of change of a contract. */
export interface BreakingCase {
  readonly name: string;
  readonly edit: (document: Editable) => void;
  /** The rule of the change, and the lines below it as `file uses declaration`. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
  /** Statuses of the changes of rules without lines. */
  readonly statuses?: Readonly<Record<string, string>>;
}

// deno-lint-ignore no-explicit-any
type Editable = any;

const TEXT = { type: "string" };
const NUMBER = { type: "number" };
const INTEGER = { type: "integer" };
const product = {
  title: "Product",
  type: "object",
  properties: {
    id: INTEGER,
    name: TEXT,
    price: NUMBER,
    in_stock: { type: "boolean" },
    status: { type: "string", enum: ["new", "old"] },
  },
  required: ["id", "name", "price", "in_stock", "status"],
};
const order = {
  title: "Order",
  type: "object",
  properties: { product_id: INTEGER, quantity: INTEGER },
  required: ["product_id", "quantity"],
};
const $defs = { Product: product };
const PRODUCT = { $ref: "#/$defs/Product", $defs };

/** The contract that the client is compiled against. */
export function baseContract(): ContractDocument {
  // Through JSON: the models of two procedures are copies, as a server sends them.
  return JSON.parse(JSON.stringify(documentOf({
    get_product: { parameters: [{ name: "id" }], result: PRODUCT },
    list_products: {
      parameters: [{ name: "q", schema: TEXT, default: "" }, { name: "limit", default: 10 }],
      result: { type: "array", items: { $ref: "#/$defs/Product" }, $defs },
    },
    find: {
      parameters: [{ name: "status", schema: { type: "string", enum: ["new", "old"] } }],
      result: { anyOf: [{ $ref: "#/$defs/Product" }, { type: "null" }], $defs },
    },
    save: {
      parameters: [{
        name: "order",
        schema: { $ref: "#/$defs/Order", $defs: { Order: order } },
      }],
      result: INTEGER,
    },
    rate: { parameters: [{ name: "id" }, { name: "stars" }], result: { type: "null" } },
    "admin.version": { result: TEXT },
    legacy: { result: TEXT },
  })));
}

/** The client's files, as a developer writes them. */
export const CLIENT_FILES: Readonly<Record<string, string>> = {
  "web/src/rpc.ts": `import type { Types } from "./api.ts";
import { createClient } from "./pyrpc-client.ts";
export const rpc = createClient<Types>();
`,
  "web/src/format.ts": `import type { Product } from "./api.ts";
export function label({ name }: Product): string {
  return name.toUpperCase();
}
export function color(status: Product["status"]): string {
  switch (status) {
    case "new": return "green";
    case "old": return "gray";
  }
}
`,
  "web/src/row.tsx": `import type { Product } from "./api.ts";
import { color, label } from "./format.ts";
export function Row({ product }: { product: Product }) {
  const { price } = product;
  const total = price * 1.19;
  return (
    <li style={{ color: color(product.status) }}>
      {label(product)} {total.toFixed(2)} {product.in_stock ? "in stock" : "sold out"}
    </li>
  );
}
`,
  "web/src/catalog.tsx": `import { useEffect, useState } from "react";
import type { Product } from "./api.ts";
import { Row } from "./row.tsx";
import { rpc } from "./rpc.ts";
export function Catalog({ q }: { q: string }) {
  const [products, setProducts] = useState<Product[]>([]);
  useEffect(() => {
    rpc.list_products({ q }).then((found) => setProducts(found.filter((each) => each.in_stock)));
  }, [q]);
  const own: number = "an error of the client's own";
  return <ul title={String(own)}>{products.map((each) => <Row key={each.id} product={each} />)}</ul>;
}
`,
  "web/src/actions.ts": `import { rpc } from "./rpc.ts";
export async function buy(id: number): Promise<number> {
  const product = await rpc.get_product(id);
  const order = { product_id: product.id, quantity: 1 };
  return await rpc.save({ order });
}
export async function old(): Promise<string> {
  const found = await rpc.find("old");
  return found?.name ?? "";
}
export const rate = (id: number) => rpc.rate(id, 5);
export const version = () => rpc.admin.version();
`,
};

const models = (document: Editable, edit: (product: Editable) => void) => {
  for (const name of ["get_product", "list_products", "find"]) {
    edit(document[name].return_schema.$defs.Product);
  }
};

/** Kinds of changes, each with the lines that have to be below it. */
export const BREAKING_CASES: readonly BreakingCase[] = [
  {
    name: "a member of a result is removed",
    edit: (document) =>
      models(document, (product) => {
        delete product.properties.in_stock;
        product.required.splice(product.required.indexOf("in_stock"), 1);
      }),
    lines: {
      RESULT_WIDENED: [
        "web/src/catalog.tsx:8 uses Product.in_stock",
        "web/src/row.tsx:8 uses Product.in_stock",
      ],
    },
  },
  {
    name: "a member of a result has another type",
    edit: (document) => models(document, (product) => product.properties.price = TEXT),
    lines: { RESULT_WIDENED: ["web/src/row.tsx:5 uses Product.price"] },
  },
  {
    name: "a member of a result may be null",
    edit: (document) =>
      models(
        document,
        (product) => product.properties.name = { anyOf: [TEXT, { type: "null" }] } as Json,
      ),
    lines: { RESULT_WIDENED: ["web/src/format.ts:3 uses Product.name"] },
  },
  {
    name: "a value is added to an enum of a result",
    edit: (document) => models(document, (product) => product.properties.status.enum.push("gone")),
    lines: { RESULT_WIDENED: ["web/src/format.ts:5 uses Product.status"] },
  },
  {
    name: "a procedure is removed",
    edit: (document) => delete document["admin.version"],
    lines: { PROCEDURE_REMOVED: ["web/src/actions.ts:12 uses admin.version"] },
  },
  {
    name: "a procedure is renamed",
    edit: (document) => {
      document.store = { ...document.save, name: "store" };
      delete document.save;
    },
    lines: { PROCEDURE_RENAMED: ["web/src/actions.ts:5 uses save"] },
  },
  {
    name: "a required parameter is added",
    edit: (document) => document.rate.parameters.push(parameter("reason")),
    lines: { PARAMETER_ADDED_REQUIRED: ["web/src/actions.ts:11 uses rate"] },
  },
  {
    name: "a parameter accepts fewer values",
    edit: (document) => document.find.parameters[0].schema_.enum = ["new"],
    lines: { INPUT_NARROWED: ["web/src/actions.ts:8 uses find(status)"] },
  },
  {
    name: "a member of an argument is now required",
    edit: (document) => {
      const { Order } = document.save.parameters[0].schema_.$defs;
      Order.properties.address = TEXT;
      Order.required.push("address");
    },
    lines: { INPUT_NARROWED: ["web/src/actions.ts:5 uses Order.address"] },
  },
  {
    name: "a result becomes a page of the list",
    edit: (document) => {
      const { items } = document.list_products.return_schema;
      document.list_products.return_schema = {
        title: "Page",
        type: "object",
        properties: { items: { type: "array", items } },
        required: ["items"],
        $defs,
      };
    },
    lines: { RESULT_WIDENED: ["web/src/catalog.tsx:8 uses list_products"] },
  },
  {
    name: "a parameter is renamed",
    edit: (document) => document.list_products.parameters[0].name = "query",
    lines: { PARAMETER_RENAMED: ["web/src/catalog.tsx:8 uses list_products(q)"] },
  },
  {
    name: "a model is renamed",
    edit: (document) => {
      for (const name of ["get_product", "list_products", "find"]) {
        const text = JSON.stringify(document[name].return_schema);
        document[name].return_schema = JSON.parse(text.replaceAll("Product", "Item"));
      }
    },
    lines: {
      MODEL_RENAMED: [
        "web/src/catalog.tsx:2 uses Product",
        "web/src/format.ts:1 uses Product",
        "web/src/format.ts:5 uses Product",
        "web/src/row.tsx:1 uses Product",
      ],
    },
  },
  {
    name: "a bound changes, which no type has",
    edit: (document) =>
      document.rate.parameters[1].schema_ = { type: "integer", minimum: 1, maximum: 5 },
    lines: {},
    statuses: { INPUT_NARROWED: "used" },
  },
  {
    name: "a procedure that no client calls is removed",
    edit: (document) => delete document.legacy,
    lines: {},
    statuses: { PROCEDURE_REMOVED: "unused" },
  },
];

function parameter(name: string) {
  return { name, type: "", schema_: TEXT, required: true, default: null };
}
