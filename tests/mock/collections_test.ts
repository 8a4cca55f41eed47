import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  type Contract,
  type Json,
  type JsonSchema,
  parseContract,
} from "../../lib/contract/mod.ts";
import { ToolError } from "../../lib/errors.ts";
import { createMockDispatcher, createSampler, exampleResolver } from "../../lib/mock/mod.ts";
import { parseExamples } from "../../lib/mock/files/mod.ts";
import { handleMessage, procedureDocument, pyrpcProtocol } from "../../lib/rpc/mod.ts";

type Parameters = Readonly<Record<string, JsonSchema | readonly [JsonSchema, Json]>>;

/** A contract of procedures, each with its parameters (a list: with its default) and its result. */
function contractOf(procedures: Readonly<Record<string, readonly [Parameters, JsonSchema]>>) {
  const documents = Object.entries(procedures).map(([name, [parameters, result]]) => [
    name,
    procedureDocument({
      name,
      doc: "",
      parameters: Object.entries(parameters).map(([name, given]) => {
        const [schema, fallback] = Array.isArray(given) ? given : [given as JsonSchema, undefined];
        const isRequired = fallback === undefined;
        return { name, schema, required: isRequired, default: fallback ?? null, type: "x" };
      }),
      result,
      resultType: "x",
      isAsync: false,
      kind: "query",
    }),
  ]);
  return parseContract(Object.fromEntries(documents), { where: "orders" });
}

const INT: JsonSchema = { type: "integer" };
const TEXT: JsonSchema = { type: "string" };
const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: "null" }] });
const LINE: JsonSchema = {
  type: "object",
  title: "Line",
  properties: { sku: TEXT, quantity: INT },
  required: ["sku", "quantity"],
};
const ORDER: JsonSchema = {
  type: "object",
  title: "Order",
  properties: {
    id: INT,
    customer: TEXT,
    lines: { type: "array", items: { $ref: "#/$defs/Line" } },
    status: { enum: ["open", "paid"], default: "open" },
    note: { ...orNull(TEXT) as object, default: null },
    placed_at: { type: "string", format: "date-time" },
  },
  required: ["id", "customer", "lines", "placed_at"],
};
const DEFS = { Order: ORDER, Line: LINE };
const order: JsonSchema = { $defs: DEFS, $ref: "#/$defs/Order" };
const page = (more: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  $defs: DEFS,
  type: "object",
  title: "Page",
  properties: { items: { type: "array", items: { $ref: "#/$defs/Order" } }, ...more },
  required: ["items"],
});
const lines: JsonSchema = { $defs: { Line: LINE }, type: "array", items: { $ref: "#/$defs/Line" } };

const ORDERS = contractOf({
  place_order: [{ customer: TEXT, lines, note: [orNull(TEXT), null] }, order],
  list_orders: [
    { limit: [INT, 2], cursor: [orNull(TEXT), null], status: [orNull(TEXT), null] },
    page({ total: INT, next_cursor: orNull(TEXT) }),
  ],
  get_order: [{ order_id: INT }, order],
  update_order: [{ order_id: INT, status: TEXT }, order],
  delete_order: [{ order_id: INT }, { type: "null" }],
});
const YAML = `
collections:
  orders:
    list: list_orders
    get: get_order
    add: place_order
    update: update_order
    delete: delete_order
    items:
      - { id: 7, customer: Ada, status: paid }
`;

/** Calls procedures of a mock with an examples file, as a client does. */
function mock(contract: Contract, text: string) {
  const sampler = createSampler();
  const violations: unknown[] = [];
  const dispatcher = createMockDispatcher({
    contract,
    sampler,
    resolvers: [exampleResolver(parseExamples(text, { contract, sampler, where: "x.yaml" }))],
    random: () => 0.5,
    onViolation: (violation) => violations.push(violation),
  });
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const reply = await handleMessage(
      { protocol: pyrpcProtocol, dispatcher },
      new TextEncoder().encode(JSON.stringify(body)),
      { transport: "test", remote: "", headers },
    );
    return JSON.parse(String(reply));
  };
  // deno-lint-ignore no-explicit-any -- results of several schemas
  const call = async (method: string, params: Json = [], control?: string): Promise<any> => {
    const headers: Record<string, string> = control === undefined
      ? {}
      : { "x-pyrpc-mock": control };
    const { result, error } = await post({ id: 1, method, params }, headers);
    assert.deepEqual(violations, []);
    return error === null ? result : `${error.code} ${error.message}`;
  };
  return { call, post };
}

