// Runs under Deno only: it bundles the npm package, as a release does

import assert from "node:assert/strict";
import { once } from "node:events";
import { access, readdir, readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import { ROOT, run } from "../../scripts/project.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { documentOf } from "../support/contracts.ts";
import { denoPath } from "../support/engines.ts";
import { requireTool } from "../support/external.ts";
import { freePort } from "../support/free_port.ts";
import { serveHttp, type TestServer } from "../support/http_server.ts";
import { runTsc, strictOptions } from "../support/typescript.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { MAIN, PAGE, startScript, VITE, viteConfig, viteProject } from "../support/vite.ts";
import { waitUntil } from "../support/wait_until.ts";

const node = requireTool("node");
const skip = chromiumSkip() || node.skip;
const skipLong = RUNS_ALL_CASES ? skip : "runs under deno task verify vite";
const TYPES = "node_modules/@pyrpc/types/src/index.ts";

const INT = { type: "integer" } as const;
const ADD = { parameters: [{ name: "a" }, { name: "b" }], result: INT };
const COMPATIBLE = documentOf({ add: ADD });
const WITH_MORE = documentOf({ add: ADD, multiply: ADD });
const BREAKING = documentOf({ add: { ...ADD, parameters: [{ name: "a" }, { name: "c" }] } });

/** A backend whose contract the test changes. */
async function serveContract(): Promise<{ contract: object; server: TestServer }> {
  const state = { contract: COMPATIBLE as object };
  const server = await serveHttp((request, response) => {
    response.setHeader("content-type", "application/json");
    const answer = request.method === "GET" ? state.contract : { id: 1, result: 1003, error: null };
    response.end(JSON.stringify(answer));
  });
  return Object.assign(state, { server });
}

function clientConfig(url: string): string {
  return JSON.stringify({ distribution: "server", server_url: url });
}

const overlayOf = (page: Page) =>
  page.evaluate(() =>
    document.querySelector("vite-error-overlay")?.shadowRoot?.querySelector(".message-body")
      ?.textContent
  );
const sumOf = (page: Page) => page.evaluate(() => document.querySelector("#sum")?.textContent);

test(
  "Vite delivers types, forwards /rpc, and shows breaking changes in the overlay until they are over",
  { skip },
  async () => {
    const backend = await serveContract();
    await using server = backend.server;
    await using project = await viteProject({
      "pyrpc-client.json": clientConfig(server.url),
      "vite.config.ts": viteConfig({ interval: 50 }),
      "index.html": PAGE,
      "main.ts": MAIN,
    });
    await using vite = startScript(node.path, project.path, ["node_modules/vite/bin/vite.js"]);
    await waitUntil(() => vite.url() !== "");
    await waitUntil(
      async () => (await readFile(project.at(TYPES), "utf8")).includes("add"),
    );
    await using chromium = await startChromium();
    const page = await chromium.browser.newPage();
    await page.goto(vite.url());
    await waitUntil(async () => await sumOf(page) === "1003");

    backend.contract = BREAKING;
    await waitUntil(
      async () => (await overlayOf(page))?.includes("breaking changes") === true,
    );
    const text = await overlayOf(page);
    assert.match(text ?? "", /add.*\bb\b/s, "the sentences of pyrpc diff");
    assert.match(vite.output(), /\[pyrpc\] types updated: ~ add\n/);
    await page.keyboard.press("Escape");
    await waitUntil(async () => await overlayOf(page) === undefined);

    backend.contract = documentOf({});
    await waitUntil(() => vite.output().includes("the existing types are kept, retrying"));
    backend.contract = documentOf({ minus: ADD });
    await waitUntil(async () => (await overlayOf(page))?.includes("add") === true);
    backend.contract = COMPATIBLE;
    await waitUntil(async () => await overlayOf(page) === undefined);

    const exited = once(vite.child, "exit");
    vite.child.kill("SIGTERM");
    await exited;
  },
);

test("types follow a backend that starts late, goes away and returns with another contract", {
  skip: skipLong,
}, async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await using project = await viteProject({
    "pyrpc-client.json": clientConfig(url),
    "vite.config.ts": viteConfig({ interval: 50 }),
    "index.html": PAGE,
    "main.ts": MAIN,
  });
  await using vite = startScript(node.path, project.path, ["node_modules/vite/bin/vite.js"]);
  await waitUntil(() => /\[pyrpc\] Could not|\[pyrpc\].*retrying/.test(vite.output()));
  await waitUntil(async () => (await fetch(vite.url())).status === 200);
  const document = (contract: object) => (_: unknown, response: ServerResponse) =>
    void response.end(JSON.stringify(contract));
  {
    const server = createServer(document(COMPATIBLE)).listen(port, "127.0.0.1");
    await waitUntil(
      async () => (await readFile(project.at(TYPES), "utf8")).includes("add"),
    );
    server.closeAllConnections();
    server.close();
  }
  await waitUntil(() => vite.output().includes("the existing types are kept, retrying"));
  const server = createServer(document(WITH_MORE)).listen(port, "127.0.0.1");
  await waitUntil(() => /types updated: \+ multiply\n/.test(vite.output()));
  await waitUntil(() => vite.output().includes(`${url} answers again`));
  server.closeAllConnections();
  server.close();
});

