// Runs under Deno only: it bundles the npm package, as a release does

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { before, describe, test } from "node:test";
import type { Page } from "puppeteer-core";
import { run } from "../../scripts/project.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { documentOf } from "../support/contracts.ts";
import { freePort } from "../support/free_port.ts";
import { serveHttp } from "../support/http_server.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { node22 } from "../support/node22.ts";
import { startScript, viteProject } from "../support/vite.ts";
import { waitUntil } from "../support/wait_until.ts";

const skip = RUNS_ALL_CASES ? chromiumSkip() : "runs under deno task verify vite";
const TYPES = "node_modules/@pyrpc/types/src/index.ts";
const INT = { type: "integer" } as const;
const ADD = { parameters: [{ name: "a" }, { name: "b" }], result: INT };
const CALL = `
async function add(): Promise<number> {
  const body = JSON.stringify({ id: 1, method: "add", params: [1, 2] });
  const answer = await fetch("/rpc", { method: "POST", headers: { "content-type": "application/json" }, body });
  return (await answer.json()).result;
}`;

/** The same page in each framework: it calls \`add\` once it runs in the browser. */
const FRAMEWORKS = {
  SvelteKit: {
    packages: [
      "@sveltejs/kit@2.70.4",
      "@sveltejs/vite-plugin-svelte@7.3.1",
      "svelte@5.57.3",
      "vite@8.4.0",
    ],
    dev: (port: number) => [
      ...["node_modules/vite/bin/vite.js", "dev", "--host", "127.0.0.1", "--port", String(port)],
    ],
    build: ["node_modules/vite/bin/vite.js", "build"],
    files: (options: string) => ({
      "vite.config.ts": `import { sveltekit } from "@sveltejs/kit/vite";
import pyrpc from "@pyrpc/vite";
export default { plugins: [sveltekit(), pyrpc(${options})] };
`,
      "svelte.config.js": "export default {};\n",
      "src/app.html":
        `<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>`,
      "src/routes/+page.svelte": `<script lang="ts">
import type { Types } from "@pyrpc/types";
import { onMount } from "svelte";
type Name = keyof Types;
${CALL}
let sum = $state(0);
onMount(async () => { sum = await add(); });
</script>
<p id="sum">{sum}</p>
`,
    }),
  },
  Nuxt: {
    packages: ["nuxt@4.4.5", "vite@7", "vue@3", "typescript@5.9.3"],
    dev: (port: number) => [
      ...["node_modules/nuxt/bin/nuxt.mjs", "dev", "--no-fork", "--host", "127.0.0.1"],
      ...["--port", String(port)],
    ],
    build: ["node_modules/nuxt/bin/nuxt.mjs", "build"],
    files: (options: string) => ({
      "nuxt.config.ts": `import pyrpc from "@pyrpc/vite";
export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  vite: { plugins: [pyrpc(${options})] },
});
`,
      "app/app.vue": `<script setup lang="ts">
import type { Types } from "@pyrpc/types";
type Name = keyof Types;
const sum = ref(0);
${CALL}
onMounted(async () => { sum.value = await add(); });
</script>
<template><p id="sum">{{ sum }}</p></template>
`,
    }),
  },
} as const;

const sumOf = (page: Page) => page.evaluate(() => document.querySelector("#sum")?.textContent);
const overlayOf = (page: Page) =>
  page.evaluate(() =>
    document.querySelector("vite-error-overlay")?.shadowRoot?.querySelector(".message-body")
      ?.textContent
  );

describe("the plugin in frameworks", { skip }, () => {
  let node = "";
  before(async () => {
    node = await node22();
  });

  for (const [name, { packages, dev, build, files }] of Object.entries(FRAMEWORKS)) {
    test(`${name}: types, proxy, overlay and the check of a build`, async () => {
      let contract: object = documentOf({ add: ADD });
      await using server = await serveHttp((request, response) => {
        response.setHeader("content-type", "application/json");
        const result = { id: 1, result: 1003, error: null };
        response.end(JSON.stringify(request.method === "GET" ? contract : result));
      });
      await using project = await viteProject({
        "pyrpc-client.json": JSON.stringify({ distribution: "server", server_url: server.url }),
        ...files("{ interval: 50 }"),
      }, packages);
      {
        await using program = startScript(node, project.path, dev(await freePort()));
        await waitUntil(() => program.url() !== "", 90_000);
        await waitUntil(
          async () => (await readFile(project.at(TYPES), "utf8")).includes("add"),
        );
        await using chromium = await startChromium();
        const page = await chromium.browser.newPage();
        await waitUntil(async () => {
          await page.goto(program.url());
          await waitUntil(async () => await sumOf(page) === "1003", 5000);
          return true;
        }, 120_000).catch((cause) => {
          throw new Error(program.output(), { cause });
        });
        contract = documentOf({ add: { ...ADD, parameters: [{ name: "a" }] } });
        await waitUntil(async () => (await overlayOf(page))?.includes("add") === true);
        const printed = program.output().match(/types updated: ~ add/g);
        assert.equal(printed?.length, 1, "one line, however many Vite servers there are");
        const exited = once(program.child, "exit");
        program.child.kill("SIGTERM");
        await exited;
      }
      const stopped = server.requests.length;
      const env = { NO_COLOR: "1", CI: "1" };
      const built = await run(node, build, { cwd: project.path, env });
      assert.equal(built.code, 0, built.stdout + built.stderr);
      // SvelteKit loads the configuration once more for its second build.
      assert.ok(server.requests.length - stopped <= 2, "one check for all builds of a plugin");
      contract = documentOf({ add: ADD });
      const stale = await run(node, build, { cwd: project.path, env });
      assert.notEqual(stale.code, 0, stale.stdout + stale.stderr);
      assert.match(stale.stdout + stale.stderr, /types are out of date/);
    });

    test(`${name}: mock: true answers /rpc`, async () => {
      await using project = await viteProject({
        "schema.json": JSON.stringify(documentOf({ add: ADD })),
        ...files(`{ source: "${name === "Nuxt" ? "../" : ""}schema.json", mock: true }`),
      }, packages);
      await using program = startScript(node, project.path, dev(await freePort()));
      await waitUntil(() => program.url() !== "", 90_000);
      await waitUntil(async () => (await fetch(`${program.url()}/rpc`)).ok).catch(
        (cause) => {
          throw new Error(program.output(), { cause });
        },
      );
      const body = '{"id":1,"method":"add","params":[1,2]}';
      const answer = await (await fetch(`${program.url()}/rpc`, { method: "POST", body })).json();
      assert.equal(typeof answer.result, "number");
    });
  }
});
