/**
 * One suite of requests against the mock with handlers and against the real servers of the example backend: the same
 * requests, the same envelopes. {@link DIFFERENCES} lists where the adapters differ from one another.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { createMockDispatcher } from "../../lib/mock/mod.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import { collectHandlers, contractDocument, pyrpcProtocol } from "../../lib/rpc/mod.ts";
import { listenHttp, responseStyleOf } from "../../lib/server/mod.ts";
import { pythonEnvironment, pythonSkip, type ShopAdapter, startShop } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";

const document = JSON.parse(
  readFileSync(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8"),
);
const contract = parseContract(document, { where: "shop.schema.json" });

const PRODUCT_ID = "9073926b-929f-31c2-abc9-fad77ae3e8eb";

/** The procedures of the example backend. */
const shop = {
  add: (a: number, b: number) => a + b,
  greet: (name: string, greeting: string) => `${greeting}, ${name}!`,
  categories: () => ({ name: "all", children: [{ name: "books", children: [] }] }),
  stock_levels: () => ({ north: { "ABC-0001": 3 } }),
  price_range: () => [1, 2.5],
  fail: (message: string) => {
    throw new Error(message);
  },
  users: { get: (id: number) => ({ id, name: "Ada" }) },
  untyped: (value: unknown) => value,
  place_order: (lines: unknown, payment: unknown, note: unknown) => ({
    id: 1,
    lines,
    payment,
    placed_at: "2026-01-01T00:00:00Z",
    status: "open",
    note: note ?? null,
  }),
};

const LINE = { product_id: PRODUCT_ID, quantity: 1 };
const CARD = { method: "card", number: "123456789012", expires: [1, 30] };

const CALLS: readonly (readonly [name: string, method: string, params: unknown])[] = [
  ["by position", "add", [1, 2]],
  ["by name", "add", { a: 1, b: 2 }],
  ["default", "greet", ["Ada"]],
  ["default by name", "greet", { name: "Ada", greeting: "Hi" }],
  ["nothing", "categories", undefined],
  ["literal", "stock_levels", ["sku"]],
  ["wrong literal", "stock_levels", ["x"]],
  ["tuple", "price_range", ["a"]],
  ["dotted", "users.get", [7]],
  ["untyped text", "untyped", ["x"]],
  ["untyped object", "untyped", { value: { a: [1, null] } }],
  ["failure", "fail", ["boom"]],
  ["missing", "add", [1]],
  ["missing by name", "add", { b: 1 }],
  ["too many", "add", [1, 2, 3]],
  ["unexpected", "add", { a: 1, b: 2, c: 3 }],
  ["wrong type", "add", ["x", 1]],
  ["null for an integer", "add", [null, 1]],
  ["list for an integer", "add", [[], 1]],
  ["fraction for an integer", "add", [1.5, 1]],
  ["number for a text", "greet", [5]],
  ["order", "place_order", { lines: [LINE], payment: CARD }],
  ["order with a note", "place_order", [[LINE], CARD, "soon"]],
  ["quantity 0", "place_order", { lines: [{ ...LINE, quantity: 0 }], payment: CARD }],
  ["quantity 1001", "place_order", { lines: [{ ...LINE, quantity: 1001 }], payment: CARD }],
  ["no quantity", "place_order", { lines: [{ product_id: PRODUCT_ID }], payment: CARD }],
  ["no UUID", "place_order", { lines: [{ ...LINE, product_id: "x" }], payment: CARD }],
  ["short number", "place_order", { lines: [], payment: { ...CARD, number: "1" } }],
  ["long number", "place_order", { lines: [], payment: { ...CARD, number: "1".repeat(20) } }],
  ["short tuple", "place_order", { lines: [], payment: { ...CARD, expires: [1] } }],
  ["long tuple", "place_order", { lines: [], payment: { ...CARD, expires: [1, 2, 3] } }],
  ["no discriminator", "place_order", { lines: [], payment: {} }],
  ["bad discriminator", "place_order", { lines: [], payment: { method: "cash" } }],
  ["lines no list", "place_order", { lines: 5, payment: CARD }],
  ["unknown method", "nope", []],
  ["prototype name", "constructor", []],
];

/** Everything else that is posted. */
const BODIES: readonly (readonly [name: string, body: unknown])[] = [
  ["no method", { id: 1 }],
  ["method a number", { id: 1, method: 5 }],
  ["params a text", { id: 1, method: "add", params: "x" }],
  ["a batch", [
    { id: 1, method: "add", params: [1, 2] },
    { id: "b", method: "nope" },
    { method: "greet", params: ["B"] },
  ]],
  ["an empty batch", []],
  ["101 calls", Array.from({ length: 101 }, (_, id) => ({ id, method: "add", params: [1, 2] }))],
  ["a number", 5],
  ["a batch with a number", [5]],
  ["id true", { id: true, method: "add", params: [1, 2] }],
];