test("a collection: other calls find, list, change and remove an added item", async () => {
  const { call } = mock(ORDERS, YAML);
  const added = await call("place_order", ["Bob", [{ sku: "A", quantity: 2 }]]);
  assert.deepEqual(
    { ...added, placed_at: "" },
    {
      id: 2,
      customer: "Bob",
      lines: [{ sku: "A", quantity: 2 }],
      status: "open",
      note: null,
      placed_at: "",
    },
  );
  assert.deepEqual(await call("get_order", [added.id]), added);
  const second = await call("place_order", { customer: "Cy", lines: [], note: "soon" });
  assert.notEqual(second.id, added.id);
  const first = await call("list_orders");
  assert.deepEqual(first.items.map(({ customer }: { customer: string }) => customer), [
    "Ada",
    "Bob",
  ]);
  assert.equal(first.total, 3);
  const rest = await call("list_orders", { cursor: first.next_cursor });
  assert.deepEqual(rest, { items: [second], total: 3, next_cursor: null });
  assert.equal((await call("update_order", [added.id, "paid"])).status, "paid");
  assert.equal((await call("list_orders", { limit: 9, status: "paid" })).total, 2);
  assert.equal(await call("delete_order", [added.id]), null);
  const missing = `-32603 orders: no item with id ${added.id}`;
  assert.equal(await call("get_order", [added.id]), missing);
  assert.equal(await call("delete_order", [added.id]), missing);
  assert.equal(await call("update_order", [added.id, "open"]), missing);
  // The cursor of a removed item still works.
  assert.deepEqual((await call("list_orders", { cursor: first.next_cursor })).items, [second]);
  assert.match(await call("list_orders", { cursor: "nothing" }), /unknown cursor "nothing"/);
  assert.match(await call("get_order", ["x"]), /^-32602/);
});

test("the header x-pyrpc-mock: reset restores the items of the start, once for a batch", async () => {
  const { call, post } = mock(ORDERS, YAML);
  await call("place_order", ["Bob", []]);
  const place = { id: 1, method: "place_order", params: ["Cy", []] };
  const list = { id: 2, method: "list_orders", params: { limit: 9 } };
  const headers = { "x-pyrpc-mock": "delay=0, reset" };
  const [, , listed] = await post([place, place, list], headers);
  const names = listed.result.items.map(({ customer }: { customer: string }) => customer);
  assert.deepEqual(names, ["Ada", "Cy", "Cy"]);
  assert.equal((await call("list_orders", {}, "reset")).total, 1);
  // Answers that are used in order begin again as well.
  const answers = mock(ORDERS, `get_order: [{ error: First }, { error: Second }]`);
  assert.match(await answers.call("get_order", [1]), /First/);
  assert.match(await answers.call("get_order", [1]), /Second/);
  assert.match(await answers.call("get_order", [1], "reset"), /First/);
});

test("items that the file does not list are generated: the same on every start, all of them different", async () => {
  const text = YAML.replace(/items:[^]*$/, "items: 30\n");
  const [one, other] = await Promise.all(
    [1, 2].map(async () => await mock(ORDERS, text).call("list_orders", { limit: 30 })),
  );
  assert.deepEqual(one, other);
  const { items } = one as { items: { id: number; placed_at: string }[] };
  assert.deepEqual(items.map(({ id }) => id), Array.from({ length: 30 }, (_, index) => index + 1));
  assert.ok(new Set(items.map(({ placed_at }) => placed_at)).size > 20);
});

test("every page has all items once, whatever the limit and whatever is removed between two pages", async () => {
  const text = YAML.replace(/items:[^]*$/, "items: 17\n");
  for (let limit = 1; limit <= 18; limit++) {
    const { call } = mock(ORDERS, text);
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const { items, next_cursor }: { items: { id: number }[]; next_cursor: string | null } =
        await call("list_orders", { limit, cursor });
      seen.push(...items.map(({ id }) => id));
      await call("delete_order", [items.at(-1)!.id]);
      cursor = next_cursor;
    } while (cursor !== null);
    assert.deepEqual(seen, Array.from({ length: 17 }, (_, index) => index + 1), `limit ${limit}`);
  }
});

test("examples go before a collection: an error for some arguments", async () => {
  const text = `${YAML}place_order:\n  cases: [{ when: { customer: Eve }, error: Blocked }]\n`;
  const { call } = mock(ORDERS, text);
  assert.match(await call("place_order", ["Eve", []]), /Blocked/);
  assert.equal((await call("place_order", ["Bob", []])).customer, "Bob");
});

