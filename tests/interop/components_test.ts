// Runs under Deno only: it packs the npm package, as a release does
// Components of four frameworks with TanStack Query, compiled, built and run against a real backend.

import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "puppeteer-core";
import { run } from "../../scripts/project.ts";
import { clientPackage } from "../../scripts/release/npm_packages.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { requireTool } from "../support/external.ts";
import { linkPackages } from "../support/npm_packages.ts";
import { pythonSkip, type RunningServer, startFixture } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";

const COMPONENTS = fileURLToPath(new URL("../fixtures/components/", import.meta.url));
const COMMON = ["vite@8.4.0", "typescript@5.9.3"];
const TSC = ["typescript/bin/tsc", "--noEmit"];

/** A framework with its own adapter of TanStack Query and its own type checker. */
interface Framework {
  readonly folder: string;
  readonly packages: readonly string[];
  /** The plugin of Vite, as \`import … from …\` and its call. */
  readonly plugin?: readonly [from: string, call: string];
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
  readonly entry: string;
  /** The file with the queries. */
  readonly component: string;
  readonly check: readonly string[];
}

const FRAMEWORKS: Readonly<Record<string, Framework>> = {
  "React Query 5": {
    folder: "react",
    packages: [
      "@tanstack/react-query@5.108.4",
      "react@19.3.1",
      "react-dom@19.3.1",
      "@types/react@19.3.3",
      "@types/react-dom@19.3.0",
      ...COMMON,
    ],
    compilerOptions: { jsx: "react-jsx" },
    entry: "main.tsx",
    component: "main.tsx",
    check: TSC,
  },
  "Vue Query 5": {
    folder: "vue",
    packages: [
      "@tanstack/vue-query@5.104.0",
      "vue@3.5.45",
      "@vitejs/plugin-vue@6.0.11",
      "vue-tsc@3.3.14",
      ...COMMON,
    ],
    plugin: ['plugin from "@vitejs/plugin-vue"', "plugin()"],
    entry: "main.ts",
    component: "App.vue",
    check: ["vue-tsc/bin/vue-tsc.js", "--noEmit"],
  },
  "Solid Query 5": {
    folder: "solid",
    packages: [
      "@tanstack/solid-query@5.104.5",
      "solid-js@1.9.20",
      "vite-plugin-solid@2.11.14",
      ...COMMON,
    ],
    plugin: ['plugin from "vite-plugin-solid"', "plugin()"],
    compilerOptions: { jsx: "preserve", jsxImportSource: "solid-js" },
    entry: "main.tsx",
    component: "main.tsx",
    check: TSC,
  },
  "Svelte Query 6": {
    folder: "svelte",
    packages: [
      "@tanstack/svelte-query@6.3.6",
      "svelte@5.57.3",
      "@sveltejs/vite-plugin-svelte@7.3.1",
      "svelte-check@4.7.8",
      ...COMMON,
    ],
    plugin: ['{ svelte } from "@sveltejs/vite-plugin-svelte"', "svelte()"],
    entry: "main.ts",
    component: "Notes.svelte",
    check: ["svelte-check/bin/svelte-check"],
  },
};

/** Mistakes in the component, each with the part of the compiler's error about it. */
const MISTAKES: readonly (readonly [right: string, wrong: string, error: RegExp])[] = [
  ["limit: 2", 'limit: "2"', /'string' is not assignable to type 'number/],
  ["last.next_cursor", "last.next", /'next' does not exist/],
  ["queryOptions(1)", "queryOptions(true)", /boolean/],
  ['mutate({ text: "new" })', "mutate({ texts: 1 })", /'texts' does not exist/],
  ["mutate({ text: 'new' })", "mutate({ texts: 1 })", /'texts' does not exist/],
];

function projectFiles({ plugin, compilerOptions, entry }: Framework): Record<string, string> {
  const [from, call] = plugin ?? [];
  return {
    "package.json": `{ "name": "web", "private": true, "type": "module" }`,
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        target: "es2023",
        module: "esnext",
        moduleResolution: "bundler",
        lib: ["ES2023", "DOM", "DOM.Iterable"],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        verbatimModuleSyntax: true,
        skipLibCheck: true,
        noEmit: true,
        ...compilerOptions,
      },
      include: ["src"],
    }),
    "vite.config.js": from === undefined
      ? "export default {};\n"
      : `import ${from};\nexport default { plugins: [${call}] };\n`,
    "index.html": `<!doctype html><html><head><link rel="icon" href="data:,"></head>
<body><div id="app"></div><script type="module" src="/src/${entry}"></script></body></html>`,
  };
}

/** One call that a page has sent. */
interface SentCall {
  readonly method: string;
  readonly params: unknown;
  /** True if the page closed the connection before the answer. */
  isAborted: boolean;
}

