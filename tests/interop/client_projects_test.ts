import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../../scripts/project.ts";
import { documentOf } from "../support/contracts.ts";
import { requireTool } from "../support/external.ts";
import { serveHttp } from "../support/http_server.ts";
import { linkPackages } from "../support/npm_packages.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

/** A project as the framework's own generator makes it. */
interface Framework {
  readonly name: string;
  readonly packages: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** A module of the user's. */
  readonly use: string;
  /** The module around the text that uses the types. */
  readonly module?: (text: string) => string;
  /** Programs of the packages, run in order: the framework's own type check. */
  readonly check: readonly (readonly string[])[];
  /** Adds the line that pyrpc proposes for an alias to the framework's configuration. */
  readonly addAlias?: readonly [file: string, place: string];
}

const TSC = ["typescript/bin/tsc", "--noEmit"];
const VITE_OPTIONS = {
  target: "es2023",
  module: "esnext",
  lib: ["ES2023", "DOM"],
  types: ["vite/client"],
  allowArbitraryExtensions: true,
  skipLibCheck: true,
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  moduleDetection: "force",
  noEmit: true,
  strict: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  erasableSyntaxOnly: true,
  noFallthroughCasesInSwitch: true,
};

const FRAMEWORKS: readonly Framework[] = [
  {
    name: "Vite",
    packages: ["vite@8.4.0", "typescript@5.9.3"],
    files: {
      "package.json": `{ "name": "web", "private": true, "type": "module" }`,
      "tsconfig.json": JSON.stringify({ compilerOptions: VITE_OPTIONS, include: ["src"] }),
    },
    use: "src/use.ts",
    check: [TSC],
  },
  {
    name: "Vite with references",
    packages: ["vite@8.4.0", "typescript@5.9.3"],
    files: {
      "package.json": `{ "name": "web", "private": true, "type": "module" }`,
      "vite.config.ts":
        `import { defineConfig } from "vite";\nexport default defineConfig({ plugins: [] });\n`,
      "tsconfig.json":
        `{ "files": [], "references": [{ "path": "./tsconfig.app.json" }, { "path": "./tsconfig.node.json" }] }`,
      "tsconfig.app.json": JSON.stringify({ compilerOptions: VITE_OPTIONS, include: ["src"] }),
      "tsconfig.node.json": JSON.stringify({
        compilerOptions: { ...VITE_OPTIONS, types: [] },
        include: ["vite.config.ts"],
      }),
    },
    use: "src/use.ts",
    check: [["typescript/bin/tsc", "-b"]],
  },
  {
    name: "Next",
    packages: [
      "next@16.4.6",
      "react@19.3.1",
      "react-dom@19.3.1",
      "@types/react@19.3.3",
      "typescript@5.9.3",
    ],
    files: {
      "package.json": `{ "name": "web", "private": true }`,
      "next-env.d.ts": `/// <reference types="next" />\n`,
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          target: "ES2017",
          lib: ["dom", "dom.iterable", "esnext"],
          allowJs: true,
          skipLibCheck: true,
          strict: true,
          noEmit: true,
          esModuleInterop: true,
          module: "esnext",
          moduleResolution: "bundler",
          resolveJsonModule: true,
          isolatedModules: true,
          jsx: "react-jsx",
          incremental: true,
          plugins: [{ name: "next" }],
          paths: { "@/*": ["./*"] },
        },
        include: ["next-env.d.ts", "**/*.ts", "**/*.tsx", ".next/types/**/*.ts"],
        exclude: ["node_modules"],
      }),
    },
    use: "app/page.tsx",
    module: (text) => `${text}export default function Page() { return <p>{typeof call}</p>; }\n`,
    check: [TSC],
  },
  {
    name: "SvelteKit",
    packages: [
      "@sveltejs/kit@2.63.0",
      "svelte@5.57.3",
      "svelte-check@4.7.8",
      "vite@8.4.0",
      "@sveltejs/vite-plugin-svelte@7.3.1",
      "typescript@5.9.3",
    ],
    files: {
      "package.json": `{ "name": "web", "private": true, "type": "module" }`,
      "vite.config.ts":
        `import { sveltekit } from "@sveltejs/kit/vite";\nimport { defineConfig } from "vite";\n` +
        `export default defineConfig({ plugins: [sveltekit({ })] });\n`,
      "tsconfig.json":
        `{ "extends": "./.svelte-kit/tsconfig.json", "compilerOptions": { "strict": true, "allowJs": true, "checkJs": true,\n` +
        `"rewriteRelativeImportExtensions": true, "skipLibCheck": true, "moduleResolution": "bundler" } // generated\n}`,
      "src/app.html": "<html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
    },
    use: "src/routes/+page.svelte",
    module: (text) => `<script lang="ts">\n${text}</script>\n<p>{typeof call}</p>\n`,
    check: [["@sveltejs/kit/svelte-kit.js", "sync"], ["svelte-check/bin/svelte-check"]],
    addAlias: ["vite.config.ts", "sveltekit({ "],
  },
  {
    name: "Nuxt",
    packages: ["nuxt@4.5.2", "vue@3.5.45", "vue-tsc@3.3.14", "typescript@5.9.3"],
    files: {
      "package.json": `{ "name": "web", "private": true, "type": "module" }`,
      "nuxt.config.ts": "export default defineNuxtConfig({ telemetry: false, });\n",
      "tsconfig.json": JSON.stringify({
        files: [],
        references: ["app", "server", "shared", "node"]
          .map((name) => ({ path: `./.nuxt/tsconfig.${name}.json` })),
      }),
    },
    use: "app/app.vue",
    module: (text) =>
      `<script setup lang="ts">\n${text}</script>\n<template><p>{{ typeof call }}</p></template>\n`,
    check: [["nuxt/bin/nuxt.mjs", "prepare"], ["vue-tsc/bin/vue-tsc.js", "-b", "--noEmit"]],
    addAlias: ["nuxt.config.ts", "telemetry: false, "],
  },
  {
    name: "Angular",
    packages: [
      "@angular/core@21.2.26",
      "@angular/common@21.2.26",
      "@angular/compiler@21.2.26",
      "@angular/compiler-cli@21.2.26",
      "rxjs@7.8.2",
      "tslib@2.9.1",
      "typescript@5.9.3",
    ],
    files: {
      "package.json": `{ "name": "web", "private": true }`,
      "tsconfig.json": JSON.stringify({
        compileOnSave: false,
        compilerOptions: {
          strict: true,
          noImplicitOverride: true,
          noPropertyAccessFromIndexSignature: true,
          noImplicitReturns: true,
          noFallthroughCasesInSwitch: true,
          skipLibCheck: true,
          isolatedModules: true,
          experimentalDecorators: true,
          importHelpers: true,
          target: "ES2022",
          module: "preserve",
        },
        angularCompilerOptions: { strictTemplates: true },
        files: [],
        references: [{ path: "./tsconfig.app.json" }],
      }),
      "tsconfig.app.json": `/* Angular's own comment. */\n${
        JSON.stringify({
          extends: "./tsconfig.json",
          compilerOptions: { outDir: "./out-tsc/app", types: [] },
          include: ["src/**/*.ts"],
          exclude: ["src/**/*.spec.ts"],
        })
      }`,
    },
    use: "src/app.ts",
    module: (text) =>
      `import { Component } from "@angular/core";\n${text}` +
      `@Component({ selector: "app-root", template: "{{ kind }}" })\nexport class App { readonly kind = typeof call; }\n`,
    check: [["@angular/compiler-cli/bundles/src/bin/ngc.js", "-p", "tsconfig.app.json"]],
  },
];

