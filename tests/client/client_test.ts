import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { clientText } from "../../lib/client/mod.ts";
import * as api from "../../lib/client/pyrpc_client.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { startClientPeer } from "../support/client_peer.ts";
import { clientScenario } from "../support/client_scenario.ts";
import { denoPath } from "../support/engines.ts";
import { requireTool } from "../support/external.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { runTsc, strictOptions, toJavaScript, TYPESCRIPT_VERSIONS } from "../support/typescript.ts";

const node = requireTool("node");

test("createClient() behaves in this runtime as specified", async () => {
  await using peer = await startClientPeer();
  const seen = await clientScenario(api, peer.url);
  assertScenario(JSON.parse(JSON.stringify(seen)));
  // Every batch of the scenario was one request: the split ones of 205 and of 3 took 3 and 2.
  const batches = peer.requests.filter((request) => request === "POST /batch/rpc").length;
  assert.equal(batches, 1 + 3 + 1 + 2 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 2 + 8 + 1);
});

test("the emitted client behaves the same in Node", { skip: node.skip }, async () => {
  await using folder = await tempFolder({
    "client.mjs": toJavaScript(clientText()),
    "scenario.mjs": toJavaScript(await scenarioText()),
    "main.mjs": `import * as api from "./client.mjs";
import { clientScenario } from "./scenario.mjs";
console.log(JSON.stringify(await clientScenario(api, process.argv[2])));`,
  });
  await using peer = await startClientPeer();
  const { stdout } = await promisify(execFile)(node.path, [folder.at("main.mjs"), peer.url]);
  assertScenario(JSON.parse(stdout));
});

test(
  "the emitted client behaves the same in a browser, from another origin",
  { skip: chromiumSkip() },
  async () => {
    const script = { type: "text/javascript" };
    await using peer = await startClientPeer();
    await using site = await startClientPeer({
      "/": { type: "text/html", text: "<!doctype html><title>test</title>" },
      "/client.mjs": { ...script, text: toJavaScript(clientText()) },
      "/scenario.mjs": { ...script, text: toJavaScript(await scenarioText()) },
    });
    await using chromium = await startChromium();
    const page = await chromium.browser.newPage();
    await page.goto(`${site.url}/`);
    const run = (expression: string) =>
      page.evaluate(`(async () => {
        const api = await import("/client.mjs");
        const { clientScenario } = await import("/scenario.mjs");
        return ${expression};
      })()`);
    const other = JSON.stringify(peer.url);
    const seen = await run(`await clientScenario(api, ${other})`) as Record<string, unknown>;
    assertScenario(seen, { "no base": "object" });
    assert.ok(
      peer.requests.includes("OPTIONS /echo/rpc"),
      "another origin: the browser asks first",
    );

    // The page's own server, found without a baseUrl.
    assert.equal(
      await run(`(await api.createClient().x().catch((error) => error.message))`),
      "HTTP error! status: 404",
    );
    assert.equal(site.requests.at(-1), "POST /rpc");
    assert.equal(
      await run(
        `await api.createClient({ baseUrl: ${other} + "/closed" }).x().catch((error) => error.name)`,
      ),
      "NetworkError",
    );
  },
);

test("the client with all its links is at most 2 kB minified and gzipped", async () => {
  await using folder = await tempFolder({ "client.ts": clientText() });
  const args = ["bundle", "--quiet", "--minify", "--platform=browser", folder.at("client.ts")];
  const { stdout } = await promisify(execFile)(denoPath(), args);
  assert.match(stdout, /\bretryLink\b/);
  const bytes = gzipSync(stdout, { level: 9 }).length;
  assert.ok(bytes <= 2048, `${bytes} bytes`);
});

