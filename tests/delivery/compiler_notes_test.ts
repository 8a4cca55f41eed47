import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import {
  type ChosenLayout,
  deliver,
  planDelivery,
  resolveTarget,
  type Target,
  typesOf,
} from "../../lib/delivery/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { runTsc } from "../support/typescript.ts";
import { casesToRun } from "../support/verify.ts";

const TYPES = typesOf(contractOf({ greet: {} }))(undefined);
const bundler = { strict: true, module: "esnext", moduleResolution: "bundler", types: [] };
const composite = { ...bundler, composite: true, outDir: "out" };

interface Row {
  readonly name: string;
  readonly layout?: "package" | "alias";
  /** The file of the types. */
  readonly out?: string;
  /** Import of the types in `src/use.ts`. */
  readonly from?: string;
  /** Configurations by their file. */
  readonly configs: Readonly<Record<string, object>>;
  readonly files?: Readonly<Record<string, string>>;
  /** The note; undefined for a project that compiles. */
  readonly note?: RegExp;
  /** The proposal of the note. */
  readonly fixed?: { readonly out?: string; readonly configs?: Readonly<Record<string, object>> };
  /** The compiled configuration, if not `tsconfig.json`. */
  readonly project?: string;
}

const OUT = { out: "gen/api.ts", from: "../gen/api" };
const ROWS: readonly Row[] = [
  { name: "everything", ...OUT, configs: { "tsconfig.json": { compilerOptions: bundler } } },
  {
    name: "include of another folder: the import brings it in",
    ...OUT,
    configs: { "tsconfig.json": { compilerOptions: bundler, include: ["src"] } },
  },
  {
    name: "rootDir",
    ...OUT,
    configs: {
      "tsconfig.json": { compilerOptions: { ...bundler, rootDir: "src" }, include: ["src"] },
    },
    note: /tsconfig\.json rejects gen\/api\.ts .* "rootDir" \(src\): write it below that folder/,
    fixed: { out: "src/api.ts" },
  },
  {
    name: "rootDir in a package that is extended",
    ...OUT,
    files: {
      "node_modules/@tsconfig/web/tsconfig.json":
        `{ "compilerOptions": { "rootDir": "\${configDir}/src", // of the client\n } }`,
    },
    configs: {
      "tsconfig.json": {
        extends: "@tsconfig/web/tsconfig.json",
        compilerOptions: bundler,
        include: ["src"],
      },
    },
    note: /"rootDir" \(src\)/,
    fixed: { out: "src/api.ts" },
  },
  {
    name: "declarations outside of rootDir",
    out: "gen/api.d.ts",
    from: "../gen/api",
    configs: {
      "tsconfig.json": { compilerOptions: { ...bundler, rootDir: "src" }, include: ["src"] },
    },
  },
  {
    name: "composite, not included",
    ...OUT,
    configs: { "tsconfig.json": { compilerOptions: composite, include: ["src"] } },
    note: /composite and does not list gen\/api\.ts: add "gen\/api\.ts" to its "include"/,
    fixed: {
      configs: { "tsconfig.json": { compilerOptions: composite, include: ["src", "gen/api.ts"] } },
    },
  },
  {
    name: "composite, files",
    ...OUT,
    configs: { "tsconfig.json": { compilerOptions: composite, files: ["src/use.ts"] } },
    note: /add "gen\/api\.ts" to its "files"/,
    fixed: {
      configs: {
        "tsconfig.json": { compilerOptions: composite, files: ["src/use.ts", "gen/api.ts"] },
      },
    },
  },
  {
    name: "composite, excluded",
    ...OUT,
    configs: { "tsconfig.json": { compilerOptions: composite, exclude: ["gen", "out"] } },
    note: /excludes gen\/api\.ts: remove it from "exclude"/,
    fixed: { configs: { "tsconfig.json": { compilerOptions: composite, exclude: ["out"] } } },
  },
  {
    name: "composite, included by an inherited pattern",
    ...OUT,
    configs: {
      "base.json": { include: ["${configDir}/**/a?i.ts", "src/*"] },
      "tsconfig.json": { extends: "./base.json", compilerOptions: composite },
    },
  },
  {
    name: "composite, patterns skip hidden folders",
    out: ".gen/api.ts",
    from: "../.gen/api",
    configs: { "tsconfig.json": { compilerOptions: composite, include: ["**/*.ts"] } },
    note: /add "\.gen\/api\.ts"/,
    fixed: { out: "gen/api.ts" },
  },
  {
    name: "references: the project of the sources",
    ...OUT,
    configs: {
      "tsconfig.json": { files: [], references: [{ path: "./app.json" }, { path: "./node.json" }] },
      "app.json": { compilerOptions: composite, include: ["src"] },
      "node.json": { compilerOptions: bundler, include: ["vite.config.ts"] },
    },
    files: { "vite.config.ts": "export {};\n" },
    project: "app.json",
    note: /app\.json is composite and does not list gen\/api\.ts/,
    fixed: { configs: { "app.json": { compilerOptions: composite, include: ["src", "gen"] } } },
  },
  {
    name: "an alias of a project that the solution refers to",
    layout: "alias",
    from: "@pyrpc/types",
    configs: {
      "tsconfig.json": { files: [], references: [{ path: "./src" }] },
      "src/tsconfig.json": { compilerOptions: bundler },
    },
    project: "src/tsconfig.json",
    note:
      /^src\/tsconfig\.json does not resolve @pyrpc\/types: add to its "paths": "@pyrpc\/types": \["\.\.\/__pyrpc\.ts"\]$/,
    fixed: {
      configs: {
        "src/tsconfig.json": {
          compilerOptions: { ...bundler, paths: { "@pyrpc/types": ["../__pyrpc.ts"] } },
        },
      },
    },
  },
  {
    name: "a package that paths hide",
    layout: "package",
    from: "@pyrpc/types",
    files: { "old/types.ts": "export interface Other {}\n" },
    configs: {
      "tsconfig.json": { compilerOptions: { ...bundler, paths: { "@pyrpc/*": ["./old/*"] } } },
    },
    note:
      /resolves @pyrpc\/types to old\/types\.ts.*remove "@pyrpc\/\*" from "paths" in tsconfig\.json/,
    fixed: { configs: { "tsconfig.json": { compilerOptions: bundler } } },
  },
  {
    name: "paths without a file do not hide the package",
    layout: "package",
    from: "@pyrpc/types",
    configs: {
      "tsconfig.json": { compilerOptions: { ...bundler, paths: { "@pyrpc/*": ["./old/*"] } } },
    },
  },
  {
    name: "classic resolution",
    layout: "package",
    from: "@pyrpc/types",
    configs: {
      "tsconfig.json": {
        compilerOptions: { ...bundler, module: "es2015", moduleResolution: "classic" },
      },
    },
    note: /does not look for packages: set "moduleResolution": "bundler"/,
    fixed: { configs: { "tsconfig.json": { compilerOptions: bundler } } },
  },
];

