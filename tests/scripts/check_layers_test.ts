// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkLayers, checkSource } from "../../scripts/check_layers.ts";
import { denoPath } from "../support/engines.ts";
import { tempFolder } from "../support/temp_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const BROKEN: readonly [rule: string, file: string, text: string][] = [
  ["lib imports a command", "lib/schema/x.ts", `import "../../commands/run.ts";`],
  ["lib imports main", "lib/schema/x.ts", `import "../../main.ts";`],
  ["lib imports a script", "lib/schema/x.ts", `import "../../scripts/bun.ts";`],
  ["a command imports a command", "commands/a.ts", `import { x } from "./version.ts";`],
  ["a pure folder imports an edge", "lib/schema/x.ts", `import { x } from "../runtime/mod.ts";`],
  [
    "pure imports an edge's types",
    "lib/codegen/x.ts",
    `import type { X } from "../runtime/mod.ts";`,
  ],
  ["schema imports codegen", "lib/schema/x.ts", `import { x } from "../codegen/mod.ts";`],
  [
    "a service imports terminal",
    "lib/project/x.ts",
    `import type { X } from "../terminal/mod.ts";`,
  ],
  ["a service runs runtime", "lib/source/x.ts", `import { x } from "../runtime/mod.ts";`],
  ["a service imports one above", "lib/project/x.ts", `import { x } from "../source/mod.ts";`],
  ["an import that waits", "lib/project/x.ts", `const x = () => import("../source/mod.ts");`],
  ["a type in place", "lib/project/x.ts", `type X = import("../terminal/mod.ts").Style;`],
  ["a re-export", "lib/project/x.ts", `export * from "../source/mod.ts";`],
  ["past the door", "lib/codegen/x.ts", `import { x } from "../schema/parse.ts";`],
  ["a command past the door", "commands/a.ts", `import { x } from "../lib/schema/parse.ts";`],
  ["an unknown folder", "lib/brand_new/x.ts", `import { x } from "../schema/mod.ts";`],
  ["console", "lib/schema/x.ts", `console.log(1);`],
  ["Deno", "commands/a.ts", `Deno.exit(1);`],
  ["Bun", "lib/schema/x.ts", `Bun.file("x");`],
  ["process", "lib/schema/x.ts", `process.exit(1);`],
  ["process by import", "lib/schema/x.ts", `import process from "node:process";`],
  ["the clock", "lib/schema/x.ts", `const now = Date.now();`],
  ["the clock again", "lib/schema/x.ts", `const now = new Date();`],
  ["a removal", "lib/project/x.ts", `import { rm } from "node:fs/promises";`],
  ["a removal renamed", "lib/project/x.ts", `import { unlinkSync as x } from "node:fs";`],
  ["a removal by fs", "lib/runtime/x.ts", `fs.rmdirSync("x");`],
  ["a program", "commands/a.ts", `import { spawn } from "node:child_process";`],
  ["a program, later", "lib/runtime/x.ts", `await import("node:child_process");`],
  ["global fetch", "lib/source/x.ts", `await fetch("http://x");`],
  ["global fetch in full", "lib/source/x.ts", `await globalThis.fetch("http://x");`],
];

const SOUND: readonly [rule: string, file: string, text: string][] = [
  ["commands use lib", "commands/a.ts", `import { x } from "../lib/source/mod.ts";`],
  ["commands share", "commands/a.ts", `import { x } from "./_define.ts";`],
  ["the table", "commands/mod.ts", `import { x } from "./version.ts";`],
  ["layer 0", "lib/schema/x.ts", `import { x } from "../errors.ts";`],
  ["downwards", "lib/codegen/x.ts", `import { x } from "../schema/mod.ts";`],
  ["runtime types", "lib/source/x.ts", `import type { Console } from "../runtime/mod.ts";`],
  ["runtime types, each", "lib/source/x.ts", `import { type C } from "../runtime/mod.ts";`],
  ["the Console", "commands/a.ts", `function f(console: C) { console.stdout.write("x"); }`],
  ["a Console taken apart", "commands/a.ts", `const f = ({ console }: C) => console.now();`],
  ["fetch passed in", "lib/source/x.ts", `function f(fetch: F) { return fetch("x"); }`],
  ["a known date", "lib/mock/x.ts", `const d = new Date(0);`],
  ["runtime itself", "lib/runtime/x.ts", `import process from "node:process"; process.exit();`],
  ["quiet removal", "lib/project/x.ts", `import { removeQuietly } from "../remove_quietly.ts";`],
  ["a type of a child", "lib/python/x.ts", `import type { X } from "node:child_process";`],
  ["programs", "lib/process/x.ts", `import { spawn } from "node:child_process";`],
  ["words about it", "lib/schema/x.ts", `const text = "Deno.exit() and console.log()";`],
];

for (const [rule, file, text] of BROKEN) {
  test(`checkSource() finds: ${rule}`, () => {
    const [finding, ...more] = checkSource(file, text);
    assert.ok(finding, "nothing found");
    assert.deepEqual(more, []);
    assert.equal(finding.line, 1);
    assert.ok(finding.hint.length > 20);
  });
}

for (const [rule, file, text] of SOUND) {
  test(`checkSource() accepts: ${rule}`, () => assert.deepEqual(checkSource(file, text), []));
}

test("checkLayers() finds nothing in this project", async () => {
  assert.deepEqual(await checkLayers(ROOT), []);
});

test("check_layers.ts fails on a broken tree, with file, line and hint", async () => {
  await using folder = await tempFolder({
    "lib/contract/mod.ts": `export {};\nimport "../../commands/a.ts";\n`,
    "commands/a.ts": "export {};\n",
  });
  for (const path of ["scripts/check_layers.ts", "deno.json"]) {
    await cp(`${ROOT}${path}`, folder.at(path));
  }
  const { status, stderr } = spawnSync(
    denoPath(),
    ["run", "-A", "--no-lock", `--config=${ROOT}deno.json`, folder.at("scripts/check_layers.ts")],
    { encoding: "utf8", cwd: folder.path },
  );
  assert.match(stderr, /^lib\/schema\/mod\.ts:2 imports commands\/a\.ts\n {2}hint: /m);
  assert.equal(status, 1);
});