for (const version of TYPESCRIPT_VERSIONS) {
  test(`clientText() compiles under every strict flag with TypeScript ${version}, with and without the DOM`, async () => {
    await using folder = await tempFolder({
      "package.json": `{ "type": "module" }`,
      "pyrpc-client.ts": clientText(),
      "use.ts":
        `import { type Client, type ClientOptions, createClient, httpBatchLink, isValidationError, type Link, PyRPCError, retryLink, withOptions } from "./pyrpc-client.js";
type Types = { add: ((...args: [a: number, b: number]) => Promise<number>) & { readonly _pyrpcKind: "query" } };
export const plain: Types = createClient<Types>({ baseUrl: "x", headers: async () => ({ a: "b" }), timeout: 3 });
export const sum: Promise<number> = plain.add(1, 2);
export const batched: Types = createClient<Types>({ links: [httpBatchLink({ url: "x", maxItems: 3 })] });
export const code: number = new PyRPCError(1, "x", {}).code;
// @ts-expect-error the procedure does not exist
plain.other();
type Dotted = {
  admin: () => Promise<string>;
  "admin.version": (major: number) => Promise<number>;
  "admin.users.list": { (): Promise<string[]>; (...args: [n: number]): Promise<string[]> };
  "users.name": () => Promise<string>;
  "users.get": () => Promise<string>;
};
export const dotted: Client<Dotted> = createClient<Dotted>({ baseUrl: "x" });
export const flat: Dotted = dotted;
export const version: Promise<number> = dotted.admin.version(1);
export const admin: Promise<string> = dotted.admin();
export const list: Promise<string[]> = dotted.admin.users.list(3);
export const user: Promise<string> = withOptions(dotted, { timeout: 3 }).users.get();
export const ofAdmin: Promise<number> = withOptions(dotted.admin, { headers: { a: "b" } }).version(1);
export const named: Promise<string> = dotted["users.name"]();
// @ts-expect-error every function has a name of its own
dotted.users.name();
// @ts-expect-error a wrong argument
dotted.admin.version("x");
// @ts-expect-error no such option
withOptions(dotted, { baseUrl: "x" });
export function fieldOf(error: unknown): string | undefined {
  return isValidationError(error) ? error.data.field + error.data.type : undefined;
}
export const custom: Link = () => async (call, next) => call.method === "a" ? next() : next({ ...call, method: "a" });
export const linked: Dotted = createClient<Dotted>({
  links: [custom, retryLink({ when: (error, { method }) => error instanceof PyRPCError && method === "a" })],
});
// @ts-expect-error no such option
createClient<Types>({ url: "x" });
// pyRPC's adapters for React, Next, Vue and Svelte use a client as the procedures themselves.
type Procedures = Record<string, (...args: any[]) => Promise<any>>;
export function createAdapter<T extends Procedures>(
  { kinds, ...options }: ClientOptions & { kinds?: Record<string, "query" | "mutation"> } = {},
): { client: T; call: T[keyof T]; createCaller: (more: ClientOptions) => T; kinds: unknown } {
  const client = createClient<T>(options);
  return { client, call: client["x" as keyof T], createCaller: (more) => createClient<T>({ ...options, ...more }), kinds };
}
export const adapted: Promise<number> = createAdapter<Types>().client.add(1, 2);
`,
      "dom.ts": `import { createClient } from "./pyrpc-client.js";
const { signal } = new AbortController();
export const given: object = createClient({ signal, fetch, headers: new Headers({ a: "b" }) });
export const wrapped: object = createClient({
  headers: [["a", "b"]],
  fetch: (url, init) => fetch(url, { ...init, credentials: "include" }),
});
// @ts-expect-error not a signal
createClient({ signal: {} });
`,
    });
    const options = strictOptions(version);
    const plain = { ...options, lib: ["ES2015"], files: ["use.ts"] };
    assert.equal(await runTsc(folder.path, version, plain), "");
    const dom = { ...options, lib: ["ES2022", "DOM"], files: ["use.ts", "dom.ts"] };
    assert.equal(await runTsc(folder.path, version, dom), "");
  });
}

function assertScenario(
  seen: Record<string, unknown>,
  differs: Record<string, unknown> = {},
): void {
  const expected: Record<string, unknown> = { ...EXPECTED, ...differs };
  for (const [name, want] of Object.entries(expected)) assert.deepEqual(seen[name], want, name);
  assert.deepEqual(Object.keys(seen).sort(), Object.keys(expected).sort());
}

function echoed(params: unknown, method = "add"): unknown {
  return {
    jsonrpc: "2.0",
    method,
    params,
    random: true,
    type: "application/json",
    verb: "POST",
  };
}

const timedOut = (ms: number) => ({ error: "TimeoutError", message: `No answer within ${ms} ms` });
const http500 = { error: "HttpError", message: "HTTP error! status: 500", status: 500 };
const details = { field: "a", type: "missing", message: "Field required" };
const refused = { error: "PyRPCError", message: "No batches here", code: -32600, data: null };
const changedMyMind = { error: "AbortError", message: "Error: changed my mind" };

const NOT_ANSWERS = [
  ...["", "null", "[]", "{}", "5", '"x"', "[1]", '[{"result":1}]', '{"detail":"x"}'],
  ...['{"error":"x"}', '{"result":null,"error":"x"}', '{"error":{"message":"x"}}'],
];