/** Ways in which backends write the same four procedures. */
const uuid: JsonSchema = { type: "string", format: "uuid" };
const USER: JsonSchema = {
  type: "object",
  title: "User",
  properties: { user_id: uuid, name: TEXT, tags: { type: "array", items: TEXT, default: [] } },
  required: ["user_id", "name"],
};
const users: JsonSchema = { $defs: { User: USER }, type: "array", items: { $ref: "#/$defs/User" } };
const UserIn: JsonSchema = {
  type: "object",
  properties: { name: TEXT, tags: { type: "array", items: TEXT, default: [] } },
  required: ["name"],
};
const UserPatch: JsonSchema = { type: "object", properties: { name: orNull(TEXT) } };

test("models as arguments, a list as result, offsets, keys that are strings, null for missing items", async () => {
  const contract = contractOf({
    "users.create": [{ user: UserIn }, uuid],
    "users.all": [{ offset: [INT, 0], limit: [INT, 100], sort: [TEXT, ""], q: [TEXT, ""] }, users],
    "users.find": [
      { id: uuid },
      { $defs: { User: USER }, anyOf: [{ $ref: "#/$defs/User" }, { type: "null" }] },
    ],
    "users.patch": [{ id: uuid, changes: UserPatch }, { type: "boolean" }],
    "users.remove": [{ id: uuid }, { type: "boolean" }],
  });
  const { call } = mock(
    contract,
    JSON.stringify({
      collections: {
        users: {
          add: "users.create",
          list: "users.all",
          get: "users.find",
          update: "users.patch",
          delete: "users.remove",
          items: 0,
        },
      },
    }),
  );
  const ids: string[] = [];
  for (const name of ["Cy", "Ada", "Bob"]) ids.push(await call("users.create", [{ name }]));
  const names = async (params: Json) =>
    (await call("users.all", params)).map((one: { name: string }) => one.name);
  assert.equal(new Set(ids).size, 3);
  assert.deepEqual(await names([]), ["Cy", "Ada", "Bob"]);
  assert.deepEqual(await names({ offset: 1, limit: 1 }), ["Ada"]);
  assert.deepEqual(await names({ sort: "name" }), ["Ada", "Bob", "Cy"]);
  assert.deepEqual(await names({ sort: "-name", limit: 2 }), ["Cy", "Bob"]);
  assert.deepEqual(await names({ q: "b" }), ["Bob"]);
  assert.deepEqual(await call("users.find", [ids[1]!]), { user_id: ids[1], name: "Ada", tags: [] });
  assert.equal(await call("users.patch", [ids[1]!, { name: "Eve" }]), true);
  assert.equal((await call("users.find", [ids[1]!])).name, "Eve");
  assert.equal(await call("users.remove", [ids[1]!]), true);
  assert.equal(await call("users.remove", [ids[1]!]), false);
  assert.equal(await call("users.find", [ids[1]!]), null);
});

test("a save adds or changes; pages by number with everything about them; an object around the item; parameters by other names", async () => {
  const wrapped: JsonSchema = {
    $defs: DEFS,
    type: "object",
    properties: { ok: { const: true }, order: { $ref: "#/$defs/Order" } },
    required: ["ok", "order"],
  };
  const contract = contractOf({
    put_order: [{ order }, wrapped],
    search: [
      {
        which: {
          type: "object",
          properties: { page: { ...INT as object, default: 1 }, page_size: INT },
        },
      },
      page({
        page_info: {
          type: "object",
          properties: {
            has_next: { type: "boolean" },
            pages: INT,
            total_count: INT,
            page_size: INT,
          },
          required: ["has_next", "pages", "total_count"],
        },
      }),
    ],
    look_up: [{ number: INT, verbose: { type: "boolean" } }, order],
  });
  const { call } = mock(
    contract,
    `
collections:
  orders:
    save: put_order
    list: search
    get: [look_up]
    items: 5
    not_found: { code: 404, message: No such order, data: { try: later } }
    parameters: { key: number }
`,
  );
  const got = await call("look_up", { number: 3, verbose: false });
  assert.equal(got.id, 3);
  const changed = await call("put_order", [{ ...got, customer: "New" }]);
  assert.deepEqual(changed, { ok: true, order: { ...got, customer: "New" } });
  const added = await call("put_order", [{ ...got, id: 99 }]);
  assert.equal(added.order.id, 99);
  assert.equal(await call("look_up", [98, true]), "404 No such order");
  const second = await call("search", [{ page: 2, page_size: 4 }]);
  assert.deepEqual(second.items.map(({ id }: { id: number }) => id), [5, 99]);
  assert.deepEqual(second.page_info, { has_next: false, pages: 2, total_count: 6, page_size: 4 });
});