interface Layout {
  readonly args: readonly string[];
  readonly from: (file: string) => string;
}

const up = (file: string) => "../".repeat(file.split("/").length - 1);
const LAYOUTS: Readonly<Record<string, Layout>> = {
  package: { args: ["--layout", "package", "--client"], from: () => "@pyrpc/types" },
  alias: { args: ["--layout", "alias"], from: () => "@pyrpc/types" },
  file: { args: ["--out", "src/api.ts", "--client"], from: (file) => `${up(file)}src/api` },
};

const node = requireTool("node");
const DOCUMENT = JSON.stringify(
  documentOf({ add: { parameters: [{ name: "a" }, { name: "b" }] } }),
);

function useOf({ use, module = (text) => text }: Framework, from: string, client?: string): string {
  const created = client === undefined
    ? ""
    : `import { createClient } from "${client}";\nexport const rpc = createClient<Types>({ baseUrl: "x" });\n`;
  const text = `import type { Types } from "${from}";\n${created}` +
    `export const call = (rpc: Types): Promise<unknown> => rpc.add(1, 2);\n`;
  const isModule = /\.tsx?$/.test(use);
  return module(isModule ? text : text.replaceAll("export const", "const"));
}

/** A project whose installed packages are those of the cache. */
async function projectOf({ packages, files }: Framework): Promise<TempFolder> {
  const folder = await tempFolder({ ...files, "src/keep.ts": "export {};\n" });
  await linkPackages(folder.path, packages);
  return folder;
}

