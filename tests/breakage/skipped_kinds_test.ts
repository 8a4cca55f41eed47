import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import process from "node:process";
import { test } from "node:test";
import { plainClient, typesOf } from "../support/broken_client.ts";
import { baseContract, BREAKING_CASES } from "../support/broken_client_cases.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { tscFolder } from "../support/typescript.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

const { skippedKinds } = createRequire(import.meta.url)(
  "../../lib/breakage/worker/skipped_kinds.cjs",
) as { skippedKinds(root: string, options: { isVue: boolean }): string[] };

const ANGULAR = { "node_modules/@angular/core/package.json": `{ "name": "@angular/core" }` };

/** Files, and the kinds of code in them that TypeScript does not compile. */
const PROJECTS: readonly (readonly [files: readonly string[], kinds: readonly string[]])[] = [
  [["src/use.ts", "src/use.tsx", "src/use.js", "index.html"], []],
  [["src/page.astro", "src/deep/er/text.mdx"], ["astro", "mdx"]],
  [["src/App.vue"], ["vue"]],
  [["src/routes/+page.svelte"], ["svelte"]],
  [["app/a.gts", "app/b.gjs"], ["gts", "gjs"]],
  [["node_modules/some/a.svelte", "dist/b.vue", ".nuxt/c.vue"], []],
];

test("skippedKinds() returns the kinds of code in a client that TypeScript does not compile", async () => {
  for (const [files, kinds] of PROJECTS) {
    await using folder = await tempFolder(Object.fromEntries(files.map((name) => [name, ""])));
    assert.deepEqual(skippedKinds(folder.path, { isVue: false }), kinds);
    const others = kinds.filter((kind) => kind !== "vue");
    assert.deepEqual(skippedKinds(folder.path, { isVue: true }), others);
  }
  await using folder = await tempFolder(ANGULAR);
  assert.deepEqual(skippedKinds(folder.path, { isVue: false }), ["angular"]);
});

test("diff --client-root does not call a change unused beside code that it does not compile", {
  skip: RUNS_ALL_CASES ? requireTool("node").skip : "part of deno task verify breakage",
}, async () => {
  const old = baseContract();
  const next = baseContract();
  BREAKING_CASES.at(-1)!.edit(next);
  const use = `import type { Types } from "./api";\nexport type { Types };\n`;
  for (const files of [{}, { "web/src/page.astro": "" }]) {
    await using folder = await tempFolder({
      ...plainClient(),
      "web/src/api.ts": typesOf(old),
      "web/src/use.ts": use,
      ...files,
      "old.json": JSON.stringify(old),
      "new.json": JSON.stringify(next),
    });
    await mkdir(folder.at("web/node_modules"));
    await symlink(tscFolder("5.9"), folder.at("web/node_modules/typescript"), "junction");
    const args = ["diff", "old.json", "new.json", "--client-root", "web"];
    const options = { cwd: folder.path, env: { PATH: process.env["PATH"] } };
    const { stdout } = await runCli(args, options);
    const isSkipped = "web/src/page.astro" in files;
    assert.equal(stdout.includes("no client uses it"), !isSkipped, stdout);
    assert.equal(stdout.includes(".astro files are not compiled"), isSkipped, stdout);
  }
});
