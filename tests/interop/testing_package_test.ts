// Runs under Deno only: it packs with a script of developers, who have Deno
// The packed @pyrpc/client/testing in real test runners.

import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { bunPath } from "../../scripts/bun.ts";
import { type Finished, run } from "../../scripts/project.ts";
import { clientPackage, npmPack, typesPackage } from "../../scripts/release/npm_packages.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { startClientPeer } from "../support/client_peer.ts";
import { denoPath } from "../support/engines.ts";
import { requireTool } from "../support/external.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { runCli } from "../support/run_cli.ts";
import {
  runTsc,
  strictOptions,
  TYPESCRIPT_VERSIONS,
  type TypeScriptVersion,
} from "../support/typescript.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

const npm = requireTool("npm");

const PACKAGES = [
  "vitest@5.1.2",
  "vite@8",
  "jsdom@31",
  "msw@3.0.5",
  "jest@30.5.2",
  "jest-environment-jsdom@30.5.2",
  "jest-fixed-jsdom@0.0.11",
  "@babel/plugin-transform-modules-commonjs@7",
];

const TYPES = `type Types = {
  add: (...args: [a: number, b: number] | [params: { a: number; b: number }]) => Promise<number>;
  greet: {
    (...args: [name: string] | [name: string, greeting: string] | [params: { name: string; greeting?: string }]): Promise<string>;
  };
  "users.get": (id: number) => Promise<Record<string, unknown>>;
};
`;

const VITEST = `import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { setupServer } from "msw/node";
import { createClient, httpBatchLink, isValidationError } from "@pyrpc/client";
import { createFake, createMock } from "@pyrpc/client/testing";
import contract from "./schema.json" with { type: "json" };

${TYPES}
const mock = createMock<Types>(contract, {
  examples: { greet: { cases: [{ when: { name: "Ada" }, result: "Hello" }] } },
  handlers: { add: (a, b) => a + b },
});
const server = setupServer(...mock.mswHandlers("http://localhost:8000"));
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => {
  server.resetHandlers();
  mock.reset();
});
afterAll(() => server.close());

test("MSW answers the real client", async () => {
  const rpc = createClient<Types>({ links: [httpBatchLink({ url: "http://localhost:8000" })] });
  const answers = await Promise.all([rpc.add(1, 2), rpc.greet({ name: "Ada" }), rpc.users.get(3)]);
  expect(answers).toEqual([3, "Hello", await mock.client.users.get(3)]);
  const error: unknown = await rpc.add("1" as never, 2).catch((error: unknown) => error);
  expect(isValidationError(error) && error.data.field).toBe("a");
  await expect(createClient<Types>({ baseUrl: "http://localhost:9" }).add(1, 2)).rejects.toThrow();
});

test("a handler of one test goes first", async () => {
  const once = createMock<Types>(contract, { handlers: { add: () => 0 } });
  server.use(...once.mswHandlers());
  expect(await createClient<Types>({ baseUrl: "http://localhost:8000" }).add(1, 2)).toBe(0);
});

test("spies are fakes", async () => {
  const add = vi.fn((a: number, b: number) => a + b);
  const rpc = createFake<Types>({ add });
  expect(await rpc.add({ a: 2, b: 3 })).toBe(5);
  expect(add).toHaveBeenCalledWith(2, 3);
});
`;

const JEST = `import { createClient, PyRPCError } from "@pyrpc/client";
import { createFake, createMock } from "@pyrpc/client/testing";
import { jest } from "@jest/globals";
import { readFileSync } from "node:fs";

const mock = createMock(readFileSync("schema.json", "utf8"), { handlers: { add: (a, b) => a + b } });

test("mock.client", async () => {
  expect(await mock.client.add(1, 2)).toBe(3);
  expect(await mock.client.add("1", 2).catch((error) => error)).toBeInstanceOf(PyRPCError);
});

test("createFake", async () => {
  const add = jest.fn((a, b) => a + b);
  expect(await createFake({ add }).add({ a: 2, b: 3 })).toBe(5);
  expect(add).toHaveBeenCalledWith(2, 3);
});

test("mock.fetch", async () => {
  const called = createClient({ baseUrl: "http://x", fetch: mock.fetch }).add(1, 2);
  if (typeof Response === "undefined") await expect(called).rejects.toThrow("jest-fixed-jsdom");
  else expect(await called).toBe(3);
});
`;