function deliverTo(folder: string, { layout, out }: Pick<Row, "layout" | "out">): ChosenLayout {
  const target: Target = {
    writer: "sync",
    start: folder,
    layout,
    out: out === undefined ? undefined : `${folder}/${out}`,
  };
  deliver(planDelivery(resolveTarget(target), TYPES), "write");
  // Also once they are there: doctor and the next delivery report the same.
  return resolveTarget(target);
}

const tsc = (folder: string, project = "tsconfig.json") =>
  runTsc(folder, "5.9", undefined, project);

const isInGate = ({ name }: Row) => name === "composite, excluded";
const compiled = new Set(casesToRun(ROWS, isInGate));

for (const row of ROWS) {
  test(`the compiler and the types: ${row.name}`, async () => {
    const use = (from: string) =>
      `import type { Types } from "${from}";\n` +
      `export const found: Types extends { greet: unknown } ? 1 : never = 1;\n`;
    await using folder = await tempFolder({
      "package.json": "{}",
      ...row.files,
      ...texts(row.configs),
      "src/use.ts": use(row.from ?? ""),
    });
    const { notes } = deliverTo(folder.path, row);
    assert.equal(notes.length, row.note === undefined ? 0 : 1, notes.join("\n"));
    if (row.note !== undefined) assert.match(notes.join(), row.note);
    const errors = compiled.has(row) ? await tsc(folder.path, row.project) : undefined;
    if (errors !== undefined) assert.equal(errors === "", row.note === undefined, errors);
    const { fixed } = row;
    if (fixed === undefined) return;
    for (const [name, text] of Object.entries(texts(fixed.configs ?? {}))) {
      await writeFile(folder.at(name), text);
    }
    if (fixed.out !== undefined) {
      const from = fixed.out.startsWith("src/") ? "./api" : "../gen/api";
      await writeFile(folder.at("src/use.ts"), use(from));
    }
    assert.deepEqual(deliverTo(folder.path, { ...row, ...fixed }).notes, []);
    if (errors !== undefined) assert.equal(await tsc(folder.path, row.project), "");
  });
}

function texts(configs: Readonly<Record<string, object>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configs).map(([name, value]) => [name, JSON.stringify(value)]),
  );
}
