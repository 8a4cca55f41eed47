import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { startClientPeer } from "../support/client_peer.ts";
import { requireTool } from "../support/external.ts";
import { pythonSkip, type ShopAdapter, startShop } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { runTsc, strictOptions, toJavaScript, TYPESCRIPT_VERSIONS } from "../support/typescript.ts";

// Every procedure of the example backend in every form that its types offer, by position and by name.
const CALLS = `import { createClient, httpBatchLink, PyRPCError } from "./pyrpc-client.js";
import type { OrderLine, ProductInput, Types } from "./api.js";

const id = "123e4567-e89b-12d3-a456-426614174000";
const product: ProductInput = { id, sku: "ABC-0001", name: "x", price: { amount: "9.90" } };
const full: ProductInput = {
  ...product,
  price: { amount: 9.9, currency: "USD" },
  tags: ["a"],
  stock: { north: 3 },
  released: "2026-01-01",
};
const lines: OrderLine[] = [{ product_id: id, quantity: 2 }];

export const calls = (rpc: Types): Record<string, () => Promise<unknown>> => ({
  "add(1, 2)": () => rpc.add(1, 2),
  "add({})": () => rpc.add({ a: 1, b: 2 }),
  "categories()": () => rpc.categories(),
  "get_product(id)": () => rpc.get_product(id),
  "get_product({})": () => rpc.get_product({ id }),
  "greet(name)": () => rpc.greet("Ada"),
  "greet(name, greeting)": () => rpc.greet("Ada", "Hi"),
  "greet({ name })": () => rpc.greet({ name: "Ada" }),
  "greet({ name, greeting })": () => rpc.greet({ name: "Ada", greeting: "Hi" }),
  "list_products()": () => rpc.list_products(),
  "list_products(limit)": () => rpc.list_products(2),
  "list_products(limit, null)": () => rpc.list_products(2, null),
  "list_products(limit, cursor)": () => rpc.list_products(2, "x"),
  "list_products(limit, cursor, null)": () => rpc.list_products(2, "x", null),
  "list_products(limit, cursor, tags)": () => rpc.list_products(2, null, ["a"]),
  "list_products({})": () => rpc.list_products({}),
  "list_products({ limit })": () => rpc.list_products({ limit: 2 }),
  "list_products({ all })": () => rpc.list_products({ limit: 2, cursor: null, tags: ["a"] }),
  "place_order(lines, card)": () =>
    rpc.place_order(lines, { method: "card", number: "123456789012", expires: [12, 30] }),
  "place_order(lines, transfer, note)": () =>
    rpc.place_order(lines, { method: "transfer", iban: "DE" }, "now"),
  "place_order(lines, transfer, null)": () =>
    rpc.place_order(lines, { method: "transfer", iban: "DE" }, null),
  "place_order({})": () => rpc.place_order({ lines, payment: { method: "transfer", iban: "DE" } }),
  "place_order({ note })": () =>
    rpc.place_order({ lines, payment: { method: "transfer", iban: "DE" }, note: "now" }),
  "price_range(sku)": () => rpc.price_range("ABC-0001"),
  "price_range({})": () => rpc.price_range({ sku: "ABC-0001" }),
  "save_product({ product })": () => rpc.save_product({ product }),
  "save_product({ full })": () => rpc.save_product({ product: full }),
  "stock_levels(by)": () => rpc.stock_levels("sku"),
  "stock_levels({})": () => rpc.stock_levels({ by: "warehouse" }),
  "untyped(value, flag)": () => rpc.untyped(1, true),
  "untyped(object, flag)": () => rpc.untyped({ a: 1 }, [2]),
  "untyped({ value })": () => rpc.untyped({ value: { a: 1 } }),
  "untyped({ value, flag })": () => rpc.untyped({ value: null, flag: true }),
  "users.get(id)": () => rpc["users.get"](1),
  "users.get({})": () => rpc["users.get"]({ id: 1 }),
});

/** What each call came to: its result, the server's error, or another failure. */
export async function run(baseUrl: string): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  for (const [name, call] of Object.entries(calls(createClient<Types>({ baseUrl })))) {
    outcomes[name] = await outcomeOf(call());
  }
  const rpc = createClient<Types>({ baseUrl, timeout: 10_000 });
  outcomes["fail(message)"] = await outcomeOf(rpc.fail("no"));
  outcomes["fail({})"] = await outcomeOf(rpc.fail({ message: "no" }));
  return outcomes;
}

/** The same calls in one request. */
export async function runBatched(url: string): Promise<Record<string, Outcome>> {
  const rpc = createClient<Types>({ links: [httpBatchLink({ url })] });
  const entries = Object.entries(calls(rpc)).map(async ([name, call]) =>
    [name, await outcomeOf(call())] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}

export type Outcome = { result: unknown } | { code: number; message: string } | { failure: string };

async function outcomeOf(promise: Promise<unknown>): Promise<Outcome> {
  try {
    return { result: await promise };
  } catch (error) {
    if (error instanceof PyRPCError) return { code: error.code, message: error.message };
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

// What the client would send wrongly does not compile (each line is the trap of that name).
export const traps = (rpc: Types): unknown[] => [
  // @ts-expect-error a model as the only argument would be taken for the named parameters
  () => rpc.save_product(product),
  // @ts-expect-error null would be taken for no parameters
  () => rpc.greet(null),
  // @ts-expect-error a Date is an object: its text would be the parameters
  () => rpc.get_product(new Date()),
  // @ts-expect-error undefined travels as null, not as left out
  () => rpc.greet("Ada", undefined),
  // @ts-expect-error a value that may be an object, alone
  () => rpc.untyped({ a: 1 }),
  // @ts-expect-error missing
  () => rpc.add(1),
  // @ts-expect-error missing by name
  () => rpc.add({ a: 1 }),
  // @ts-expect-error too many
  () => rpc.add(1, 2, 3),
  // @ts-expect-error unknown name
  () => rpc.add({ a: 1, b: 2, c: 3 }),
  // @ts-expect-error wrong type
  () => rpc.add("1", 2),
  // @ts-expect-error not one of the literals
  () => rpc.stock_levels("colour"),
  // @ts-expect-error no such procedure
  () => rpc.remove(1),
  // @ts-expect-error an await of the client is a call of "then"
  () => rpc.then,
];
`;

