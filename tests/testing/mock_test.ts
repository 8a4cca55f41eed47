import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import {
  createClient,
  httpBatchLink,
  PyRPCError,
  TimeoutError,
  withOptions,
} from "../../lib/client/pyrpc_client.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import { createSampler } from "../../lib/mock/mod.ts";
import { createFake, createMock } from "../../lib/testing/mod.ts";
import { denoPath } from "../support/engines.ts";
import { serving } from "../support/serving.ts";
import { tempFolder } from "../support/temp_folder.ts";

type Types = {
  add: (...args: [a: number, b: number] | [params: { a: number; b: number }]) => Promise<number>;
  greet: (name: string) => Promise<string>;
  save_product: (params: { product: Record<string, unknown> }) => Promise<unknown>;
  stock_levels: (by: string) => Promise<unknown>;
  "users.get": (id: number) => Promise<{ id: number }>;
};

const integer = { type: "integer" };
const user = {
  type: "object",
  properties: { id: integer, name: { type: "string" }, admin: { type: "boolean" } },
  required: ["id", "name", "admin"],
};
const parameter = (name: string, schema: object, fallback?: unknown) => ({
  name,
  schema,
  required: fallback === undefined,
  default: fallback ?? null,
});

/** The shop, with procedures for a collection. */
async function contractText(): Promise<string> {
  const shop = await readFile(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8");
  return JSON.stringify({
    ...JSON.parse(shop),
    list_users: {
      parameters: [parameter("limit", integer, 10), parameter("offset", integer, 0)],
      return_schema: { type: "array", items: user },
    },
    get_user: { parameters: [parameter("id", integer)], return_schema: user },
    add_user: { parameters: [parameter("name", { type: "string" })], return_schema: user },
    delete_user: {
      parameters: [parameter("id", integer)],
      return_schema: { type: "boolean" },
    },
  });
}

const EXAMPLES = {
  greet: { cases: [{ when: { name: "Ada" }, result: "Hello, Ada" }] },
  fail: { error: { code: 409, message: "Conflict", data: { a: 1 } } },
  categories: { answers: [{ result: { name: "All" } }, { error: "Down" }] },
  collections: {
    users: {
      list: "list_users",
      get: "get_user",
      add: "add_user",
      delete: "delete_user",
      items: [{ name: "Ada" }, { name: "Grace" }],
    },
  },
};

const HANDLERS = `
export function add(a, b) { return a + b; }
export const stock_levels = async (by) => { throw Object.assign(new Error("No " + by), { code: 7, data: [by] }); };
export const price_range = () => "not a range";
export const users = { get: (id) => ({ id, name: "Handled" }) };
`;

interface Sent {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls with valid and invalid arguments by position and name, batches and broken messages. */
function requests(contract: string): readonly Sent[] {
  const { procedures } = parseContract(JSON.parse(contract), { where: "test" });
  const sampler = createSampler();
  const names = [...procedures.keys()];
  const sent: Sent[] = [];
  for (let index = 0; sent.length < 500; index++) {
    const method = names[index % names.length] ?? "";
    const procedure = procedures.get(method);
    const valid = procedure === undefined ? {} : sampler.arguments(procedure, String(index));
    const id = `${index}`;
    const round = Math.floor(index / 50);
    const params = [
      valid,
      Object.values(valid),
      { ...valid, other: 1 },
      Object.values(valid).map(() => ({ x: index })),
      null,
    ][Math.floor(index / names.length) % 5];
    const call = { id, method, params };
    if (index % 50 === 7) sent.push({ body: JSON.stringify([call, { id: 1, method: "none" }]) });
    else if (index % 50 === 9) sent.push({ body: ["", "{", "[]", "1", "NaN"][round % 5] ?? "" });
    else if (index % 7 === 3) {
      const control = ["seed=b", "error=-5:1:No", "reset"][index % 3] ?? "";
      sent.push({ body: JSON.stringify(call), headers: { "x-pyrpc-mock": control } });
    } else sent.push({ body: JSON.stringify(call) });
  }
  return sent;
}

test("createMock() answers 500 requests byte for byte like pyrpc mock", async () => {
  const contract = await contractText();
  await using folder = await tempFolder({
    "schema.json": contract,
    "examples.json": JSON.stringify(EXAMPLES),
    "handlers.mjs": HANDLERS,
  });
  const handlers = await import(new URL(`file://${folder.at("handlers.mjs")}`).href);
  const warnings: string[] = [];
  const mock = createMock<Types>(contract, {
    seed: "s",
    examples: EXAMPLES,
    handlers,
    warn: (message) => warnings.push(message),
  });
  const flags = ["schema.json", "--examples", "examples.json", "--handlers", "handlers.mjs"];
  await serving(
    () => ["mock", ...flags, "--seed", "s", "--quiet"],
    { cwd: folder.path },
    async (_, url) => {
      const read = async (response: Response) => ({
        status: response.status,
        type: response.headers.get("content-type"),
        text: await response.text(),
      });
      const kinds = new Set<string>();
      for (const { body, headers = {} } of requests(contract)) {
        const init = { method: "POST", body, headers };
        const mocked = await read(await mock.fetch(`${url}/rpc`, init));
        assert.deepEqual(mocked, await read(await fetch(`${url}/rpc`, init)), body);
        kinds.add(/"code":(-?\d+)/.exec(mocked.text)?.[1] ?? String(mocked.status));
      }
      assert.deepEqual(
        [...kinds].sort(),
        ["-32600", "-32601", "-32602", "-32603", "-5", "200", "400", "409", "7"].sort(),
        "every kind of answer",
      );
      for (const path of ["/rpc", "/rpc?keys=schema", "/other", "/"]) {
        assert.deepEqual(
          await read(await mock.fetch(url + path)),
          await read(await fetch(url + path)),
        );
      }
    },
  );
  assert.match(warnings[0] ?? "", /^The handler of price_range returned/);
});

test("mock.client validates, has collections, and mock.reset() restores them", async () => {
  type Users = {
    list_users: (limit?: number) => Promise<{ id: number; name: string }[]>;
    get_user: (...args: [id: number]) => Promise<{ name: string }>;
    add_user: (name: string) => Promise<{ id: number }>;
  };
  const mock = createMock<Types & Users>(JSON.parse(await contractText()), { examples: EXAMPLES });
  const { client } = mock;
  const names = async () => (await client.list_users()).map(({ name }) => name);
  assert.deepEqual(await names(), ["Ada", "Grace"]);
  const { id } = await client.add_user("Mary");
  assert.equal((await client.get_user(id)).name, "Mary");
  mock.reset();
  assert.deepEqual(await names(), ["Ada", "Grace"]);
  assert.equal(await client.greet("Ada"), "Hello, Ada");
  assert.deepEqual(await client.users.get(3), await client["users.get"](3));
  await assert.rejects(
    client.add("1" as never, 2),
    (error) =>
      error instanceof PyRPCError && error.code === -32602 &&
      (error.data as { field: string }).field === "a",
  );
  await assert.rejects(
    withOptions(client, { headers: { "x-pyrpc-mock": "error=-1:1:Down" } }).add(1, 2),
    { code: -1, message: "Down" },
  );
  await assert.rejects(
    withOptions(client, { headers: { "x-pyrpc-mock": "delay=60000" }, timeout: 5 }).add(1, 2),
    TimeoutError,
  );
});

test("mock.fetch() replaces fetch, batches and signals included", async () => {
  const mock = createMock(await contractText(), {
    handlers: { add: (a: number, b: number) => a + b },
  });
  const rpc = createClient<Types>({
    fetch: mock.fetch,
    links: [httpBatchLink({ url: "http://localhost:8000/api/rpc" })],
  });
  assert.deepEqual(await Promise.all([rpc.add(1, 2), rpc.add({ a: 2, b: 3 })]), [3, 5]);
  const { signal } = new AbortController();
  const init = { method: "POST", body: '{"id":1,"method":"add","params":[1,2]}', signal };
  const response = await mock.fetch("/rpc", init);
  assert.deepEqual(await response.json(), { id: 1, result: 3, error: null });
  const headers = { "x-pyrpc-mock": "delay=60000" };
  const reason = new Error("changed my mind");
  const controller = new AbortController();
  const running = mock.fetch(new URL("http://localhost/rpc"), {
    ...init,
    headers,
    signal: controller.signal,
  });
  controller.abort(reason);
  await assert.rejects(running, reason);
});

test("mock.mswHandlers() answer requests to their URL only", async () => {
  const mock = createMock(await contractText(), {
    handlers: { add: (a: number, b: number) => a + b },
  });
  const init = { method: "POST", body: '{"id":1,"method":"add","params":[1,2]}' };
  const answersOf = async (baseUrl: string | undefined, ...urls: string[]) => {
    const found: unknown[] = [];
    for (const url of urls) {
      const [handler] = mock.mswHandlers(baseUrl);
      const request = new Request(url, init);
      const run = await handler.run({ request, requestId: "1" });
      found.push(run === null ? null : (await run.response.json()).result);
      if (run !== null) assert.deepEqual([run.handler, run.request], [handler, request]);
    }
    return found;
  };
  const urls = ["http://a/rpc", "http://a/api/rpc?x=1", "http://b/rpc", "http://a/rpc/x"];
  assert.deepEqual(await answersOf(undefined, ...urls), [3, 3, 3, null]);
  assert.deepEqual(await answersOf("http://a", ...urls), [3, null, null, null]);
  assert.deepEqual(await answersOf("http://a/rpc/", ...urls), [3, null, null, null]);
  assert.deepEqual(await answersOf("http://a/api", ...urls), [null, 3, null, null]);
});

test("createMock() reports faults in its contract and examples, and the fix", () => {
  assert.throws(() => createMock({ openapi: "3.1.0" }), /OpenAPI/i);
  assert.throws(
    () => createMock({}, { examples: { add: { result: 1 } } }),
    /^Error: Examples: the contract has no procedure "add" at \$\.add\n/,
  );
  assert.throws(() => createMock("{"), /^Error: The contract is not JSON: /);
  const withHandlers = (handlers: object) => createMock({}, { handlers: { ...handlers } });
  assert.throws(() => withHandlers({ add: 1 }), /^TypeError: The handlers contain no function: /);
  assert.throws(() => createFake({}, { contract: { add: 1 } }), /^Error: .*\$\.add.*\nUse the /);
});

test("@pyrpc/client/testing is at most 120 kB minified and gzipped, and imports nothing of Node", async () => {
  const entry = fileURLToPath(new URL("../../lib/testing/mod.ts", import.meta.url));
  const args = ["bundle", "--quiet", "--minify", "--platform=browser", entry];
  const options = { maxBuffer: 2 ** 24 };
  const { stdout } = await promisify(execFile)(denoPath(), args, options);
  assert.match(stdout, /\bcreateMock\b/);
  assert.doesNotMatch(stdout, /["']node:/);
  const bytes = gzipSync(stdout, { level: 9 }).length;
  assert.ok(bytes <= 120_000, `${bytes} bytes`);
});
