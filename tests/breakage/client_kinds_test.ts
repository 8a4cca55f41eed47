import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { type ContractDocument, typesOf } from "../support/broken_client.ts";
import { baseContract, BREAKING_CASES } from "../support/broken_client_cases.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { tscFolder } from "../support/typescript.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

const skip = RUNS_ALL_CASES ? requireTool("node").skip : "part of deno task verify breakage";
const OPTIONS = {
  target: "es2022",
  lib: ["ES2022"],
  module: "esnext",
  moduleResolution: "bundler",
  strict: true,
  types: [],
};
const config = (options: object, rest: object = { include: ["src"] }) =>
  JSON.stringify({ compilerOptions: { ...OPTIONS, ...options }, ...rest });

// Without Product.in_stock, and with another type of Product.price.
const old = baseContract();
const next = baseContract();
BREAKING_CASES[0]!.edit(next);
BREAKING_CASES[1]!.edit(next);

const NAMES = ["a-b", "constructor", "class", "toString", "ünï", "then"];
const named = baseContract();
for (const name of NAMES) named[name] = { ...(old["legacy"] as object), name };

const use = (module: string) =>
  `import type { Product } from "${module}";
export const both = (p: Product): [boolean, number] => [p.in_stock, p.price * 2];
`;
const SCRIPT = `/** @param {import("./api").Types} rpc */
export const first = async (rpc) => (await rpc.list_products())[0]?.in_stock;
`;

interface ClientKind {
  readonly files: Readonly<Record<string, string>>;
  readonly before?: ContractDocument;
  /** The lines that break as `file:line uses declaration`. */
  readonly lines: readonly string[];
  /** Lines with a use that compiles. */
  readonly uses?: readonly string[];
}

const KINDS: Readonly<Record<string, ClientKind>> = {
  "in JavaScript with checkJs": {
    files: {
      "tsconfig.json": config({ allowJs: true, checkJs: true, noEmit: true }),
      "src/api.ts": typesOf(old),
      "src/use.js": SCRIPT,
    },
    lines: ["src/use.js:2 uses Product.in_stock"],
  },
  "with jsconfig.json": {
    files: {
      "jsconfig.json": config({ checkJs: true }),
      "src/api.ts": typesOf(old),
      "src/use.js": SCRIPT,
    },
    lines: ["src/use.js:2 uses Product.in_stock"],
  },
  "in JavaScript that is not checked": {
    files: {
      "tsconfig.json": config({ allowJs: true, noEmit: true }),
      "src/api.ts": typesOf(old),
      "src/use.js": SCRIPT,
    },
    lines: [],
    uses: ["src/use.js:2"],
  },
  "with two changes in one line": {
    files: {
      "tsconfig.json": config({ noEmit: true }),
      "src/api.ts": typesOf(old),
      "src/use.ts": use("./api"),
    },
    lines: ["src/use.ts:2 uses Product.in_stock", "src/use.ts:2 uses Product.price"],
  },
  "that exports the types again": {
    files: {
      "tsconfig.json": config({ noEmit: true }),
      "src/api.ts": typesOf(old),
      "src/types.ts": 'export * from "./api";\nexport type { Product as Item } from "./api";\n',
      "src/use.ts": `import type { Item, Types } from "./types";
interface Card extends Pick<Item, "in_stock" | "id"> { title: string }
export const title = (card: Card) => card.title;
type Result = Awaited<ReturnType<Types["get_product"]>>;
export const price = (result: Result) => result.price.toFixed(2);
export const key: keyof Item = "in_stock";
`,
    },
    lines: [
      "src/use.ts:2 uses Product.in_stock",
      "src/use.ts:5 uses Product.price",
      "src/use.ts:6 uses Product.in_stock",
    ],
  },
  "of several packages with project references and paths": {
    files: {
      "tsconfig.json": JSON.stringify({
        files: [],
        references: [{ path: "./packages/app" }, { path: "./packages/api" }],
      }),
      "base.json": JSON.stringify({
        compilerOptions: {
          ...OPTIONS,
          composite: true,
          paths: { "@acme/*": ["./packages/*/src"] },
        },
      }),
      "packages/api/tsconfig.json": JSON.stringify({
        extends: "../../base.json",
        compilerOptions: { outDir: "out", rootDir: "src" },
        include: ["src"],
      }),
      "packages/api/src/index.ts": 'export * from "./generated.js";\n',
      "packages/api/src/generated.ts": typesOf(old),
      "packages/app/tsconfig.json": JSON.stringify({
        extends: "../../base.json",
        compilerOptions: { outDir: "out" },
        include: ["src"],
        references: [{ path: "../api" }],
      }),
      "packages/app/src/use.ts": use("@acme/api"),
    },
    lines: [
      "packages/app/src/use.ts:2 uses Product.in_stock",
      "packages/app/src/use.ts:2 uses Product.price",
    ],
  },
  "that imports a built package, which it refers to": {
    files: {
      "tsconfig.json": config({ noEmit: true, paths: { "@acme/api": ["./api/dist/index.d.ts"] } }, {
        include: ["src"],
        references: [{ path: "./api" }],
      }),
      "api/tsconfig.json": config({ composite: true, rootDir: "src", outDir: "dist" }),
      "api/src/index.ts": 'export * from "./generated";\n',
      "api/src/generated.ts": typesOf(old),
      "api/dist/index.d.ts": 'export * from "./generated";\n',
      "api/dist/generated.d.ts": "export type Product = { in_stock: boolean; price: number };\n",
      "src/use.ts": use("@acme/api"),
    },
    lines: ["src/use.ts:2 uses Product.in_stock", "src/use.ts:2 uses Product.price"],
  },
  "with spaces and other characters in its paths": {
    files: {
      "tsconfig.json": config({ noEmit: true }),
      "src/größe [id]/api.ts": typesOf(old),
      "src/größe [id]/p%20a,ge.ts": use("./api"),
    },
    lines: [
      "src/größe [id]/p%20a,ge.ts:2 uses Product.in_stock",
      "src/größe [id]/p%20a,ge.ts:2 uses Product.price",
    ],
  },
  "whose procedures have names of JavaScript": {
    before: named,
    files: {
      "tsconfig.json": config({ noEmit: true }),
      "src/api.ts": typesOf(named),
      "src/use.ts": `import type { Types } from "./api";
declare const rpc: Types;
export const a = () => rpc["a-b"]();
export const b = () => rpc.constructor();
export const c = () => rpc.class();
export const d = () => rpc["ünï"]();
export const e = () => rpc.toString();
`,
    },
    lines: ["src/use.ts:3 uses a-b", "src/use.ts:5 uses class", "src/use.ts:6 uses ünï"],
    // Every object has these members.
    uses: ["src/use.ts:4", "src/use.ts:7"],
  },
};

