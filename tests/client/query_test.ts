import assert from "node:assert/strict";
import { test } from "node:test";
import {
  InfiniteQueryObserver,
  MutationObserver,
  QueryClient,
  QueryObserver,
  skipToken,
} from "@tanstack/query-core";
import { createClient, type Link, PyRPCError } from "../../lib/client/pyrpc_client.ts";
import { createQuery } from "../../lib/client/query/mod.ts";

interface Page {
  readonly items: readonly number[];
  readonly next: string | null;
}

type Kind<K> = { readonly _pyrpcKind: K };
type Types = {
  add: (...args: [a: number, b: number] | [params: { a: number; b: number }]) => Promise<number>;
  list_orders:
    & {
      (): Promise<Page>;
      (
        ...args:
          | [limit: number]
          | [limit: number, cursor: string | null]
          | [params: { limit?: number; cursor?: string | null }]
      ): Promise<Page>;
    }
    & Kind<"query">;
  list_rows: (...args: [params: { offset?: number; size: number }]) => Promise<number[]>;
  place_order:
    & ((...args: [order: { id: number }] | [params: { order: { id: number } }]) => Promise<string>)
    & Kind<"mutation">;
  save_all:
    & ((...args: [ids: number[]] | [params: { ids: number[] }]) => Promise<null>)
    & Kind<"mutation">;
  ping: () => Promise<string>;
  admin: () => Promise<string>;
  "admin.version": () => Promise<number>;
};

interface Sent {
  readonly method: string;
  readonly params: unknown;
}

function connected(answer: (method: string, params: unknown) => unknown, sent: Sent[] = []) {
  const link: Link = () => async ({ method, params }, _, { signal }) => {
    sent.push({ method, params });
    return await new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      if (method !== "never") {
        Promise.resolve().then(() => answer(method, params)).then(resolve, reject);
      }
    });
  };
  return createQuery(createClient<Types>({ links: [link] }));
}

function queryClient(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { retry: false, gcTime: 0 } } });
}

test("queryKey() is hierarchical: a name is the beginning of the keys below it", () => {
  const api = connected(() => null);
  const keys: (readonly unknown[])[] = [
    api.queryKey(),
    api.admin.queryKey(),
    api.admin.version.queryKey(),
    api["admin.version"].queryKey(),
    api.list_orders.queryKey({ limit: 5 }),
    api.list_orders.queryOptions({ limit: 5 }).queryKey,
    api.add.queryOptions(1, 2).queryKey,
    api.save_all.queryKey([1]),
    api.ping.queryOptions().queryKey,
  ];
  assert.deepEqual(keys, [
    ["pyrpc"],
    ["pyrpc", "admin"],
    ["pyrpc", "admin", "version"],
    ["pyrpc", "admin", "version"],
    ["pyrpc", "list_orders", { limit: 5 }],
    ["pyrpc", "list_orders", { limit: 5 }],
    ["pyrpc", "add", [1, 2]],
    ["pyrpc", "save_all", [[1]]],
    ["pyrpc", "ping"],
  ]);
});

test("QueryObserver infers the types of data and error, and sends the arguments", async () => {
  const sent: Sent[] = [];
  const api = connected((method) => {
    if (method === "add") throw new PyRPCError(-32602, "Validation failed");
    return { items: [1], next: null };
  }, sent);
  const client = queryClient();
  const page = await client.fetchQuery(api.list_orders.queryOptions({ limit: 5 }));
  const items: readonly number[] = page.items;
  assert.deepEqual(items, [1]);
  const observer = new QueryObserver(client, api.add.queryOptions(1, 2));
  const result = await new Promise<ReturnType<typeof observer.getCurrentResult>>((resolve) => {
    const stop = observer.subscribe((next) => {
      if (next.isFetching) return;
      stop();
      resolve(next);
    });
  });
  const data: number | undefined = result.data;
  assert.equal(data, undefined);
  const message: string | undefined = result.error?.message;
  assert.equal(message, "Validation failed");
  assert.ok(result.error instanceof PyRPCError);
  assert.deepEqual(sent, [
    { method: "list_orders", params: { limit: 5 } },
    { method: "add", params: [1, 2] },
  ]);
});

test("a query without observers is aborted", async () => {
  const sent: Sent[] = [];
  const failures: unknown[] = [];
  const link: Link = () => async ({ method, params }, _, { signal }) => {
    sent.push({ method, params });
    return await new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        failures.push(signal.aborted);
        reject(signal.reason);
      });
    });
  };
  const api = createQuery(createClient<Types>({ links: [link] }));
  const observer = new QueryObserver(queryClient(), api.ping.queryOptions());
  const stop = observer.subscribe(() => {});
  stop();
  assert.deepEqual(failures, [true]);
  assert.deepEqual(sent, [{ method: "ping", params: [] }]);
});

test("skipToken is passed through as the query function", () => {
  const api = connected(() => null);
  const pick = (id: number | undefined) =>
    api.list_orders.queryOptions(id === undefined ? skipToken : { limit: id });
  const observer = new QueryObserver(queryClient(), pick(undefined));
  const stop = observer.subscribe(() => {});
  assert.equal(observer.getCurrentResult().fetchStatus, "idle");
  stop();
  assert.equal(pick(undefined).queryFn, skipToken);
  assert.equal(typeof pick(1).queryFn, "function");
  const pages = (limit: number | undefined) =>
    api.list_orders.infiniteQueryOptions(limit === undefined ? skipToken : { limit }, {
      getNextPageParam: (last) => last.next,
    });
  const ofPages = new InfiniteQueryObserver(queryClient(), pages(undefined));
  const stopPages = ofPages.subscribe(() => {});
  assert.equal(ofPages.getCurrentResult().fetchStatus, "idle");
  const items: readonly number[] | undefined = ofPages.getCurrentResult().data?.pages[0]?.items;
  assert.equal(items, undefined);
  stopPages();
  assert.deepEqual(pages(1).queryKey, ["pyrpc", "list_orders", { limit: 1 }, "pages"]);
});