const EXPECTED: Readonly<Record<string, unknown>> = {
  positional: echoed([1, 2]),
  named: echoed({ a: 1, b: 2 }),
  empty: echoed([]),
  list: echoed([[1, 2]]),
  text: echoed(["x"]),
  null: echoed(null),
  "two objects": echoed([{ a: 1 }, {}]),
  dotted: echoed([1], "users.get"),
  names: ["constructor", "toString", "url", "then", "__proto__", "hasOwnProperty"],
  "null result": { result: null },
  error: {
    error: "PyRPCError",
    message: "Validation failed",
    code: -32602,
    data: details,
  },
  "is PyRPCError": true,
  "http error": http500,
  "http error's answer": [true, "Bearer", '{"detail": "Not authenticated"}'],
  "validation error": details,
  "other error": false,
  html: { error: "HttpError", message: "Invalid response (/raw/rpc)", status: 200 },
  dies: "NetworkError",
  "dies early": "NetworkError",
  urls: ["x", "x", "x", "x", "x", "x"],
  batch: [
    { result: 3 },
    { error: "PyRPCError", message: "no", code: -32603, data: null },
    { result: 7 },
  ],
  "batch sizes": [[0, 100], [99, 100], [100, 100], [204, 5]],
  "batch one": [1, 1],
  "batch small": [[1, 2], [2, 2], [3, 1]],
  "batch missing": [
    `{"result":3}`,
    `{"error":"HttpError","message":"Invalid response (/batch/rpc)","status":200}`,
  ],
  "batch refused": [refused, refused],
  "batch http error": [http500, http500],
  "batch dies": ["NetworkError", "NetworkError"],
  "batch after": 2,
  headers: [
    { authorization: "Bearer 1", type: "application/json" },
    { authorization: "Bearer 2", type: "application/json" },
  ],
  "headers of link": { authorization: "link", type: "application/json" },
  timeout: timedOut(100),
  "timeout dripping": timedOut(100),
  "timeout headers": timedOut(50),
  "timeout batch": [timedOut(50), timedOut(50)],
  soon: true,
  abort: [{ result: null }, changedMyMind, changedMyMind, changedMyMind],
  "custom fetch": ["custom://x/rpc", "POST", { "content-type": "application/json" }, "x"],
  "no link": "No terminating link configured.",
  "no last link": { error: "Error", message: "No terminating link configured." },
  "no base": "No baseUrl detected. Set createClient({ baseUrl })",
  nested: ["users.get", "a.b.c", "users", "then.x"],
  "never nested": [
    "undefined",
    "undefined",
    "undefined",
    "string",
    "function's own",
    "function's own",
    "function's own",
  ],
  object: "object",
  "headers of call": { authorization: "Bearer 3", type: "application/json", own: "1" },
  "options add up": { authorization: "Bearer 4", type: "application/json", own: "1" },
  "abort one of a batch": [changedMyMind, { result: [2, 2] }],
  "abort a whole batch": "TimeoutError",
  "batch of other options": [[1, 2], [2, 2], [3, 2], [4, 2]],
  "call timeout": timedOut(50),
  links: ["add", 3],
  "retries end": [{ error: "Error", message: "again" }, -7, 4],
  log: [[1], "again"],
  auth: [["in", "in", "in"], 1, "in", 2],
  "auth refused": { error: "HttpError", message: "HTTP error! status: 401", status: 401 },
  "query context": `"list" is not a callback: write () => client.list()`,
  "mutation context": `"a.list" is not a callback: write () => client.a.list()`,
  symbol: "undefined",
  "not answers": NOT_ANSWERS,
  "not an answer": ["HttpError", "Invalid response (/raw/rpc)", 200, "1", "{}"],
  "not answers of a batch": ["", "null", "[]", "{}", "5", "[5]", "[null]", "[{}]"],
  "error code 0": "PyRPCError: no",
  listeners: [true, 0],
  "arguments without JSON": ["TypeError", 1],
  "dotted names": [
    ...["a.then", "a.toJSON", "a.$$typeof", "a.constructor", "a.prototype", "a.caller"],
    ...["a.arguments", "a.__proto__", "a.__defineGetter__", "a.call", "a.apply", "a.bind"],
    ...["a.length", "a.name", "a.valueOf"],
  ],
  "awaited client": ["add", "a.b", "then", `{"created":{},"awaited":{}}`],
  "link order": [
    "a(b(c))",
    "a(b(c))",
    "create a, create b, create c, create d, " +
    "a gets x, b gets x, c gets x, c ends, b ends, a ends, " +
    "a gets users.get, b gets users.get, c gets users.get, c ends, b ends, a ends",
  ],
  "links change calls": [["x", 5, { a: "b" }], ["other", 7, { a: "b" }]],
  "event handler": `TypeError: "ping" is not a callback: write () => client.ping()`,
  replaced: "replaced",
  "nested headers": [
    { authorization: "inner", type: "application/json", own: "outer" },
    { authorization: "client", type: "application/json", own: "inner" },
    { authorization: "client", type: "application/json", own: "outer" },
  ],
  "every signal aborts": ["AbortError: Error: signal 0", "AbortError: Error: signal 1"],
  "abort while a link waits": Array(3).fill("AbortError: Error: signal 0"),
  "no retry after an abort": ["AbortError: Error: stop", 1],
  "failed refresh": [["Error: no refresh", "Error: no refresh"], 1],
  "refresh again": [[{ result: 1 }, { result: 1 }], 2],
  "late refusal": [{ result: 1 }, 2],
};

function scenarioText(): Promise<string> {
  const path = fileURLToPath(new URL("../support/client_scenario.ts", import.meta.url));
  return readFile(path, "utf8");
}
