import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { startClientPeer } from "../support/client_peer.ts";
import { denoPath } from "../support/engines.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { serving } from "../support/serving.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));
const ID = "123e4567-e89b-12d3-a456-426614174000";
const node = requireTool("node");

// A page's code as a user writes it: generated types, the client beside them, a bundler.
const PAGE = `import { createClient, httpBatchLink, PyRPCError } from "./pyrpc-client.ts";
import type { Types } from "./api.ts";

const id = "${ID}";

const outcome = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return { result: await call };
  } catch (error) {
    const { name, message } = error as Error;
    return error instanceof PyRPCError
      ? { name, code: error.code, message, data: error.data }
      : { name, message };
  }
};

export async function run(baseUrl: string): Promise<Record<string, unknown>> {
  const rpc = createClient<Types>({ baseUrl });
  const mocked = (directions: string, more = {}) =>
    createClient<Types>({ baseUrl, headers: { "x-pyrpc-mock": directions }, ...more });
  const lines = [{ product_id: id, quantity: 2 }];
  const payment = { method: "transfer" as const, iban: "DE89370400440532013000" };

  const batched = createClient<Types>({ links: [httpBatchLink({ url: baseUrl })] });
  const many = Array.from({ length: 150 }, (_, n) => batched["users.get"](n));
  const ids = (await Promise.all(many)).map((user) => user["id"]);
  const mixed = await Promise.all(
    [batched.greet("Ada"), batched.greet(5 as never), batched.get_product({ id })].map(outcome),
  );

  const controller = new AbortController();
  const stopped = mocked("delay=5000", { signal: controller.signal });
  const aborted = outcome(stopped.categories());
  setTimeout(() => controller.abort(new Error("changed my mind")), 100);

  return {
    "by position": [await rpc.add(1, 2), await rpc.get_product(id), await rpc.place_order(lines, payment)],
    "by name": [
      await rpc.add({ a: 1, b: 2 }),
      await rpc.get_product({ id }),
      await rpc.place_order({ lines, payment }),
    ],
    dotted: (await rpc["users.get"](7))["id"],
    ids,
    mixed,
    single: [await outcome(rpc.greet("Ada")), await outcome(rpc.get_product({ id }))],
    invalid: await outcome(rpc.add("x" as never, 2)),
    missing: await outcome(rpc.add({ a: 1 } as never)),
    unknown: await outcome((rpc as never as { nope(): Promise<unknown> }).nope()),
    failing: await outcome(mocked("error=-32050").categories()),
    late: await outcome(mocked("delay=5000", { timeout: 100 }).categories()),
    aborted: await aborted,
    after: (await rpc["users.get"](8))["id"],
  };
}
`;

test("createClient() against pyrpc mock, bundled, in Node and in Chromium from another origin", {
  skip: node.skip || chromiumSkip(),
}, async () => {
  await using folder = await tempFolder({
    "package.json": `{ "type": "module" }`,
    "page.ts": PAGE,
  });
  await runCli(["codegen", SHOP, "--out", "api.ts", "--client"], { cwd: folder.path });
  // The user's own bundler would do the same.
  await promisify(execFile)(denoPath(), [
    "bundle",
    "--quiet",
    "--platform=browser",
    `--output=${folder.at("page.js")}`,
    folder.at("page.ts"),
  ]);
  await folder.write({
    "main.js":
      `import { run } from "./page.js";\nconsole.log(JSON.stringify(await run(process.argv[2])));`,
  });
  await using site = await startClientPeer({
    "/": { type: "text/html", text: "<!doctype html>" },
    "/page.js": { type: "text/javascript", text: await readFile(folder.at("page.js"), "utf8") },
  });
  await using chromium = await startChromium();
  const page = await chromium.browser.newPage();
  await page.goto(`${site.url}/`);
  const inPage = (expression: string) =>
    page.evaluate(`import("/page.js").then(async ({ run }) => ${expression})`);
  const refused = "run(URL).catch((error) => error.message)";

  const { stderr } = await serving(() => ["mock", SHOP], {}, async (_, url) => {
    const { stdout } = await promisify(execFile)(node.path, [folder.at("main.js"), url]);
    assertOutcomes(JSON.parse(stdout));
    const seen = await inPage(`run(${JSON.stringify(url)})`) as Record<string, unknown>;
    assertOutcomes(seen);
    assert.deepEqual(seen, JSON.parse(stdout), "the same call has the same answer everywhere");
  });
  assert.match(stderr, /add\("x", 2\) {2}validation/);

  const ofOrigin = (origin: string) => [
    ...["mock", SHOP, "--quiet", "--cors-origin", "none"],
    ...["--cors-origin", origin],
  ];
  await serving(() => ofOrigin(site.url), {}, async (_, url) => {
    assertOutcomes(await inPage(`run(${JSON.stringify(url)})`) as Record<string, unknown>);
  });
  await serving(() => ofOrigin("https://elsewhere.example"), {}, async (_, url) => {
    assert.equal(
      await inPage(refused.replace("URL", JSON.stringify(url))),
      `Failed to fetch (${url}/rpc)`,
    );
  });
});

function assertOutcomes(seen: Record<string, unknown>): void {
  const { "by position": byPosition, "by name": byName, ids, mixed, single, ...rest } = seen;
  assert.deepEqual(byPosition, byName);
  const [sum, product, order] = byPosition as [number, { id: string }, { lines: unknown }];
  assert.equal(typeof sum, "number");
  assert.equal(product.id, ID, "echoed");
  assert.deepEqual(order.lines, [{ product_id: ID, quantity: 2 }]);
  assert.deepEqual(ids, Array.from({ length: 150 }, (_, n) => n));
  const invalid = (field: string, message: string, type: string) => ({
    name: "PyRPCError",
    code: -32602,
    message: "Validation failed",
    data: { field, message, type },
  });
  const [greeting, wrong, fetched] = mixed as unknown[];
  assert.deepEqual(
    wrong,
    invalid("name", "Input should be a valid string", "string_type"),
    "of a batch, one fails alone",
  );
  assert.deepEqual([greeting, fetched], single);
  assert.deepEqual(rest, {
    dotted: 7,
    invalid: invalid(
      "a",
      "Input should be a valid integer, unable to parse string as an integer",
      "int_parsing",
    ),
    missing: {
      name: "PyRPCError",
      code: -32602,
      message: "Invalid params: missing a required argument: 'b'",
      data: {},
    },
    unknown: {
      name: "PyRPCError",
      code: -32601,
      message: "Method not found: nope",
      data: null,
    },
    failing: {
      name: "PyRPCError",
      code: -32050,
      message: "Generated by the mock (x-pyrpc-mock)",
      data: null,
    },
    late: { name: "TimeoutError", message: "No answer within 100 ms" },
    aborted: { name: "AbortError", message: "Error: changed my mind" },
    after: 8,
  });
}
