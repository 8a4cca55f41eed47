import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { mock, test } from "node:test";
import {
  AbortError,
  ClientError,
  NetworkError,
  PyRPCError,
  TimeoutError,
  withOptions,
} from "../../lib/client/pyrpc_client.ts";
import { createQuery } from "../../lib/client/query/mod.ts";
import { createFake, type Fakes, type Handlers } from "../../lib/testing/mod.ts";

interface Product {
  readonly id: number;
  readonly name: string;
}
type Kind<K> = { readonly _pyrpcKind: K };
// As `pyrpc sync` writes them.
type Types = {
  get_user:
    & ((...args: [id: number] | [params: { id: number }]) => Promise<{ id: number; name: string }>)
    & Kind<"query">;
  list_products: {
    (): Promise<number[]>;
    (
      ...args:
        | [limit: number]
        | [limit: number, cursor: string | null]
        | [params: { limit?: number; cursor?: string | null }]
    ): Promise<number[]>;
  };
  save_product: (params: { product: Product }) => Promise<Product>;
  total: {
    (ids: number[]): Promise<number>;
    (params: { ids: number[] }): Promise<number>;
  };
  place_order: (
    ...args: [order: Product, note: string] | [params: { order: Product; note?: string }]
  ) => Promise<string>;
  range: (params: { low?: number; high: number }) => Promise<number>;
  ping: () => Promise<string>;
  fail: () => Promise<null>;
  "users.get": (id: number) => Promise<string>;
};

const product = { id: 1, name: "Cup" };

test("createFake() passes arguments by position, however they are passed", async () => {
  const seen: unknown[][] = [];
  const seenBy = <Value>(value: Value, ...args: unknown[]): Value => {
    seen.push(args);
    return value;
  };
  const rpc = createFake<Types>({
    get_user: (id) => seenBy({ id, name: "Ada" }, id),
    list_products: async (limit = 2, cursor) => seenBy([limit], limit, cursor),
    save_product: (product) => seenBy(product, product),
    total: function (ids) {
      return seenBy(ids.length, ids);
    },
    place_order: (order, note) => seenBy("ok", order, note),
    range: ({ low, high }) => seenBy(high, low, high),
    ping: () => "pong",
    "users.get": (id) => String(id),
  });
  assert.deepEqual(await rpc.get_user(1), { id: 1, name: "Ada" });
  assert.deepEqual(await rpc.get_user({ id: 2 }), { id: 2, name: "Ada" });
  assert.deepEqual(await rpc.list_products(), [2]);
  assert.deepEqual(await rpc.list_products(5, "c"), [5]);
  assert.deepEqual(await rpc.list_products({ cursor: "c" }), [2]);
  assert.deepEqual(await rpc.save_product({ product }), product);
  assert.equal(await rpc.total([1, 2]), 2);
  assert.equal(await rpc.total({ ids: [1] }), 1);
  await rpc.place_order(product, "n");
  await rpc.place_order({ order: product });
  assert.equal(await rpc.range({ low: 1, high: 2 }), 2);
  assert.equal(await rpc.ping(), "pong");
  assert.equal(await rpc.users.get(7), "7");
  assert.deepEqual(seen, [
    [1],
    [2],
    [2, undefined],
    [5, "c"],
    [2, "c"],
    [product],
    [[1, 2]],
    [[1]],
    [product, "n"],
    [product, undefined],
    [1, 2],
  ]);
});