/** Serves the files of a build, and forwards `/rpc` to the backend. */
async function serveSite(
  folder: string,
  backend: string,
): Promise<{ readonly url: string; readonly calls: SentCall[] } & AsyncDisposable> {
  const calls: SentCall[] = [];
  const types: Record<string, string> = { ".js": "text/javascript", ".css": "text/css" };
  const forward = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = (await Array.fromAsync(incoming)).join("");
    const call = { ...JSON.parse(body), isAborted: false };
    calls.push(call);
    const outgoing = request(`${backend}/rpc`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    response.on("close", () => {
      if (response.writableFinished) return;
      call.isAborted = true;
      outgoing.destroy();
    });
    outgoing.end(body);
  };
  const server = createServer((incoming, response) => {
    const path = incoming.url === "/" ? "/index.html" : incoming.url ?? "";
    if (path === "/rpc") return void forward(incoming, response);
    readFile(join(folder, path)).then(
      (content) => {
        const type = types[extname(path)] ?? "text/html";
        response.writeHead(200, { "content-type": type }).end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const skip = requireTool("node").skip || pythonSkip() || chromiumSkip();

describe("components with TanStack Query against a real backend", { skip }, () => {
  let packed: TempFolder;
  let backend: RunningServer;
  before(async () => {
    packed = await tempFolder();
    [backend] = await Promise.all([
      startFixture("notes", "fastapi"),
      clientPackage(packed.path, "", false),
    ]);
  });
  after(async () => {
    await backend?.[Symbol.asyncDispose]();
    await packed?.[Symbol.asyncDispose]();
  });

  const inGate = casesToRun(Object.entries(FRAMEWORKS), ([name]) => name.startsWith("React"));
  for (const [name, framework] of inGate) {
    test(`${name}: compiles, fetches, aborts, invalidates, pages, skips and fails`, async () => {
      await using project = await tempFolder(projectFiles(framework));
      await linkPackages(project.path, framework.packages);
      await cp(packed.path, project.at("node_modules"), { recursive: true });
      await cp(join(COMPONENTS, "shared"), project.at("src"), { recursive: true });
      await cp(join(COMPONENTS, framework.folder), project.at("src"), { recursive: true });
      const generated = await runCli(["codegen", backend.url, "--out", "src/types.ts"], {
        cwd: project.path,
      });
      assert.equal(generated.code, 0, generated.block);
      const node = async ([program = "", ...args]: readonly string[]) =>
        await run(requireTool("node").path, [project.at("node_modules", program), ...args], {
          cwd: project.path,
          env: { NO_COLOR: "1", CI: "1" },
        });

      const checked = await node(framework.check);
      assert.equal(checked.code, 0, checked.stdout + checked.stderr);
      const built = await node(["vite/bin/vite.js", "build"]);
      assert.equal(built.code, 0, built.stdout + built.stderr);
      await using site = await serveSite(project.at("dist"), backend.url);
      await using chromium = await startChromium();
      await useComponent(await chromium.browser.newPage(), site);

      const path = project.at("src", framework.component);
      const text = await readFile(path, "utf8");
      const made = MISTAKES.filter(([right]) => text.includes(right));
      assert.equal(made.length, 4);
      await writeFile(
        path,
        made.reduce((wrong, [from, to]) => wrong.replace(from, to), text),
      );
      const refused = await node(framework.check);
      assert.notEqual(refused.code, 0);
      for (const [, , error] of made) assert.match(refused.stdout + refused.stderr, error);
    });
  }
});

async function useComponent(
  page: Page,
  { url, calls }: { readonly url: string; readonly calls: readonly SentCall[] },
): Promise<void> {
  const shown = (id: string) =>
    page.evaluate((id) => document.querySelector(`#${id}`)?.textContent?.trim(), id);
  const shows = (id: string, expected: string) =>
    waitUntil(async () => await shown(id) === expected).catch(async (cause) => {
      throw new Error(`#${id} is ${JSON.stringify(await shown(id))}, not "${expected}"`, { cause });
    });
  const click = (id: string) =>
    page.evaluate((id) => document.querySelector<HTMLElement>(`#${id}`)!.click(), id);
  const count = (method: string) => calls.filter((call) => call.method === method).length;

  await page.goto(url);
  await shows("note", "Note 1");
  await shows("failed", "-32602 id");
  await shows("pages", "1,2");
  const before = Number((await shown("admin"))?.replace("Ada ", ""));
  await shows("admin", `Ada ${before}`);
  // skipToken: no query until there is an input.
  assert.equal(await shown("picked"), "idle");
  assert.ok(calls.every(({ params }) => JSON.stringify(params) !== '{"id":2}'));
  await click("pick");
  await shows("picked", "Note 2");

  await click("more");
  await shows("pages", "1,2|3,4");
  await click("more");
  await waitUntil(async () => (await shown("pages"))?.split("|").length === 3);
  const cursors = calls.filter(({ method }) => method === "list_notes").map(({ params }) => params);
  assert.deepEqual(cursors, [
    { limit: 2 },
    { limit: 2, cursor: "2" },
    { limit: 2, cursor: "4" },
  ]);

  // The prefix ["pyrpc", "admin"] is the key of `admin` and of `admin.count`, and of nothing else.
  const others = count("get_note") + count("list_notes");
  await click("add");
  await shows("added", String(before + 1));
  await shows("admin", `Ada ${before + 1}`);
  assert.deepEqual([count("admin"), count("admin.count")], [2, 2]);
  assert.equal(count("get_note") + count("list_notes"), others);

  const slow = calls.find(({ method }) => method === "slow");
  assert.equal(await shown("slow"), "fetching");
  assert.equal(slow?.isAborted, false);
  await click("hide");
  await waitUntil(() => slow?.isAborted === true);
  assert.equal(await shown("slow"), undefined);
}