test(
  "mock: true answers /rpc without the backend, as pyrpc mock does",
  { skip: skipLong },
  async () => {
    await using project = await viteProject({
      "schema.json": JSON.stringify(COMPATIBLE),
      "vite.config.ts": viteConfig({ source: "schema.json", mock: { seed: "x" } }),
      "index.html": PAGE,
      "main.ts": MAIN,
      "rpc.ts": "export const fromModule = 1;",
    });
    await using vite = startScript(node.path, project.path, ["node_modules/vite/bin/vite.js"]);
    await waitUntil(() => vite.url() !== "");
    await waitUntil(async () => (await fetch(`${vite.url()}/rpc`)).ok);
    assert.deepEqual(await (await fetch(`${vite.url()}/rpc`)).json(), COMPATIBLE);
    const body = '{"id":1,"method":"add","params":[1,2]}';
    const answer = await (await fetch(`${vite.url()}/rpc`, { method: "POST", body })).json();
    await using mock = startScript(denoPath(), project.path, [
      ...["run", "-A", "--no-check", "--config", join(ROOT, "deno.json"), join(ROOT, "main.ts")],
      ...["mock", "schema.json", "--seed", "x", "--port", "0"],
    ]);
    await waitUntil(() => mock.url() !== "");
    const expected = await (await fetch(`${mock.url()}/rpc`, { method: "POST", body })).json();
    assert.deepEqual(answer, expected);
    assert.match(await (await fetch(`${vite.url()}/rpc.ts`)).text(), /fromModule/);
    // A change of the contract reaches the mock.
    await project.write({ "schema.json": JSON.stringify(WITH_MORE) });
    await waitUntil(async () => {
      const document = await (await fetch(`${vite.url()}/rpc`)).json();
      return "multiply" in document;
    });
  },
);

test("mock: true serves the contract that it has seen last while the backend is away", {
  skip: skipLong,
}, async () => {
  const backend = await serveContract();
  await using project = await viteProject({
    "pyrpc-client.json": clientConfig(backend.server.url),
    "vite.config.ts": viteConfig({ mock: true, interval: 50 }),
    "index.html": PAGE,
    "main.ts": MAIN,
  });
  const start = () =>
    startScript(node.path, project.path, ["node_modules/vite/bin/vite.js"], {
      XDG_CACHE_HOME: project.at("cache"),
    });
  {
    await using vite = start();
    await waitUntil(async () => (await fetch(`${vite.url()}/rpc`)).ok);
    await waitUntil(
      async () => (await readdir(project.at("cache/pyrpc/snapshots"))).length > 0,
    );
  }
  await backend.server[Symbol.asyncDispose]();
  await using vite = start();
  await waitUntil(async () => (await fetch(`${vite.url()}/rpc`)).ok);
});

const STALE = {
  fail: { code: 1, printed: /types are out of date.*\n\s*\+ multiply\n.*npx pyrpc sync/ },
  warn: { code: 0, printed: /types are out of date/ },
  ignore: { code: 0, printed: /built in/ },
} as const;

test("a build fails, warns or goes on if types are stale; a backend that is away fails none", {
  skip: skipLong,
}, async () => {
  const backend = await serveContract();
  await using project = await viteProject({
    "pyrpc-client.json": clientConfig(backend.server.url),
    "index.html": PAGE,
    "main.ts": MAIN,
  });
  const build = async (stale: keyof typeof STALE) => {
    await project.write({ "vite.config.ts": viteConfig({ stale }) });
    const { code, stdout, stderr } = await run(
      node.path,
      ["node_modules/vite/bin/vite.js", "build"],
      { cwd: project.path, env: { NO_COLOR: "1" } },
    );
    return { code, output: stdout + stderr };
  };
  const missing = await build("fail");
  assert.equal(missing.code, 1, missing.output);
  assert.match(missing.output, /the package is not installed/);
  {
    await using vite = startScript(node.path, project.path, ["node_modules/vite/bin/vite.js"]);
    await waitUntil(
      async () => (await readFile(project.at(TYPES), "utf8")).includes("add"),
    );
    const exited = once(vite.child, "exit");
    vite.child.kill("SIGTERM");
    await exited;
  }
  assert.equal((await build("fail")).code, 0);
  backend.contract = WITH_MORE;
  for (const [stale, { code, printed }] of Object.entries(STALE)) {
    const built = await build(stale as keyof typeof STALE);
    assert.equal(built.code, code, built.output);
    assert.match(built.output, printed);
  }
  await backend.server[Symbol.asyncDispose]();
  assert.equal((await build("fail")).code, 0, "the contract is unknown");
  await project.write({ "schema.json": JSON.stringify(WITH_MORE) });
  assert.equal((await build("fail")).code, 1, "the snapshot counts");
});