const PLAIN = `import assert from "node:assert/strict";
import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { createClient } from "@pyrpc/client";
import { createFake, createMock } from "@pyrpc/client/testing";

test("mock and fake", async () => {
  const mock = createMock(await readFile("schema.json", "utf8"), { handlers: { add: (a, b) => a + b } });
  assert.equal(await createClient({ baseUrl: "http://x", fetch: mock.fetch }).add(1, 2), 3);
  assert.equal(await mock.client.add({ a: 1, b: 2 }), 3);
  assert.equal(await createFake({ add: (a, b) => a * b }).add({ b: 2, a: 3 }), 6);
});
`;

const PAGE = `import { setupWorker } from "msw/browser";
import { createClient } from "@pyrpc/client";
import { createFake, createMock } from "@pyrpc/client/testing";
import contract from "./schema.json" with { type: "json" };

const mock = createMock(contract, { handlers: { add: (a, b) => a + b } });
await setupWorker(...mock.mswHandlers("/")).start({ quiet: true });
export const seen = [
  await createClient().add(1, 2),
  await mock.client.add(1, 2),
  await createFake({ add: (a, b) => a * b }).add(3, 4),
];
`;

const id = { type: "integer" };
const text = { type: "string" };
const order = { type: "object", properties: { id, customer: text }, required: ["id", "customer"] };
const procedure = (names: Record<string, object>, result: object) => ({
  parameters: Object.entries(names).map(([name, schema]) => ({ name, schema, required: true })),
  return_schema: result,
});
const ORDERS = {
  add: procedure({ a: id, b: id }, id),
  greet: procedure({ name: text }, text),
  list_orders: procedure({}, { type: "array", items: order }),
  get_order: procedure({ id }, order),
  place_order: procedure({ customer: text }, order),
};

function compilerOptions(version: TypeScriptVersion, file: string): Record<string, unknown> {
  const { isolatedDeclarations: _, ...strict } = strictOptions(version);
  return {
    ...strict,
    resolveJsonModule: true,
    // Types of Vitest and MSW need later libraries than old compilers have.
    skipLibCheck: true,
    lib: ["ESNext", "DOM", "DOM.Iterable"],
    files: [file],
  };
}

