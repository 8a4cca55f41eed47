import { join } from "node:path";
import { linkPackages } from "./npm_packages.ts";
import { type TempFolder, tempFolder } from "./temp_folder.ts";

/** A project as the framework's own generator makes it. */
export interface Framework {
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

/** The frameworks. */
export const FRAMEWORKS: readonly Framework[] = [
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

/** A project whose installed packages are those of the cache, in a folder of the returned one. */
export async function projectOf({ packages, files }: Framework, below = ""): Promise<TempFolder> {
  const all = Object.entries({ ...files, "src/keep.ts": "export {};\n" });
  const folder = await tempFolder(
    Object.fromEntries(all.map(([path, text]) => [join(below, path), text])),
  );
  await linkPackages(folder.at(below), packages);
  return folder;
}
