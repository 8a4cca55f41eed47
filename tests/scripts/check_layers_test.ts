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
  ["lib imports a command", "lib/contract/x.ts", `import "../../commands/version.ts";`],
  ["a command's part imports a command", "commands/a/b.ts", `import { x } from "../version.ts";`],
  ["a name with _", "commands/_a.ts", `const x = 1;`],
  ["a command opens files", "commands/a.ts", `import { readFile } from "node:fs/promises";`],
  ["a command listens", "commands/a.ts", `import { createServer } from "node:http";`],
  ["random numbers", "lib/contract/x.ts", `const x = Math.random();`],
  ["Bun taken from globalThis", "lib/contract/x.ts", `const { Bun } = globalThis as any;`],
  ["lib imports main", "lib/contract/x.ts", `import "../../main.ts";`],
  ["lib imports a script", "lib/contract/x.ts", `import "../../scripts/bun.ts";`],
  ["a command imports a command", "commands/a.ts", `import { x } from "./version.ts";`],
  ["a pure folder imports an edge", "lib/contract/x.ts", `import { x } from "../runtime/mod.ts";`],
  [
    "pure imports an edge's types",
    "lib/codegen/x.ts",
    `import type { X } from "../runtime/mod.ts";`,
  ],
  ["schema imports codegen", "lib/contract/x.ts", `import { x } from "../codegen/mod.ts";`],
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
  ["past the public entry point", "lib/codegen/x.ts", `import { x } from "../contract/parse.ts";`],
  [
    "a command past the public entry point",
    "commands/a.ts",
    `import { x } from "../lib/contract/parse.ts";`,
  ],
  ["an unknown folder", "lib/brand_new/x.ts", `import { x } from "../contract/mod.ts";`],
  ["console", "lib/contract/x.ts", `console.log(1);`],
  ["Deno", "commands/a.ts", `Deno.exit(1);`],
  ["Bun", "lib/contract/x.ts", `Bun.file("x");`],
  ["process", "lib/contract/x.ts", `process.exit(1);`],
  ["process by import", "lib/contract/x.ts", `import process from "node:process";`],
  ["a part imports another command", "commands/dev/x.ts", `import { x } from "../run.ts";`],
  ["the clock", "lib/contract/x.ts", `const now = Date.now();`],
  ["the clock again", "lib/contract/x.ts", `const now = new Date();`],
  ["a removal", "lib/project/x.ts", `import { rm } from "node:fs/promises";`],
  ["a removal renamed", "lib/project/x.ts", `import { unlinkSync as x } from "node:fs";`],
  ["a removal by fs", "lib/runtime/x.ts", `fs.rmdirSync("x");`],
  ["a program", "lib/source/a.ts", `import { spawn } from "node:child_process";`],
  ["a program, later", "lib/runtime/x.ts", `await import("node:child_process");`],
  ["global fetch", "lib/source/x.ts", `await fetch("http://x");`],
  ["global fetch in full", "lib/source/x.ts", `await globalThis.fetch("http://x");`],
];

const SOUND: readonly [rule: string, file: string, text: string][] = [
  ["commands use lib", "commands/a.ts", `import { x } from "../lib/source/mod.ts";`],
  ["parts of a command", "commands/a/command.ts", `import { x } from "./b.ts";`],
  ["the table", "commands/mod.ts", `import { x } from "./version.ts";`],
  ["layer 0", "lib/contract/x.ts", `import { x } from "../errors.ts";`],
  ["downwards", "lib/codegen/x.ts", `import { x } from "../contract/mod.ts";`],
  ["runtime types", "lib/dev/x.ts", `import type { Console } from "../runtime/mod.ts";`],
  ["runtime types, each", "lib/dev/x.ts", `import { type C } from "../runtime/mod.ts";`],
  ["the Console", "commands/a.ts", `function f(console: C) { console.stdout.write("x"); }`],
  ["a Console taken apart", "commands/a.ts", `const f = ({ console }: C) => console.now();`],
  ["fetch passed in", "lib/source/x.ts", `function f(fetch: F) { return fetch("x"); }`],
  ["a known date", "lib/mock/x.ts", `const d = new Date(0);`],
  ["runtime itself", "lib/runtime/x.ts", `import process from "node:process"; process.exit();`],
  ["quiet removal", "lib/project/x.ts", `import { removeQuietly } from "../remove_quietly.ts";`],
  ["a type of a child", "lib/python/x.ts", `import type { X } from "node:child_process";`],
  ["programs", "lib/process/x.ts", `import { spawn } from "node:child_process";`],
  ["words about it", "lib/contract/x.ts", `const text = "Deno.exit() and console.log()";`],
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
  assert.match(stderr, /^lib\/contract\/mod\.ts:2 imports commands\/a\.ts\n {2}hint: /m);
  assert.equal(status, 1);
});