test("with workspace distribution the plugin forwards /rpc and checks builds, and writes nothing", {
  skip: skipLong,
}, async () => {
  const backend = await serveContract();
  await using server = backend.server;
  await using project = await viteProject(
    {
      "backend/pyrpc.json": JSON.stringify({
        version: 1,
        framework: "fastapi",
        entrypoint: "main",
        distribution: "workspace",
        client_root: ["../web"],
        host: "127.0.0.1",
        port: server.port,
      }),
      "backend/main.py": "",
      "web/vite.config.ts": viteConfig({ interval: 50 }),
      "web/index.html": PAGE,
      "web/main.ts": MAIN,
    },
    VITE,
    "web",
  );
  const cwd = project.at("web");
  await using vite = startScript(node.path, cwd, ["node_modules/vite/bin/vite.js"]);
  await waitUntil(() => vite.url() !== "");
  const answer = await fetch(`${vite.url()}/rpc`, { method: "POST", body: "{}" });
  assert.equal((await answer.json()).result, 1003);
  await waitUntil(
    () => server.requests.filter(({ method }) => method === "GET").length > 3,
  );
  await assert.rejects(access(join(cwd, TYPES)));
  const built = await run(node.path, ["node_modules/vite/bin/vite.js", "build"], { cwd });
  assert.equal(built.code, 1, built.stdout);
  assert.match(built.stderr, /Run pyrpc dev on the backend/);
});

test("the declarations compile with Vite's own types", { skip: skipLong }, async () => {
  await using project = await viteProject({
    "vite.config.ts": `import pyrpc, { type PyrpcOptions } from "@pyrpc/vite";
import { defineConfig } from "vite";
const options: PyrpcOptions = { mock: { seed: "x" }, stale: "warn" };
export default defineConfig({ plugins: [pyrpc(), pyrpc(options)] });
// @ts-expect-error: not a reaction
pyrpc({ stale: "maybe" });
`,
  });
  const options = {
    ...strictOptions("5.9"),
    module: "esnext",
    moduleResolution: "bundler",
    isolatedDeclarations: false,
    declaration: false,
    skipLibCheck: true,
    lib: ["ES2022", "DOM"],
    files: ["vite.config.ts"],
  };
  assert.equal(await runTsc(project.path, "5.9", options), "");
});

const RESTART = `import { createServer } from "vite";
const server = await createServer();
await server.listen(0);
await server.restart();
await server.close();
console.log("closed");
`;

test("nothing keeps running after a restart and the end of the development server", {
  skip: skipLong,
}, async () => {
  const backend = await serveContract();
  await using server = backend.server;
  await using project = await viteProject({
    "pyrpc-client.json": clientConfig(server.url),
    "vite.config.ts": viteConfig({ interval: 50 }),
    "index.html": PAGE,
    "main.ts": MAIN,
    "restart.js": RESTART,
  });
  const ended = await run(node.path, ["restart.js"], { cwd: project.path, limitMs: 60_000 });
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  assert.match(ended.stdout, /closed/);
});

test(
  "vite preview forwards /rpc, and overlay: false prints breaking changes",
  { skip: skipLong },
  async () => {
    const backend = await serveContract();
    await using server = backend.server;
    await using project = await viteProject({
      "pyrpc-client.json": clientConfig(server.url),
      "vite.config.ts": viteConfig({
        interval: 50,
        overlay: false,
        headers: { "x-key": "secret" },
      }),
      "index.html": PAGE,
      "main.ts": MAIN,
    });
    const vite = "node_modules/vite/bin/vite.js";
    {
      await using dev = startScript(node.path, project.path, [vite]);
      await waitUntil(
        async () => (await readFile(project.at(TYPES), "utf8")).includes("add"),
      );
      backend.contract = BREAKING;
      await waitUntil(() => /breaking changes:\n.*add.*\n/.test(dev.output()));
    }
    assert.ok(server.requests.every(({ headers }) => headers["x-key"] === "secret"));
    const built = await run(node.path, [vite, "build"], { cwd: project.path });
    assert.equal(built.code, 0, built.stdout + built.stderr);
    await using preview = startScript(node.path, project.path, [vite, "preview", "--port", "0"]);
    await waitUntil(() => preview.url() !== "");
    const answer = await fetch(`${preview.url()}/rpc`, { method: "POST", body: "{}" });
    assert.equal((await answer.json()).result, 1003);
  },
);