describe(
  "@pyrpc/client/testing in test runners",
  { skip: RUNS_ALL_CASES ? npm.skip : "part of deno task verify testing" },
  () => {
    let folder: TempFolder;
    const node22 = (...args: string[]): Promise<Finished> =>
      run("npx", ["-y", "-p", "node@22", "node", ...args], {
        cwd: folder.path,
        env: { NODE_OPTIONS: "", NO_COLOR: "1", CI: "1", npm_config_loglevel: "error" },
      });
    const passes = ({ code, stdout, stderr }: Finished) => assert.equal(code, 0, stdout + stderr);

    before(async () => {
      folder = await tempFolder({
        "package.json": `{ "name": "app", "type": "module", "private": true }`,
        "schema.json": await readFile(
          new URL("../fixtures/shop.schema.json", import.meta.url),
          "utf8",
        ),
        "shop.test.ts": VITEST,
        "jest/shop.test.js": JEST,
        "commonjs/package.json": "{}",
        "commonjs/shop.test.js": JEST,
        "commonjs/babel.config.cjs":
          `module.exports = { plugins: ["@babel/plugin-transform-modules-commonjs"] };`,
        "plain.test.mjs": PLAIN,
        "app.js":
          `import { createMock } from "@pyrpc/client/testing";\nconsole.log(createMock({}));`,
        "page.js": PAGE,
        "index.html": `<script type="module" src="app.js"></script>`,
      });
      const packed = [
        await typesPackage(folder.at("packed")),
        await clientPackage(folder.at("packed"), "notices"),
      ];
      const tarballs = [];
      for (const made of packed) tarballs.push(await npmPack(made, folder.at("packed")));
      passes(
        await run(
          npm.path,
          ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...PACKAGES, ...tarballs],
          { cwd: folder.path, env: { npm_config_loglevel: "error" } },
        ),
      );
    });
    after(() => folder?.[Symbol.asyncDispose]());

    for (const environment of ["node", "jsdom"]) {
      test(`Vitest 5 with MSW 3, environment ${environment}`, async () => {
        const args = ["run", "--environment", environment, "shop.test.ts"];
        passes(await node22("node_modules/vitest/vitest.mjs", ...args));
      });
    }

    for (const environment of ["node", "jsdom", "jest-fixed-jsdom"]) {
      test(`Jest 30 as modules, environment ${environment}`, async () => {
        const args = ["--experimental-vm-modules", "node_modules/jest/bin/jest.js"];
        passes(await node22(...args, `--env=${environment}`, "jest/"));
      });
    }

    test("Jest 30 with Babel, as CommonJS", async () => {
      const args = ["--rootDir=commonjs", "--transformIgnorePatterns=node_modules/(?!@pyrpc)"];
      passes(await node22("node_modules/jest/bin/jest.js", ...args));
    });

    test("the runners of Node 20 or later, Bun and Deno", async () => {
      passes(await node22("--test", "plain.test.mjs"));
      const cwd = folder.path;
      passes(await run(requireTool("node").path, ["--test", "plain.test.mjs"], { cwd }));
      passes(await run(await bunPath(), ["test", "./plain.test.mjs"], { cwd }));
      passes(await run(denoPath(), ["test", "-A", "--no-check", "plain.test.mjs"], { cwd }));
    });

    test("an import under the condition production fails, also in a build of Vite", async () => {
      const failed = await node22("--conditions=production", "app.js");
      assert.equal(failed.code, 1);
      assert.match(failed.stderr, /@pyrpc\/client\/testing is for tests and must not be part/);
      passes(await node22("node_modules/vite/bin/vite.js", "build", "--outDir", "out"));
      const built = await run("sh", ["-c", "cat out/assets/*.js"], { cwd: folder.path });
      assert.match(built.stdout, /@pyrpc\/client\/testing is for tests/);
      assert.doesNotMatch(built.stdout, /SCHEMA_NOT_A_CONTRACT/);
    });

    test("a page in Chromium, with the worker of MSW", { skip: chromiumSkip() }, async () => {
      const { stdout, stderr } = await run(
        denoPath(),
        ["bundle", "--quiet", "--platform=browser", "page.js"],
        { cwd: folder.path },
      );
      const worker = folder.at("node_modules/msw/lib/mockServiceWorker.js");
      const script = { type: "text/javascript" };
      await using site = await startClientPeer({
        "/": { type: "text/html", text: "<!doctype html><title>test</title>" },
        "/page.mjs": { ...script, text: stdout },
        "/mockServiceWorker.js": { ...script, text: await readFile(worker, "utf8") },
      });
      await using chromium = await startChromium();
      const page = await chromium.browser.newPage();
      await page.goto(`${site.url}/`);
      const seen = await page.evaluate(`import("/page.mjs").then(({ seen }) => seen)`);
      assert.deepEqual(seen, [3, 3, 12], stderr);
    });

    test("the example of docs/testing.md passes, in types and in deed", async () => {
      const page = await readFile(new URL("../../docs/testing.md", import.meta.url), "utf8");
      const [, example = ""] = /```ts\n(\/\/ orders\.test\.ts[^]*?)\n```/.exec(page) ?? [];
      await mkdir(folder.at("docs"));
      await writeFile(folder.at("docs/orders.test.ts"), example);
      await writeFile(folder.at("docs/schema.json"), JSON.stringify(ORDERS));
      const { code, stderr } = await runCli(
        ["codegen", "schema.json", "--out", "api.ts"],
        { cwd: folder.at("docs") },
      );
      assert.equal(code, 0, stderr);
      await cp(folder.at("docs/api.ts"), folder.at("node_modules/@pyrpc/types/src/index.ts"));
      passes(await node22("node_modules/vitest/vitest.mjs", "run", "docs/orders.test.ts"));
      assert.equal(
        await runTsc(folder.path, "5.9", compilerOptions("5.9", "docs/orders.test.ts")),
        "",
      );
    });

    for (const version of TYPESCRIPT_VERSIONS) {
      test(`the types of TypeScript ${version}, with MSW's`, async () => {
        const options = compilerOptions(version, "shop.test.ts");
        assert.equal(await runTsc(folder.path, version, options), "");
      });
    }
  },
);
