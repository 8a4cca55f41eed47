import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { clientText } from "../../lib/client/mod.ts";
import {
  CLIENT_COMPILERS,
  compilerErrors,
  REACT_PACKAGES,
  typesOf,
  viteReactProject,
} from "../support/broken_client.ts";
import { baseContract, BREAKING_CASES, CLIENT_FILES } from "../support/broken_client_cases.ts";
import { requireTool } from "../support/external.ts";
import { npmPackages } from "../support/npm_packages.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun, RUNS_ALL_CASES } from "../support/verify.ts";

const node = requireTool("node");
const CONFIGS = ["tsconfig.app.json", "tsconfig.node.json"];

for (const typescript of CLIENT_COMPILERS) {
  test(
    `diff --client-root lists the errors that tsc ${typescript} has with the new types, in a Vite project`,
    { skip: RUNS_ALL_CASES ? node.skip : "part of deno task verify breakage" },
    async () => {
      const old = baseContract();
      const types = typesOf(old);
      await using folder = await viteReactProject({
        ...CLIENT_FILES,
        "web/src/api.ts": types,
        "web/src/pyrpc-client.ts": clientText(),
        "api/old.json": JSON.stringify(old),
      }, typescript);
      const api = folder.at("web/src/api.ts");
      const before = await compilerErrors(folder.at("web"), CONFIGS);
      assert.deepEqual(
        [...before],
        ["src/catalog.tsx:10:9 TS2322"],
        "the client has one error of its own",
      );
      for (const one of casesToRun(BREAKING_CASES, () => false)) {
        const next = baseContract();
        one.edit(next);
        await folder.write({ "api/new.json": JSON.stringify(next) });
        const { stdout, code, files } = await runCli(
          ["diff", "old.json", "new.json", "--client-root", "../web", "--json"],
          { cwd: folder.at("api"), env: { PATH: process.env["PATH"] } },
        );
        assert.deepEqual(files, {}, "nothing is written");
        const report = JSON.parse(stdout);
        assert.equal(code, report.severity === "breaking" ? 1 : 0);
        assert.deepEqual(report.clients[0].problem, undefined);

        await writeFile(api, typesOf(next));
        const after = await compilerErrors(folder.at("web"), ["tsconfig.app.json"]);
        await writeFile(api, types);
        const wanted = [...after].filter((error) => !before.has(error)).sort();
        // deno-lint-ignore no-explicit-any
        const lines = report.changes.flatMap((change: any) => change.impact.lines)
          .concat(report.otherLines);
        const listed = new Set<string>(
          // deno-lint-ignore no-explicit-any
          lines.map(({ file, line, column, code }: any) =>
            `${file.replace("web/", "")}:${line}:${column} ${code}`
          ),
        );
        assert.deepEqual([...listed].sort(), wanted, `${one.name}: the errors of tsc`);

        const below: Record<string, string[]> = {};
        const statuses: Record<string, string> = {};
        for (const { rule, impact } of report.changes) {
          if (impact.status === "breaks") {
            // deno-lint-ignore no-explicit-any
            const texts = impact.lines.map(({ file, line, uses }: any) =>
              `${file}:${line} uses ${uses}`
            );
            below[rule] = [...new Set([...below[rule] ?? [], ...texts])].sort();
          } else statuses[rule] = impact.status;
        }
        assert.deepEqual(below, one.lines, one.name);
        for (const [rule, status] of Object.entries(one.statuses ?? {})) {
          assert.equal(statuses[rule], status, one.name);
        }
      }
      assert.equal(await readFile(api, "utf8"), types);
    },
  );
}

test(
  "diff --client-root compiles the components of a client with vue-tsc, else reports that it does not",
  {
    skip: RUNS_ALL_CASES ? node.skip : "part of deno task verify breakage",
  },
  async () => {
    const old = baseContract();
    const next = baseContract();
    BREAKING_CASES[0]!.edit(next);
    BREAKING_CASES[1]!.edit(next);
    for (const packages of [["vue-tsc@3.3.14", "vue@3.5.45", "typescript@5.9.3"], []] as const) {
      await using folder = await tempFolder({
        "web/package.json": `{ "name": "web", "private": true, "type": "module" }`,
        "web/tsconfig.json": JSON.stringify({
          compilerOptions: {
            target: "es2023",
            lib: ["ES2023", "DOM"],
            module: "esnext",
            moduleResolution: "bundler",
            strict: true,
            noEmit: true,
            skipLibCheck: true,
            types: [],
          },
          include: ["src/**/*.ts", "src/**/*.vue"],
        }),
        "web/src/api.ts": typesOf(old),
        "web/src/use.ts": `import type { Product } from "./api";
export const stock = (product: Product) => product.in_stock;
`,
        "web/src/Row.vue": `<script setup lang="ts">
import type { Product } from "./api";
const props = defineProps<{ product: Product }>();
const total = props.product.price * 2;
</script>

<template>
  <li>{{ product.name }} {{ product.in_stock ? "in stock" : "sold out" }} {{ total }}</li>
</template>
`,
        "api/old.json": JSON.stringify(old),
        "api/new.json": JSON.stringify(next),
      });
      await mkdir(folder.at(".git"));
      const installed = packages.length > 0
        ? await npmPackages(...packages)
        : await npmPackages("typescript@5.9.3", ...REACT_PACKAGES);
      await symlink(join(installed, "node_modules"), folder.at("web/node_modules"));
      const { stdout } = await runCli(
        ["diff", "old.json", "new.json", "--client-root", "../web", "--json"],
        { cwd: folder.at("api"), env: { PATH: process.env["PATH"] } },
      );
      const report = JSON.parse(stdout);
      // deno-lint-ignore no-explicit-any
      const lines = report.changes.flatMap(({ impact }: any) =>
        // deno-lint-ignore no-explicit-any
        impact.lines.map(({ file, line, uses }: any) => `${file}:${line} uses ${uses}`)
      ).sort();
      const inScripts = ["web/src/use.ts:2 uses Product.in_stock"];
      const inComponents = [
        "web/src/Row.vue:4 uses Product.price",
        "web/src/Row.vue:8 uses Product.in_stock",
      ];
      if (packages.length > 0) assert.deepEqual(lines, [...inComponents, ...inScripts]);
      else {
        assert.deepEqual(lines, inScripts);
        assert.match(report.clients[0].notes[0], /^\.vue files are compiled only with vue-tsc/);
        // deno-lint-ignore no-explicit-any
        const statuses = report.changes.map(({ impact }: any) => impact.status);
        assert.ok(!statuses.includes("unused"));
      }
    }
  },
);
