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
import { requireTool } from "../support/external.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { runTsc, strictOptions, toJavaScript, TYPESCRIPT_VERSIONS } from "../support/typescript.ts";

const node = requireTool("node");

test("createClient() behaves in this runtime as the contract says", async () => {
  await using peer = await startClientPeer();
  const seen = await clientScenario(api, peer.url);
  assertScenario(JSON.parse(JSON.stringify(seen)));
  // Every batch of the scenario was one request: the split ones of 205 and of 3 took 3 and 2.
  const batches = peer.requests.filter((request) => request === "POST /batch/rpc").length;
  assert.equal(batches, 1 + 3 + 1 + 2 + 1 + 1 + 1 + 1 + 1 + 1);
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
      "TypeError",
    );
  },
);

test("the client is at most 2 kB minified and gzipped", () => {
  // A minifier is no dependency: without comments and indentation is an upper bound of what every minifier gives.
  const script = toJavaScript(clientText(), { removeComments: true }).replace(/^\s+/gm, "");
  const bytes = gzipSync(script, { level: 9 }).length;
  assert.ok(bytes <= 2048, `${bytes} bytes`);
});

for (const version of TYPESCRIPT_VERSIONS) {
  test(`clientText() compiles under every strict flag with TypeScript ${version}, with and without the DOM`, async () => {
    await using folder = await tempFolder({
      "package.json": `{ "type": "module" }`,
      "pyrpc-client.ts": clientText(),
      "use.ts": `import { createClient, httpBatchLink, PyRPCError } from "./pyrpc-client.js";
type Types = { add: ((...args: [a: number, b: number]) => Promise<number>) & { readonly _pyrpcKind: "query" } };
export const plain: Types = createClient<Types>({ baseUrl: "x", headers: async () => ({ a: "b" }), timeout: 3 });
export const sum: Promise<number> = plain.add(1, 2);
export const batched: Types = createClient<Types>({ links: [httpBatchLink({ url: "x", maxItems: 3 })] });
export const code: number = new PyRPCError(1, "x", {}).code;
// @ts-expect-error the procedure does not exist
plain.other();
// @ts-expect-error no such option
createClient<Types>({ url: "x" });
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
const http500 = { error: "Error", message: "HTTP error! status: 500", status: 500 };
const refused = { error: "PyRPCError", message: "No batches here", code: -32600, data: null };
const changedMyMind = { error: "Error", message: "changed my mind" };

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
    data: { field: "a" },
  },
  "is PyRPCError": true,
  "http error": http500,
  html: "rejected",
  dies: "rejected",
  "dies early": "rejected",
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
    `{"error":"Error","message":"Missing batch response for operation ID"}`,
  ],
  "batch refused": [refused, refused],
  "batch http error": [http500, http500],
  "batch dies": ["rejected", "rejected"],
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
  "two links": "Multiple terminating links are not supported yet.",
  "no base": "No baseUrl detected. Outside a browser it must be given.",
  awaited: {
    error: "TypeError",
    message: `A function cannot be sent to "then" (was the client awaited?)`,
  },
  symbol: "undefined",
};

function scenarioText(): Promise<string> {
  const path = fileURLToPath(new URL("../support/client_scenario.ts", import.meta.url));
  return readFile(path, "utf8");
}