/** Cases where an adapter answers differently from the others, with the reason to skip it there. */
const DIFFERENCES: Readonly<Partial<Record<ShopAdapter, Readonly<Record<string, string>>>>> = {
  asgi: {
    "order": "bare ASGI cannot send a model: 500",
    "order with a note": "bare ASGI cannot send a model: 500",
    "nothing": "bare ASGI cannot send a model: 500",
  },
};

describe("the mock with handlers answers as the real servers of the example backend", {
  skip: pythonSkip(),
}, () => {
  for (const adapter of ["fastapi", "flask", "asgi"] as const) {
    it(adapter, async () => {
      await using real = await startShop(adapter);
      const mock = await listenHttp({
        host: "127.0.0.1",
        port: 0,
        responseStyle: responseStyleOf(adapter),
        routes: [{
          path: "/rpc",
          service: {
            protocol: pyrpcProtocol,
            dispatcher: createMockDispatcher({
              contract,
              handlers: collectHandlers(shop, "shop"),
              random: () => 0.5,
            }),
          },
          document: (query) => contractDocument(contract, query),
        }],
      });
      try {
        const known = DIFFERENCES[adapter] ?? {};
        const bodies = [
          ...CALLS.map(([name, method, params], id) => [name, { id, method, params }] as const),
          ...BODIES,
        ].filter(([name]) => known[name] === undefined);
        for (const [name, body] of bodies) {
          const [wanted, got] = await Promise.all([
            post(`${real.url}/rpc`, body),
            post(mock.url, body),
          ]);
          assert.deepEqual({ name, ...got }, { name, ...wanted });
        }
        const [wanted, got] = await Promise.all(
          [`${real.url}/rpc`, mock.url].map(async (url) => await (await fetch(url)).json()),
        );
        assert.deepEqual(got, wanted);
      } finally {
        await mock.close();
      }
    });
  }
});

const PYTHON_CLIENT = `
import asyncio, json, sys
from pyrpc_core.client.python_client import RPCClient, RPCError
client = RPCClient(sys.argv[1])
print(json.dumps(client.add(1, 2)))
print(json.dumps(client.greet(name="Ada")))
print(json.dumps(client.call_sync("users.get", 7)))
try:
    client.fail("boom")
except RPCError as error:
    print(json.dumps([error.code, error.message]))
try:
    client.add(1)
except RPCError as error:
    print(json.dumps([error.code, error.message]))
async def later():
    order = client.place_order(lines=[], payment={"method": "transfer", "iban": "x"})
    print(json.dumps((await order)["status"]))
asyncio.run(later())
`;

describe("upstream's real Python client", { skip: pythonSkip() }, () => {
  it("gets the same answers from the mock and from the upstream server", async () => {
    const environment = await pythonEnvironment("shop-0.14");
    await using folder = await tempFolder({ "client.py": PYTHON_CLIENT });
    const mock = await listenHttp({
      host: "127.0.0.1",
      port: 0,
      responseStyle: responseStyleOf("asgi"),
      routes: [{
        path: "/rpc",
        service: {
          protocol: pyrpcProtocol,
          dispatcher: createMockDispatcher({
            contract,
            handlers: collectHandlers(shop, "shop"),
            random: () => 0.5,
          }),
        },
        document: (query) => contractDocument(contract, query),
      }],
    });
    try {
      const { stdout } = await promisify(execFile)(
        environment.python,
        [join(folder.path, "client.py"), `http://127.0.0.1:${mock.port}`],
        { timeout: 30_000 },
      );
      assert.deepEqual(stdout.trim().split("\n").map((line) => JSON.parse(line)), [
        3,
        "Hello, Ada!",
        { id: 7, name: "Ada" },
        [-32603, "boom"],
        [-32602, "Invalid params: missing a required argument: 'b'"],
        "open",
      ]);
    } finally {
      await mock.close();
    }
  });
});

async function post(url: string, body: unknown): Promise<{ status: number; reply: unknown }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, reply: normalised(await response.json()) };
}

// The time of an order is when it was placed.
function normalised(reply: unknown): unknown {
  return JSON.parse(
    JSON.stringify(reply, (key, value) => key === "placed_at" ? "now" : value),
  );
}
