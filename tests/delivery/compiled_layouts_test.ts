import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deliver,
  planDelivery,
  resolveTarget,
  type Target,
  typesOf,
  withFlags,
} from "../../lib/delivery/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { runTsc, strictOptions, TYPESCRIPT_VERSIONS } from "../support/typescript.ts";
import { casesToRun } from "../support/verify.ts";

const TYPES = typesOf(contractOf({ greet: {} }))(undefined);
const USE = 'import type { Types } from "@pyrpc/types";\nexport type Greet = Types["greet"];\n' +
  "export const fails: Types = 1 as never;\nexport type Missing = Types extends { greet: unknown } ? 1 : never;\n" +
  "export const found: Missing = 1;\n";

interface Row {
  readonly name: string;
  readonly layout: "package" | "alias";
  readonly manifest: object;
  readonly tsconfig: object;
}

const node16 = { strict: true, module: "node16", moduleResolution: "node16", outDir: "out" };
const bundler = { strict: true, module: "esnext", moduleResolution: "bundler", noEmit: true };
const ROWS: readonly Row[] = [
  { name: "CommonJS, node16", layout: "package", manifest: {}, tsconfig: node16 },
  {
    name: "ES modules, node16, verbatimModuleSyntax",
    layout: "package",
    manifest: { type: "module" },
    tsconfig: { ...node16, verbatimModuleSyntax: true },
  },
  { name: "bundler", layout: "package", manifest: {}, tsconfig: bundler },
  {
    name: "bundler, verbatimModuleSyntax",
    layout: "package",
    manifest: {},
    tsconfig: { ...bundler, verbatimModuleSyntax: true },
  },
  {
    name: "rootDir",
    layout: "alias",
    manifest: {},
    tsconfig: { ...bundler, noEmit: false, outDir: "out", rootDir: "src" },
  },
  {
    name: "composite",
    layout: "alias",
    manifest: { type: "module" },
    tsconfig: { ...node16, composite: true, rootDir: "src" },
  },
  {
    name: "composite without rootDir",
    layout: "alias",
    manifest: {},
    tsconfig: { ...bundler, composite: true },
  },
];

const isInGate = ({ name }: Row) =>
  name.startsWith("CommonJS") || ["rootDir", "composite without rootDir"].includes(name);

for (const { name, layout, manifest, tsconfig } of casesToRun(ROWS, isInGate)) {
  test(`the ${layout} layout compiles in a project with ${name}`, async () => {
    await using folder = await tempFolder({
      "package.json": JSON.stringify({ name: "x", ...manifest }),
      "tsconfig.json": JSON.stringify({ compilerOptions: tsconfig, include: ["src"] }),
      "src/use.ts": USE,
    });
    const target: Target = { writer: "dev", start: folder.path, isClient: true, layout };
    deliver(planDelivery(resolveTarget(target), TYPES), "write");
    assert.equal(await runTsc(folder.path, "5.9"), "");
  });
}

// Only types: a CommonJS module cannot have "export const" with verbatimModuleSyntax.
const USE_TYPES =
  'import type { Types } from "@pyrpc/types";\nexport type Greet = Types["greet"];\n' +
  '// @ts-expect-error a type that was not found would be "any"\nexport type Missing = Types["missing"];\n';
const RESOLUTIONS = [["node16", "node16"], ["nodenext", "nodenext"], [
  "esnext",
  "bundler",
]] as const;

for (const version of casesToRun(TYPESCRIPT_VERSIONS, (version) => version === "7.0")) {
  test(`one package compiles in ES modules and CommonJS clients (TypeScript ${version})`, async () => {
    await using folder = await tempFolder({
      "esm/package.json": '{ "type": "module" }',
      "esm/use.ts": USE_TYPES,
      "commonjs/package.json": "{}",
      "commonjs/use.ts": USE_TYPES,
    });
    const flags = { out: "node_modules/@pyrpc/types", layout: "package" } as const;
    const target = withFlags({ writer: "codegen", start: folder.path }, flags, folder.path);
    deliver(planDelivery(resolveTarget(target), TYPES), "write");
    for (const [module, moduleResolution] of RESOLUTIONS) {
      for (const verbatimModuleSyntax of [true, false]) {
        const errors = await runTsc(folder.path, version, {
          ...strictOptions(version),
          module,
          moduleResolution,
          verbatimModuleSyntax,
          files: ["esm/use.ts", "commonjs/use.ts"],
        });
        assert.equal(errors, "", `${module}, verbatimModuleSyntax ${verbatimModuleSyntax}`);
      }
    }
  });
}