test("the shop: the collections of docs and examples", async () => {
  const shop = parseContract(
    JSON.parse(readFileSync(new URL("../../examples/shop.schema.json", import.meta.url), "utf8")),
    { where: "shop" },
  );
  const text = readFileSync(new URL("../../examples/shop.examples.yaml", import.meta.url), "utf8");
  const { call } = mock(shop, text);
  const first = await call("list_products", { limit: 2 });
  assert.equal(first.items.length, 2);
  assert.equal(first.total, 25);
  const product = { ...first.items[0], name: "Brighter lamp" };
  await call("save_product", [product]);
  assert.deepEqual(await call("get_product", [product.id]), product);
  const id = "00000000-0000-4000-8000-000000000000";
  assert.equal(await call("get_product", [id]), null);
  await call("save_product", [{ ...product, id }]);
  assert.equal((await call("list_products", {})).total, 26);
  const next = await call("list_products", { limit: 2, cursor: first.next_cursor });
  assert.notDeepEqual(next.items, first.items);
  const payment = { method: "transfer", iban: "DE1" };
  const ids: number[] = [];
  for (let count = 0; count < 2; count++) {
    ids.push((await call("place_order", { lines: [], payment })).id);
  }
  assert.deepEqual(ids, [1, 2]);
});

const WRONG: readonly (readonly [name: string, yaml: string, problem: RegExp])[] = [
  ["not an object", "collections: [1]", /expected an object of collections at \$\.collections/],
  [
    "an entry that is not an object",
    "collections: { orders: x }",
    /expected an object at \$\.collections\.orders/,
  ],
  ["no procedure", "collections: { orders: { items: 3 } }", /expected at least one procedure/],
  [
    "an unknown key",
    "collections: { orders: { lst: list_orders } }",
    /unknown key "lst" at .*\.lst.*Did you mean "list"\?/s,
  ],
  [
    "an unknown procedure",
    "collections: { orders: { get: get_ordr } }",
    /no procedure "get_ordr" at \$\.collections\.orders\.get.*"get_order"/s,
  ],
  [
    "a number as procedure",
    "collections: { orders: { get: 1 } }",
    /expected the name of a procedure at .*\.get/,
  ],
  ["no procedures", "collections: { orders: { get: [] } }", /expected the name of a procedure/],
  [
    "a procedure twice",
    "collections: { a: { get: get_order }, b: { get: get_order } }",
    /"get_order" is already used by the collection "a" at \$\.collections\.b\.get/,
  ],
  [
    "nothing with members",
    "collections: { a: { delete: delete_order } }",
    /none of its procedures returns an object/,
  ],
  [
    "an unknown key of items",
    "collections: { a: { get: get_order, key: nr } }",
    /no item has the member "nr" at .*\.key.*Members: id, customer/s,
  ],
  [
    "too many items",
    "collections: { a: { get: get_order, items: 5000 } }",
    /or their number \(at most 1000\) at .*\.items/,
  ],
  [
    "an item that is not an object",
    "collections: { a: { get: get_order, items: [1] } }",
    /expected an object at .*\.items\[0\]/,
  ],
  [
    "an item that does not fit",
    "collections: { a: { get: get_order, items: [{}, { status: lost }] } }",
    /does not fit the contract at \$\.collections\.a\.items\[1\]\.status/,
  ],
  [
    "two items with one key",
    "collections: { a: { get: get_order, items: [{ id: 1 }, { id: 1 }] } }",
    /another item has the id 1 as well at .*\.items\[1\]/,
  ],
  [
    "an unknown role",
    "collections: { a: { get: get_order, parameters: { x: order_id } } }",
    /unknown key "x".*Keys: key, limit/s,
  ],
  [
    "an unknown parameter",
    "collections: { a: { get: get_order, parameters: { key: nr } } }",
    /"nr" is not a parameter.*Parameters: order_id/s,
  ],
  [
    "no parameter for the key",
    "collections: { a: { get: place_order } }",
    /no parameter of place_order has the key of an item \("id"\).*parameters: \{ key: customer \}/s,
  ],
  [
    "a bad error",
    "collections: { a: { get: get_order, not_found: 1 } }",
    /expected an object or a message at .*\.not_found/,
  ],
  [
    "an example for every call",
    "collections: { a: { get: get_order } }\nget_order: { error: No }",
    /"get_order" answers every call here/,
  ],
];
for (const [name, text, problem] of WRONG) {
  test(`a collection with ${name} is an error that names its position`, () => {
    assert.throws(
      () => parseExamples(text, { contract: ORDERS, sampler: createSampler(), where: "x.yaml" }),
      (error) => {
        assert.ok(error instanceof ToolError);
        assert.match(`${error.message}\n${error.fix.join("\n")}`, problem);
        assert.ok(error.position !== undefined);
        return true;
      },
    );
  });
}

test("a procedure named collections has examples as before", async () => {
  const contract = contractOf({ collections: [{}, INT] });
  assert.equal(await mock(contract, "collections: { result: 3 }").call("collections"), 3);
});
