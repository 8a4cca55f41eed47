import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { ROOT } from "../../scripts/project.ts";
import { denoPath } from "../support/engines.ts";
import { linkPackages, npmPackages } from "../support/npm_packages.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { node22 } from "../support/node22.ts";

const lib = (path: string) => JSON.stringify(join(ROOT, "lib", path));
const CREATE = `export { createClient } from ${lib("client/pyrpc_client.ts")};\n`;

/** The entries of the table in docs/comparison.md, as modules. */
const ENTRIES: Readonly<Record<string, string>> = {
  "`createClient` of `@pyrpc/client`": CREATE,
  "everything of `@pyrpc/client`": `export * from ${lib("client/pyrpc_client.ts")};`,
  "`createClient` and `@pyrpc/client/query`": `${CREATE}export * from ${
    lib("client/query/mod.ts")
  };`,
  "`createClient` and `natsLink` of `@pyrpc/client/nats`": `${CREATE}export { natsLink } from ${
    lib("client/nats_link.ts")
  };`,
  "`createClient` and `contractLink` of `@pyrpc/client/contract`":
    `${CREATE}export { contractLink } from ${lib("client/contract/mod.ts")};`,
  "`@pyrpc/client/testing` (not for production)": `export * from ${lib("testing/mod.ts")};`,
};

const TRPC = [
  "@trpc/tanstack-react-query@11.22.1",
  "@trpc/client@11.25.2",
  "@trpc/server@11.25.2",
  "@tanstack/react-query@5.108.4",
  "react@19.3.1",
];
const OTHERS: Readonly<Record<string, string>> = {
  "tRPC 11: `createTRPCClient`, `httpLink`":
    `export { createTRPCClient, httpLink } from "@trpc/client";`,
  "tRPC 11: the same and `createTRPCOptionsProxy`":
    `export { createTRPCClient, httpLink } from "@trpc/client";
export { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";`,
};
const HEY_API = "hey-api 0.99: `fetch` client with one operation";
const OPENAPI = {
  openapi: "3.1.0",
  info: { title: "Notes", version: "1" },
  paths: {
    "/notes": {
      get: {
        operationId: "list_notes",
        parameters: [{ name: "limit", in: "query", schema: { type: "integer" } }],
        responses: {
          200: {
            description: "Notes",
            content: { "application/json": { schema: { type: "array" } } },
          },
        },
      },
    },
  },
};

/** The size that the documentation has for each entry, in kB. */
async function documented(): Promise<ReadonlyMap<string, number>> {
  const page = await readFile(join(ROOT, "docs/comparison.md"), "utf8");
  const rows = page.matchAll(/^\| (.+?) \| ([\d.]+) kB \|$/gm);
  return new Map(Array.from(rows, ([, entry = "", size]) => [entry, Number(size)]));
}

async function sizeOf(path: string, cwd = ROOT): Promise<number> {
  // React and TanStack Query are there anyway.
  const externals = ["react", "@tanstack/react-query"].map((name) => `--external=${name}`);
  const args = ["bundle", "--quiet", "--minify", "--platform=browser", ...externals, path];
  const { stdout } = await promisify(execFile)(denoPath(), args, { cwd, maxBuffer: 1 << 26 });
  assert.match(stdout, /\bexport\b/);
  return gzipSync(stdout, { level: 9 }).length / 1000;
}

/** Compares with 5 percent of tolerance: the numbers of the documentation are rounded. */
function assertSize(sizes: ReadonlyMap<string, number>, entry: string, measured: number): void {
  const stated = sizes.get(entry) ?? 0;
  assert.ok(
    Math.abs(measured - stated) <= stated / 20,
    `${entry}: ${measured} kB, not ${stated} kB`,
  );
}

test("docs/comparison.md has the minified and gzipped size of each entry", async () => {
  await using folder = await tempFolder();
  const sizes = await documented();
  for (const [entry, text] of Object.entries(ENTRIES)) {
    await folder.write({ "entry.ts": text });
    assertSize(sizes, entry, await sizeOf(folder.at("entry.ts")));
  }
  assert.deepEqual([...sizes.keys()], [...Object.keys(ENTRIES), ...Object.keys(OTHERS), HEY_API]);
});

test(
  "docs/comparison.md has the size of the other clients",
  { skip: RUNS_ALL_CASES ? false : "part of deno task verify components" },
  async () => {
    await using folder = await tempFolder({
      "package.json": `{ "type": "module" }`,
      "openapi.json": JSON.stringify(OPENAPI),
      "hey.ts": `export { listNotes } from "./hey/sdk.gen.ts";`,
    });
    const installed = join(await npmPackages(...TRPC), "node_modules");
    await cp(installed, folder.at("node_modules"), { recursive: true });
    const sizes = await documented();
    for (const [entry, text] of Object.entries(OTHERS)) {
      await folder.write({ "entry.ts": text });
      assertSize(sizes, entry, await sizeOf(folder.at("entry.ts"), folder.path));
    }
    await using generator = await tempFolder({ "package.json": "{}" });
    await linkPackages(generator.path, ["@hey-api/openapi-ts@0.99.0", "typescript@5.9.3"]);
    const script = generator.at("node_modules/@hey-api/openapi-ts/bin/run.js");
    await promisify(execFile)(
      await node22(),
      [
        ...[script, "-i", "openapi.json", "-o", "hey", "-c", "@hey-api/client-fetch"],
        ...["-p", "@hey-api/typescript", "@hey-api/sdk"],
      ],
      { cwd: folder.path },
    );
    assertSize(sizes, HEY_API, await sizeOf(folder.at("hey.ts"), folder.path));
  },
);