test("createFake() reads names from the function, its spy, or the contract", async () => {
  const calls: unknown[][] = [];
  const spy = Object.assign((...args: unknown[]) => {
    calls.push(args);
    return [1];
  }, {
    // As `vi.fn` and `jest.fn` have it.
    getMockImplementation: () => (limit: number, cursor: string) => [limit, cursor],
  });
  await createFake<Types>({ list_products: spy }).list_products({ cursor: "c" });

  const plain = mock.fn((..._args: unknown[]) => [1]);
  await createFake<Types>({ list_products: plain }).list_products({ cursor: "c" });
  calls.push(plain.mock.calls[0]?.arguments ?? []);
  const contract = JSON.parse(
    await readFile(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8"),
  );
  const known = mock.fn((..._args: unknown[]) => [1]);
  const rpc = createFake<Types>({ list_products: known }, { contract });
  await rpc.list_products({ cursor: "c" });
  await rpc.list_products({});
  calls.push(...known.mock.calls.map((call) => call.arguments));
  // Without names, only the passed object is known.
  assert.deepEqual(calls, [[undefined, "c"], [{ cursor: "c" }], [undefined, "c"], []]);

  await assert.rejects(
    createFake<Types>({ get_user: (user) => ({ id: user, name: "" }) }).get_user({ id: 1 }),
    {
      message:
        `"get_user" was called with { id }, but the parameters of its fake are (user): use the names of the procedure's parameters, or pass { contract } to createFake`,
    },
  );
});

test("a destructured parameter receives the value of the only named argument, or the object that it destructures", async () => {
  const last = (...values: unknown[]) => values.at(-1);
  // deno-lint-ignore no-explicit-any
  type Case = readonly [fake: (...args: any) => unknown, given: object, seen: unknown];
  const cases: readonly Case[] = [
    [({ low = 1, high }) => [low, high], { high: 2 }, [1, 2]],
    [({ high }) => high, { high: 2 }, 2],
    [({ high: top }) => top, { high: 2 }, 2],
    [({ "high": top }) => top, { high: 2 }, 2],
    [({ range: { high } }) => high, { range: { high: 3 } }, 3],
    [({ low = { high: 1 }, ...rest }) => [low.high, rest], { high: 2 }, [1, { high: 2 }]],
    [async ({ low = last("(", ["high"]), high }) => [low, high], { high: 2 }, [["high"], 2]],
    [({ id, name }) => [id, name], { product }, [1, "Cup"]],
    [({ owner: { product } }) => product, { product: { owner: { product: 4 } } }, 4],
    [({ product }) => product, { product: { product: 5 } }, 5],
    [({ id, product }) => [id, product], { id: 1, product }, [1, product]],
  ];
  for (const [fake, given, seen] of cases) {
    const rpc = createFake({ call: fake });
    assert.deepEqual(await rpc["call"]!(given), seen, String(fake));
  }
});

test("createFake() rejects procedures without a function, and names the fix", async () => {
  const rpc = createFake<Types>({ get_user: "x" as never });
  await assert.rejects(rpc.ping(), {
    message: '"ping" has no fake: add it to createFake({ ping: (…) => … })',
  });
  await assert.rejects(rpc.users.get(1), {
    message: '"users.get" has no fake: add it to createFake({ "users.get": (…) => … })',
  });
  await assert.rejects(rpc.get_user(1), {
    message: 'The fake of "get_user" is not a function: write () => …',
  });
  for (const name of ["toString", "constructor", "__proto__"]) {
    const names = rpc as unknown as Record<string, () => Promise<unknown>>;
    await assert.rejects(async () => await names[name]?.(), /has no fake/, name);
  }
});

test("createFake() rejects with the function's own error, with signals and timeouts like a client", async () => {
  for (
    const error of [
      new PyRPCError(404, "No user", { id: 1 }),
      new NetworkError("offline"),
      new RangeError("own"),
    ]
  ) {
    const rpc = createFake<Types>({
      fail: () => {
        throw error;
      },
    });
    await assert.rejects(rpc.fail(), (seen) => seen === error);
  }
  const never = createFake<Types>({ ping: () => new Promise<string>(() => {}) });
  const controller = new AbortController();
  const running = withOptions(never, { signal: controller.signal }).ping();
  controller.abort();
  await assert.rejects(running, AbortError);
  await assert.rejects(withOptions(never, { timeout: 1 }).ping(), TimeoutError);
  assert.ok(new AbortError() instanceof ClientError);
});

test("createFake() returns results as JSON, and its client works with createQuery()", async () => {
  const rpc = createFake<Types>({
    save_product: () => ({ ...product, at: new Date(0) }),
    ping: () => undefined as never,
    get_user: (id) => ({ id, name: "Ada" }),
  });
  assert.deepEqual(await rpc.save_product({ product }), {
    ...product,
    at: "1970-01-01T00:00:00.000Z",
  });
  assert.equal(await rpc.ping(), null);
  const { queryFn, queryKey } = createQuery(rpc).get_user.queryOptions({ id: 3 });
  assert.deepEqual(queryKey, ["pyrpc", "get_user", { id: 3 }]);
  const { signal } = new AbortController();
  assert.deepEqual(await queryFn({ signal }), { id: 3, name: "Ada" });
});

test("Fakes<Types> rejects wrong names, arguments and results", () => {
  const fakes: Fakes<Types>[] = [
    // @ts-expect-error no such procedure
    { other: () => 1 },
    // @ts-expect-error a wrong result
    { ping: () => 1 },
    // @ts-expect-error a wrong argument
    { get_user: (id: string) => ({ id: 1, name: id }) },
    // @ts-expect-error the id is a number, not the named arguments
    { get_user: ({ id }) => ({ id, name: "" }) },
    { get_user: (id) => ({ id: id satisfies number, name: "" }) },
    { list_products: (limit) => [limit satisfies number | undefined as number] },
    { save_product: ({ id, name }) => ({ id: id satisfies number, name }) },
    { total: (ids) => (ids satisfies number[]).length },
    { range: ({ high }) => high },
    {},
  ];
  const handlers: Handlers<Types>[] = [
    // Keyword-only parameters, too, are in the contract's order.
    { range: (low: number, high: number) => low + high, users: { get: () => "" } },
    { save_product: ({ id, name }) => ({ id, name }) },
    // @ts-expect-error a wrong result
    { range: () => "x" },
    // @ts-expect-error no procedure of the contract
    { get_usr: () => ({ id: 1, name: "" }) },
    // @ts-expect-error no procedure below users
    { users: { gt: () => "" } },
    { users: { get: (id) => id.toFixed() }, "users.get": (id) => id.toFixed() },
  ];
  const untyped: Handlers<Record<string, never>> = { anything: () => 1, users: { get: () => 1 } };
  assert.deepEqual([fakes.length, handlers.length, Object.keys(untyped).length], [10, 6, 2]);
});