for (const [name, { files, before = old, lines, uses = [] }] of Object.entries(KINDS)) {
  test(`diff --client-root compiles a client ${name}`, { skip }, async () => {
    for (const version of ["5.9", "7.0"] as const) {
      await using folder = await tempFolder({
        "package.json": `{ "name": "web", "private": true, "type": "module" }`,
        ...files,
        "old.json": JSON.stringify(before),
        "new.json": JSON.stringify(next),
      });
      await mkdir(folder.at(".git"));
      await mkdir(folder.at("node_modules"));
      await symlink(tscFolder(version), folder.at("node_modules/typescript"), "junction");
      const args = ["diff", "old.json", "new.json", "--client-root", "."];
      const options = { cwd: folder.path, env: { PATH: process.env["PATH"] } };
      const { stdout, block } = await runCli([...args, "--json"], options);
      const report = JSON.parse(stdout);
      assert.equal(report.clients[0].problem, undefined, block);
      // deno-lint-ignore no-explicit-any
      const all = (pick: (impact: any) => readonly string[]) =>
        // deno-lint-ignore no-explicit-any
        [...new Set(report.changes.flatMap(({ impact }: any) => pick(impact)))].sort();
      const listed = all((impact) =>
        // deno-lint-ignore no-explicit-any
        impact.lines.map(({ file, line, uses }: any) => `${file}:${line} uses ${uses}`)
      );
      assert.deepEqual(listed, lines, `TypeScript ${version}`);
      // deno-lint-ignore no-explicit-any
      const used = all((impact) => impact.uses.map(({ file, line }: any) => `${file}:${line}`));
      assert.deepEqual(used, uses, `TypeScript ${version}`);
      assert.deepEqual(report.otherLines, []);
    }
  });
}