interface Outcome {
  readonly result?: unknown;
  readonly code?: number;
  readonly message?: string;
  readonly failure?: string;
}

// Bare ASGI cannot encode UUIDs, dates and decimals: the call was right, the answer is a 500.
const MODEL_RESULTS = /^(get_product|list_products|place_order|save_product)\(/;

async function clientProject(url: string): Promise<TempFolder> {
  const folder = await tempFolder({ "package.json": `{ "type": "module" }`, "calls.ts": CALLS });
  const made = await runCli(["codegen", url, "--out", "api.ts", "--client"], { cwd: folder.path });
  assert.equal(made.code, 0, made.block);
  for (const name of ["api", "calls", "pyrpc-client"]) {
    const text = await readFile(folder.at(`${name}.ts`), "utf8");
    await folder.write({ [`js/${name}.js`]: toJavaScript(text) });
  }
  await folder.write({ "js/package.json": `{ "type": "module" }` });
  return folder;
}

function assertOutcomes(outcomes: Record<string, Outcome>, adapter: ShopAdapter): void {
  for (const [name, outcome] of Object.entries(outcomes)) {
    const shown = `${adapter}: ${name}: ${JSON.stringify(outcome)}`;
    if (name.startsWith("fail(")) {
      assert.deepEqual(outcome, { code: -32603, message: "no" }, shown);
    } else if (adapter === "asgi" && MODEL_RESULTS.test(name)) {
      assert.equal(outcome.failure, "HTTP error! status: 500", shown);
    } else assert.ok("result" in outcome, shown);
  }
  assert.ok(Object.keys(outcomes).length >= 34);
  const result = (name: string) => outcomes[name]?.result;
  assert.equal(result("add(1, 2)"), 3);
  assert.equal(result("greet({ name })"), "Hello, Ada!");
  assert.deepEqual(result("users.get(id)"), { id: 1, name: "Ada" });
  assert.deepEqual(result("untyped(object, flag)"), { a: 1 });
}

for (const adapter of ["fastapi", "flask", "asgi"] as const) {
  test(
    `types and client together: every call that compiles is right for the real backend (${adapter})`,
    { skip: pythonSkip() },
    async () => {
      await using server = await startShop(adapter);
      await using folder = await clientProject(server.url);
      const calls = await import(`file://${folder.at("js/calls.js")}`) as {
        run(url: string): Promise<Record<string, Outcome>>;
        runBatched(url: string): Promise<Record<string, Outcome>>;
      };
      assertOutcomes(await calls.run(server.url), adapter);
      // One 500 fails the whole request under bare ASGI.
      if (adapter !== "asgi") assertOutcomes(await calls.runBatched(server.url), adapter);
      const node = requireTool("node");
      if (adapter !== "fastapi" || node.skip) return;
      await folder.write({
        "js/main.js": `import { run } from "./calls.js";
console.log(JSON.stringify(await run(process.argv[2])));`,
      });
      const { stdout } = await promisify(execFile)(node.path, [
        folder.at("js/main.js"),
        server.url,
      ]);
      assertOutcomes(JSON.parse(stdout), adapter);
    },
  );
}

for (const version of TYPESCRIPT_VERSIONS) {
  test(`types and client together: the calls compile and the traps do not, TypeScript ${version}`, async () => {
    const schema = await readFile(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8");
    await using folder = await tempFolder({
      "package.json": `{ "type": "module" }`,
      "schema.json": schema,
      "calls.ts": CALLS,
    });
    await runCli(["codegen", "schema.json", "--out", "api.ts", "--client"], { cwd: folder.path });
    const files = ["calls.ts", "api.ts", "pyrpc-client.ts"];
    const options = { ...strictOptions(version), lib: ["ES2022", "DOM"], files };
    assert.equal(await runTsc(folder.path, version, options), "");
  });
}

test(
  "a browser calls the real backend: bare ASGI allows it from another origin, FastAPI without CORS does not",
  { skip: pythonSkip() || chromiumSkip() },
  async () => {
    await using asgi = await startShop("asgi");
    await using fastapi = await startShop("fastapi");
    await using folder = await clientProject(asgi.url);
    const script = async (name: string) => ({
      type: "text/javascript",
      text: await readFile(folder.at("js", name), "utf8"),
    });
    await using site = await startClientPeer({
      "/": { type: "text/html", text: "<!doctype html>" },
      "/calls.js": await script("calls.js"),
      "/api.js": await script("api.js"),
      "/pyrpc-client.js": await script("pyrpc-client.js"),
    });
    await using chromium = await startChromium();
    const page = await chromium.browser.newPage();
    await page.goto(`${site.url}/`);
    const run = (url: string) =>
      page.evaluate(
        `import("/calls.js").then(({ run }) => run(${JSON.stringify(url)}))`,
      ) as Promise<Record<string, Outcome>>;
    const outcomes = await run(asgi.url);
    // A 500 of bare ASGI comes without the header that allows it to be read.
    for (const [name, outcome] of Object.entries(outcomes)) {
      if (MODEL_RESULTS.test(name)) assert.ok(outcome.failure !== undefined, name);
      else assert.ok(outcome.failure === undefined, `${name}: ${outcome.failure}`);
    }
    assert.equal(outcomes["add(1, 2)"]?.result, 3);
    const refused = await run(fastapi.url);
    assert.ok(
      Object.values(refused).every(({ failure }) => failure?.startsWith("Failed to fetch")),
    );
  },
);