async function check({ check: commands }: Framework, folder: TempFolder): Promise<string> {
  for (const [program = "", ...args] of commands) {
    const words = [folder.at("node_modules", program), ...args];
    const { code, stdout, stderr } = await run(node.path, words, {
      cwd: folder.path,
      env: { CI: "1", NUXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" },
    });
    if (code !== 0) return `${program}: exit code ${code}\n${stdout}${stderr}`;
  }
  return "";
}

// Adds the member that the error proposes, as a person does.
async function followFix(stderr: string, { addAlias }: Framework, folder: TempFolder) {
  const proposed = /Add (?:kit: \{ )?(alias: \{.*?\})/.exec(stderr)?.[1];
  assert.ok(proposed !== undefined && addAlias !== undefined, stderr);
  const [file, place] = addAlias;
  const text = await readFile(folder.at(file), "utf8");
  await writeFile(folder.at(file), text.replace(place, `${place}${proposed}, `));
}

for (const framework of RUNS_ALL_CASES ? FRAMEWORKS : []) {
  for (const [layout, { args, from }] of Object.entries(LAYOUTS)) {
    test(`${framework.name} compiles the ${layout} layout`, { skip: node.skip }, async () => {
      await using server = await serveHttp((_, response) => void response.end(DOCUMENT));
      await using folder = await projectOf(framework);
      const sync = () => runCli(["sync", server.url, ...args], { cwd: folder.path });
      let result = await sync();
      if (layout === "alias" && framework.addAlias !== undefined) {
        assert.equal(result.code, 3, result.block);
        await followFix(result.stderr, framework, folder);
        result = await sync();
      }
      assert.equal(result.code, 0, result.block);
      assert.doesNotMatch(result.stderr, /rejects|does not resolve|composite/);
      const module = from(framework.use);
      const client = layout === "alias"
        ? undefined
        : layout === "package"
        ? `${module}/client`
        : module.replace(/api$/, "pyrpc-client");
      const text = useOf(framework, module, client);
      await mkdir(join(folder.at(framework.use), ".."), { recursive: true });
      await writeFile(folder.at(framework.use), text);
      assert.equal(await check(framework, folder), "");
      // The check sees the types: it rejects a call that they do not have.
      await writeFile(folder.at(framework.use), text.replace("rpc.add(1, 2)", "rpc.nothing()"));
      assert.match(await check(framework, folder), /nothing/);
    });
  }
}

if (!RUNS_ALL_CASES) {
  test("client projects compile", { skip: "deno task verify clients" }, () => {});
}