test("invalidating a name refetches the queries below it and no others", async () => {
  const sent: Sent[] = [];
  const api = connected((method) => method, sent);
  const client = queryClient();
  const observers = [
    new QueryObserver(client, api.admin.version.queryOptions() as { queryKey: readonly unknown[] }),
    new QueryObserver(client, api.admin.queryOptions() as { queryKey: readonly unknown[] }),
    new QueryObserver(client, api.ping.queryOptions() as { queryKey: readonly unknown[] }),
  ];
  const stops = observers.map((observer) => observer.subscribe(() => {}));
  await Promise.all(observers.map((observer) => observer.getCurrentQuery().promise));
  sent.length = 0;
  await client.invalidateQueries({ queryKey: api.admin.queryKey() });
  assert.deepEqual(sent.map(({ method }) => method).sort(), ["admin", "admin.version"]);
  for (const stop of stops) stop();
});

test("infiniteQueryOptions() follows a cursor or an offset over three pages", async () => {
  const sent: Sent[] = [];
  const api = connected((method, params) => {
    const { cursor, offset = 0, size = 2 } = params as {
      cursor?: string;
      offset?: number;
      size?: number;
    };
    if (method === "list_rows") return offset >= 4 ? [offset] : [offset, offset + size - 1];
    const page = Number(cursor ?? 0);
    return { items: [page], next: page < 2 ? String(page + 1) : null };
  }, sent);
  const client = queryClient();
  const byCursor = new InfiniteQueryObserver(
    client,
    api.list_orders.infiniteQueryOptions({ limit: 1 }, { getNextPageParam: (last) => last.next }),
  );
  const stop = byCursor.subscribe(() => {});
  await byCursor.fetchNextPage();
  await byCursor.fetchNextPage();
  const { data, hasNextPage } = await byCursor.fetchNextPage();
  const items: number[] | undefined = data?.pages.flatMap((page) => [...page.items]);
  assert.deepEqual(items, [0, 1, 2]);
  assert.equal(hasNextPage, false);
  stop();
  assert.deepEqual(sent.slice(0, 2).map(({ params }) => params), [
    { limit: 1 },
    { limit: 1, cursor: "1" },
  ]);
  const byOffset = await client.fetchInfiniteQuery({
    ...api.list_rows.infiniteQueryOptions({ size: 2 }, {
      page: "offset",
      getNextPageParam: (last, all) => last.length === 2 ? all.length * 2 : null,
    }),
    pages: 3,
  });
  assert.deepEqual(byOffset.pages, [[0, 1], [2, 3], [4]]);
  assert.notDeepEqual(
    api.list_orders.queryKey({ limit: 1 }),
    api.list_orders.infiniteQueryOptions({ limit: 1 }, { getNextPageParam: () => null }).queryKey,
  );
});

test("MutationObserver: named arguments, a list of arguments, or none", async () => {
  const sent: Sent[] = [];
  const api = connected((_, params) => params, sent);
  const client = queryClient();
  const order = new MutationObserver(client, api.place_order.mutationOptions());
  await order.mutate({ order: { id: 1 } });
  await new MutationObserver(client, api.add.mutationOptions()).mutate([1, 2]);
  await new MutationObserver(client, api.save_all.mutationOptions()).mutate([[1, 2]]);
  await new MutationObserver(client, api.ping.mutationOptions()).mutate();
  assert.deepEqual(sent.map(({ params }) => params), [
    { order: { id: 1 } },
    [1, 2],
    [[1, 2]],
    [],
  ]);
  assert.deepEqual(api.admin.version.mutationOptions().mutationKey, ["pyrpc", "admin", "version"]);
});

test("wrong uses do not compile", () => {
  const api = connected(() => null);
  const uses = () => {
    // @ts-expect-error a mutation has no query
    api.place_order.queryOptions({ order: { id: 1 } });
    // @ts-expect-error a wrong argument
    api.add.queryOptions("1", 2);
    // @ts-expect-error no such argument
    api.list_orders.queryOptions({ limit: 1, other: 2 });
    // @ts-expect-error no such argument beside skipToken
    api.list_orders.queryOptions(Math.random() > 2 ? skipToken : { limits: 1 });
    // @ts-expect-error a missing argument
    api.add.queryOptions();
    // @ts-expect-error no such argument beside skipToken
    api.list_orders.infiniteQueryOptions(Math.random() > 2 ? skipToken : { limits: 1 }, {
      getNextPageParam: () => null,
    });
    // @ts-expect-error neither a cursor nor an offset
    api.add.infiniteQueryOptions({}, { getNextPageParam: () => null });
    // @ts-expect-error the parameter is not the default
    api.list_rows.infiniteQueryOptions({ size: 1 }, { getNextPageParam: () => null });
    // @ts-expect-error no such procedure
    api.other.queryOptions();
    // @ts-expect-error a wrong input
    new MutationObserver(queryClient(), api.add.mutationOptions()).mutate({ a: "1", b: 2 });
  };
  assert.equal(typeof uses, "function");
});
