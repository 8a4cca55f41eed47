// Runs under Deno only: it bundles the npm package, as a release does

/** `contractLink` in Chromium, in bundles of Vite: servers with and without `ETag`, behind a proxy, and not reachable. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";
import { contractHashes } from "../../lib/client/contract/mod.ts";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { type JsonObject, parseContract } from "../../lib/contract/mod.ts";
import { ROOT } from "../../scripts/project.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { serveHttp } from "../support/http_server.ts";
import { VITE, viteProject } from "../support/vite.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";

const procedure = (type: string) => ({
  name: "",
  parameters: [{ name: "a", type: "", schema_: { type }, required: true, default: null }],
  return_type: "",
  return_schema: { type: "integer" },
  doc: "",
  kind: "query",
});
const GENERATED: JsonObject = { f: procedure("integer"), gone: procedure("integer") };
const DEPLOYED: JsonObject = { f: procedure("string"), added: procedure("integer") };

const CLIENT = join(ROOT, "lib/client");
const USED = `import { createClient, httpLink } from ${
  JSON.stringify(join(CLIENT, "pyrpc_client.ts"))
};
import { contractLink } from ${JSON.stringify(join(CLIENT, "contract/mod.ts"))};
import { contract, type Types } from "./types.ts";
const state = globalThis as any;
state.changes = [];
state.errors = [];
state.time = 0;
addEventListener("unhandledrejection", (event) => state.errors.push(String(event.reason)));
addEventListener("error", (event) => state.errors.push(event.message));
const rpc = createClient<Types>({
  links: [
    contractLink({ contract, onChange: (change) => state.changes.push(change), now: () => state.time }),
    httpLink({ url: location.origin }),
  ],
});
state.call = () => rpc.f(1).catch((error: any) => error.code);
`;
const UNUSED = USED.split("\n").filter((line) => !/contractLink/.test(line)).join("\n")
  .replace('{ contract, type Types } from "./', '{ procedureKinds, type Types } from "../')
  .concat("state.kinds = procedureKinds;\n");

/** The reaction to `GET /rpc`. */
type Mode = "contract" | "etag" | "html" | "json" | "closed" | "error" | "redirect";

test("contractLink in Chromium: no ETag, 304, a proxy's page, a server that is not reachable", {
  skip: RUNS_ALL_CASES ? chromiumSkip() : "part of deno task verify skew",
}, async () => {
  const { text } = generateTypes(parseContract(GENERATED, { where: "test" }));
  const page = (name: string) =>
    `<!doctype html><script type="module" src="./${name}.ts"></script>`;
  await using project = await viteProject({
    "types.ts": text,
    "used.ts": USED,
    "unused/unused.ts": UNUSED,
    "index.html": page("used"),
    "unused/index.html": page("unused"),
  }, VITE);
  const vite = project.at("node_modules/vite/bin/vite.js");
  const build = async (folder: string, out: string): Promise<string> => {
    await promisify(execFile)("node", [vite, "build", folder, "--outDir", project.at(out)], {
      cwd: project.path,
      env: process.env,
    });
    const assets = project.at(join(out, "assets"));
    const [file = ""] = (await readdir(assets)).filter((name) => name.endsWith(".js"));
    return await readFile(join(assets, file), "utf8");
  };
  const script = await build(".", "dist");
  assert.match(script, /if-none-match/);

  let mode: Mode = "contract";
  let document = DEPLOYED;
  const asked: { mode: Mode; etag: string | undefined }[] = [];
  await using server = await serveHttp((request, response, body) => {
    if (request.url !== "/rpc") {
      response.setHeader("content-type", request.url === "/" ? "text/html" : "text/javascript");
      return void response.end(
        request.url === "/"
          ? `<!doctype html><script type="module" src="/app.js"></script>`
          : script,
      );
    }
    if (request.method === "POST") {
      const { id } = JSON.parse(body);
      const error = { code: -32602, message: "wrong", data: null };
      return void response.end(JSON.stringify({ id, result: null, error }));
    }
    asked.push({ mode, etag: request.headers["if-none-match"] });
    switch (mode) {
      case "closed":
        return void request.socket.destroy();
      case "error":
        return void response.writeHead(503).end("later");
      case "redirect":
        return void response.writeHead(302, { location: "/" }).end();
      case "html":
        return void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Log in</h1>");
      case "json":
        return void response.end('{"detail":"maintenance"}');
      case "etag": {
        const etag = `"${Object.keys(document)}"`;
        response.setHeader("etag", etag);
        if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
      }
    }
    response.end(JSON.stringify(document));
  });
  await using chromium = await startChromium();
  const tab = await chromium.browser.newPage();
  const changes = async () => await tab.evaluate("globalThis.changes") as JsonObject[];
  let minutes = 0;
  const minute = () => tab.evaluate(`globalThis.time = ${++minutes * 60_000}; globalThis.call()`);

  await tab.goto(server.url);
  await waitUntil(async () => (await changes()).length === 1);
  const { hash: _, ...change } = (await changes())[0]!;
  assert.deepEqual(change, { added: ["added"], removed: ["gone"], changed: ["f"] });
  // Rejected calls within the minute, also in a page that is hidden: a new page is in front.
  const other = await chromium.browser.newPage();
  await other.goto("about:blank");
  await tab.evaluate("globalThis.time = 59_999");
  assert.equal(await tab.evaluate("globalThis.call()"), -32602);
  assert.equal(asked.length, 1);

  for (mode of ["html", "json", "closed", "error", "redirect", "etag", "etag"] as const) {
    const before = asked.length;
    assert.equal(await minute(), -32602, mode);
    await waitUntil(() => asked.length > before);
  }
  // The same version: nothing to report, and the second request has its ETag.
  assert.equal((await changes()).length, 1);
  assert.equal(asked.at(-1)?.etag, '"f,added"');
  document = { ...DEPLOYED, more: procedure("integer") };
  await minute();
  await waitUntil(async () => (await changes()).length === 2);
  assert.deepEqual((await changes())[1]!["added"], ["added", "more"]);
  assert.deepEqual(await tab.evaluate("globalThis.errors"), []);

  const unused = await build("unused", "dist-unused");
  assert.match(unused, /unhandledrejection/);
  const { procedures, hash } = contractHashes(GENERATED as never);
  assert.ok(script.includes(hash) && script.includes(procedures["f"]!));
  for (const absent of [hash, procedures["f"]!, "if-none-match"]) {
    assert.ok(!unused.includes(absent), absent);
  }
});
