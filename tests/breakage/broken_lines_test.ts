import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { declarationText } from "../../lib/codegen/mod.ts";
import { WORKER_SOURCES } from "../../lib/breakage/worker_source.ts";
import { ROOT } from "../../scripts/project.ts";
import { typesOf } from "../support/broken_client.ts";
import { baseContract, BREAKING_CASES } from "../support/broken_client_cases.ts";
import { requireTool } from "../support/external.ts";
import { type CliResult, runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { tscFolder, type TypeScriptVersion } from "../support/typescript.ts";

const node = requireTool("node");
/** The gate runs one case for each compiler. */
const skip = RUNS_ALL_CASES ? node.skip : "part of deno task verify breakage";
const OPTIONS = {
  target: "es2022",
  lib: ["ES2022"],
  module: "esnext",
  moduleResolution: "bundler",
  strict: true,
};
const TSCONFIG = JSON.stringify({
  compilerOptions: { ...OPTIONS, types: [], noEmit: true },
  include: ["src"],
});
const USE = (types: string) =>
  `import type { Product, Types } from "${types}";
declare const rpc: Types;
export const first = async () => (await rpc.list_products())[0]?.in_stock;
export const own: number = "an error of the client's own";
export const name = (product: Product) => product.name;
export const rate = () => rpc.rate(1, 5);
`;
const old = baseContract();
const next = baseContract();
BREAKING_CASES[0]!.edit(next);
BREAKING_CASES.at(-2)!.edit(next);
BREAKING_CASES.at(-1)!.edit(next);

/** A workspace with the client `web` and both contracts in `api`. */
async function workspace(
  files: Readonly<Record<string, string>>,
  version: TypeScriptVersion | null = "5.9",
): Promise<TempFolder> {
  const folder = await tempFolder({
    "web/package.json": `{ "name": "web", "private": true, "type": "module" }`,
    "web/tsconfig.json": TSCONFIG,
    "api/old.json": JSON.stringify(old),
    "api/new.json": JSON.stringify(next),
    ...files,
  });
  await mkdir(folder.at(".git"));
  if (version !== null) {
    await mkdir(folder.at("web/node_modules"), { recursive: true });
    await symlink(tscFolder(version), folder.at("web/node_modules/typescript"), "junction");
  }
  return folder;
}

async function diff(folder: TempFolder, ...args: string[]): Promise<CliResult> {
  const all = ["diff", "old.json", "new.json", "--client-root", "../web", ...args];
  return await runCli(all, { cwd: folder.at("api"), env: { PATH: process.env["PATH"] } });
}

// deno-lint-ignore no-explicit-any
type Report = any;

async function report(folder: TempFolder): Promise<Report> {
  return JSON.parse((await diff(folder, "--json")).stdout);
}

const LINE = "web/src/use.ts:3 uses Product.in_stock";
const linesOf = (report: Report) =>
  report.changes.flatMap((change: Report) =>
    change.impact.lines.map(({ file, line, uses }: Report) => `${file}:${line} uses ${uses}`)
  );

for (const version of ["5.9", "7.0"] as const) {
  test(
    `diff --client-root lists broken lines with TypeScript ${version} below their change, and changes nothing`,
    { skip: node.skip },
    async () => {
      await using folder = await workspace({
        "web/src/api.ts": typesOf(old),
        "web/src/use.ts": USE("./api"),
      }, version);
      const { stdout, code, files } = await diff(folder);
      assert.equal(code, 1);
      assert.deepEqual(files, {});
      assert.deepEqual(await readdir(folder.at("web"), { recursive: true }).then(own), [
        "package.json",
        "src",
        "src/api.ts",
        "src/use.ts",
        "tsconfig.json",
      ]);
      const text = stdout.slice(0, stdout.indexOf("TypeScript\n"));
      assert.match(text, /PROCEDURE_REMOVED {2}legacy.*\n {6}no client uses it\n/);
      assert.match(
        text,
        /`Product\.in_stock` was removed[^\n]*\n(?: {6}.*\n)* {6}web\/src\/use\.ts:3 uses/,
      );
      assert.match(
        text,
        /INPUT_NARROWED[^\n]*\n(?: {6}.*\n)* {6}used at web\/src\/use\.ts:6, which compiles\n/,
      );
      assert.match(
        text,
        /web: TypeScript [\d.]+, 2 files; 1 type error of its own is not listed\n/,
      );
      assert.equal(text.match(/web\/src\/use\.ts/g)?.length, 2);
    },
  );
}

const own = (names: string[]) => names.filter((name) => !name.includes("node_modules")).sort();

test("diff --client-root --format github annotates the line of the client", {
  skip,
}, async () => {
  await using folder = await workspace({
    "web/src/api.ts": typesOf(old),
    "web/src/use.ts": USE("./api"),
  });
  const { stdout } = await diff(folder, "--format", "github");
  assert.match(
    stdout,
    /::error file=web\/src\/use\.ts,line=3,col=66,title=pyrpc RESULT_WIDENED::Product\.in_stock: TS2339 /,
  );
  const markdown = await diff(folder, "--format", "markdown");
  assert.match(markdown.stdout, /web\/src\/use\.ts:3 uses Product\.in\\_stock/);
});

/** Layouts of types: files of the client before, and the module that it imports. */
const LAYOUTS: Readonly<Record<string, { files: Record<string, string>; module: string }>> = {
  "a file of the sources": { files: { "web/src/api.ts": typesOf(old) }, module: "./api" },
  "a declaration file": {
    files: { "web/src/api.d.ts": declarationText(typesOf(old)) },
    module: "./api",
  },
  "a stale file": { files: { "web/src/api.ts": typesOf(next) }, module: "./api" },
  "a package in node_modules": {
    files: {
      "web/node_modules/@pyrpc/types/package.json":
        `{ "name": "@pyrpc/types", "version": "0.0.0", "type": "module", "types": "./src/index.ts" }`,
      "web/node_modules/@pyrpc/types/src/index.ts": typesOf(old),
    },
    module: "@pyrpc/types",
  },
  "a package with a declaration map": {
    files: {
      "web/node_modules/@pyrpc/types/package.json":
        `{ "name": "@pyrpc/types", "version": "0.0.0", "type": "module", "types": "./src/index.d.ts" }`,
      "web/node_modules/@pyrpc/types/src/index.ts": typesOf(old),
      "web/node_modules/@pyrpc/types/src/index.d.ts": declarationText(typesOf(old)),
    },
    module: "@pyrpc/types",
  },
  "a package that is not installed": { files: {}, module: "@pyrpc/types" },
  "an alias": {
    files: {
      "web/__pyrpc.ts": typesOf(old),
      "web/tsconfig.json": JSON.stringify({
        compilerOptions: { ...OPTIONS, types: [], paths: { "@pyrpc/types": ["./__pyrpc.ts"] } },
        include: ["src"],
      }),
    },
    module: "@pyrpc/types",
  },
  "another package of the workspace": {
    files: { "shared/api.ts": typesOf(old) },
    module: "../../shared/api",
  },
  "a composite project reference": {
    files: {
      "web/tsconfig.json": `{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }`,
      "web/tsconfig.app.json": JSON.stringify({
        compilerOptions: { ...OPTIONS, types: [], composite: true, outDir: "out" },
        include: ["src"],
        references: [{ path: "./types" }],
      }),
      "web/types/tsconfig.json": JSON.stringify({
        compilerOptions: { ...OPTIONS, types: [], composite: true, outDir: "../out" },
      }),
      "web/types/api.ts": typesOf(old),
    },
    module: "../types/api",
  },
};

for (const [name, { files, module }] of Object.entries(LAYOUTS)) {
  test(`diff --client-root finds types that are ${name}`, { skip }, async () => {
    for (const version of ["5.9", "7.0"] as const) {
      await using folder = await workspace({ ...files, "web/src/use.ts": USE(module) }, version);
      const found = await report(folder);
      assert.deepEqual(found.clients[0].problem, undefined);
      assert.deepEqual(linesOf(found), [LINE], `TypeScript ${version}`);
    }
  });
}

/** Clients that cannot be compiled, with the code of the problem. */
const PROBLEMS: readonly {
  readonly code: string;
  readonly files: Record<string, string>;
  readonly versions?: readonly (TypeScriptVersion | null)[];
}[] = [
  { code: "CLIENT_NO_TYPESCRIPT", files: {}, versions: [null] },
  ...[
    "{ compilerOptions",
    "[]",
    `{ "extends": "./.nuxt/tsconfig.json", "include": ["src"] }`,
    `{ "compilerOptions": { "module": "nothing" }, "include": ["src"] }`,
    `{ "include": ["src"], "references": [{ "path": "./missing" }] }`,
  ].map((text) => ({ code: "CLIENT_BROKEN_TSCONFIG", files: { "web/tsconfig.json": text } })),
  {
    code: "CLIENT_EMPTY_TSCONFIG",
    files: { "web/tsconfig.json": `{ "files": [], "references": [] }` },
  },
  {
    code: "CLIENT_WITHOUT_TYPES",
    files: { "web/src/use.ts": "export const one = 1;\n" },
  },
];

for (const { code, files, versions = ["5.9", "7.0"] as const } of PROBLEMS) {
  test(
    `diff --client-root prints the report and a fix for ${code}: ${JSON.stringify(files)}`,
    { skip },
    async () => {
      for (const version of versions) {
        await using folder = await workspace(
          { "web/src/api.ts": typesOf(old), "web/src/use.ts": USE("./api"), ...files },
          version,
        );
        const result = await diff(folder, "--json");
        const found = JSON.parse(result.stdout);
        assert.equal(found.clients[0].problem?.code, code, `TypeScript ${version}`);
        assert.equal(result.code, 1, "the verdict on the contract stays");
        assert.match(result.stderr, /Cannot compile web: .*\n(?:.*\n)*\s*fix: /);
        const statuses = found.changes.map((change: Report) => change.impact.status);
        assert.ok(!statuses.includes("unused"), "nothing is called unused that was not searched");
        const never = await diff(folder, "--fail-on", "never");
        assert.equal(never.code, 3);
      }
    },
  );
}

test(
  "diff --client-root refuses a folder that does not exist, and a client without tsconfig.json or Node",
  {
    skip,
  },
  async () => {
    await using folder = await workspace({
      "bare/package.json": "{}",
      "web/src/api.ts": typesOf(old),
      "web/src/use.ts": USE("./api"),
    });
    const missing = await diff(folder, "--client-root", "../nowhere");
    assert.equal(missing.code, 3);
    assert.match(missing.stderr, /The client folder "\.\.\/nowhere" does not exist/);
    await mkdir(folder.at("bare/node_modules"));
    await symlink(tscFolder("5.9"), folder.at("bare/node_modules/typescript"), "junction");
    const two = JSON.parse((await diff(folder, "--client-root", "../bare", "--json")).stdout);
    assert.deepEqual(
      two.clients.map(({ root, problem }: Report) => [root, problem?.code]),
      [["web", undefined], ["bare", "CLIENT_NO_TSCONFIG"]],
    );
    assert.deepEqual(linesOf(two), [LINE], "the other client is listed");
    const args = ["diff", "old.json", "new.json", "--client-root", "../web", "--json"];
    const none = await runCli(args, { cwd: folder.at("api"), env: { PATH: folder.at("api") } });
    assert.equal(JSON.parse(none.stdout).clients[0].problem.code, "CLIENT_NO_NODE");
  },
);

test("diff --client-root lists the lines of a client with syntax errors", {
  skip,
}, async () => {
  for (const version of ["5.9", "7.0"] as const) {
    await using folder = await workspace({
      "web/src/api.ts": typesOf(old),
      "web/src/use.ts": USE("./api"),
      "web/src/broken.ts": "export const = ;\nfunction {\n",
    }, version);
    const found = await report(folder);
    assert.deepEqual(linesOf(found), [LINE]);
    assert.ok(found.clients[0].ownErrors > 1);
  }
});

test(
  "diff --client-root does not list errors of files without the types, also in the compiler's library",
  { skip },
  async () => {
    for (const version of ["5.9", "7.0"] as const) {
      await using folder = await workspace({
        "web/src/api.ts": typesOf(old),
        "web/src/use.ts": USE("./api"),
        "web/src/alone.ts": `export const one: number = "two";\n`,
        "web/src/globals.d.ts": "declare let Array: number;\n",
      }, version);
      const found = await report(folder);
      assert.deepEqual(linesOf(found), [LINE], `TypeScript ${version}`);
      assert.deepEqual(found.otherLines, [], `TypeScript ${version}`);
    }
  },
);

test(
  "diff --client-root leaves the types of another backend alone",
  { skip },
  async () => {
    const other = typesOf({ ping: { ...(old["legacy"] as object), name: "ping" } });
    await using folder = await workspace({
      "web/src/api.ts": typesOf(old),
      "web/src/other.ts": other,
      "web/src/use.ts": `${USE("./api")}export type { Types as Other } from "./other";
declare const other: import("./other").Types;
export const ping: Promise<string> = other.ping();
`,
    });
    assert.deepEqual(linesOf(await report(folder)), [LINE]);
  },
);

test("diff --clients compiles the clients of pyrpc.json with their targets and procedures", {
  skip,
}, async () => {
  await using folder = await workspace({
    "web/src/use.ts": USE("@acme/api"),
    "api/main.py": "",
    "api/pyrpc.json": JSON.stringify({
      framework: "fastapi",
      entrypoint: "main:app",
      distribution: "workspace",
      client_root: [{ root: "../web", target: "@acme/api", exclude: ["legacy"] }],
    }),
  });
  const { stdout, stderr } = await runCli(["diff", "old.json", "new.json", "--clients", "--json"], {
    cwd: folder.at("api"),
    env: { PATH: process.env["PATH"] },
  });
  assert.equal(stderr, "");
  assert.deepEqual(linesOf(JSON.parse(stdout)), [LINE]);
});

test("WORKER_SOURCES has every file of the worker", async () => {
  const folder = join(ROOT, "lib/breakage/worker");
  const names = (await readdir(folder)).map((name) => name.replace(".cjs", "")).sort();
  assert.deepEqual(Object.keys(WORKER_SOURCES).sort(), names);
  for (const name of names) {
    assert.equal(WORKER_SOURCES[name], await readFile(join(folder, `${name}.cjs`), "utf8"));
  }
});
