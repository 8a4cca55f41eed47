// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { SECTIONS } from "../../scripts/verify.ts";
import { denoPath } from "../support/engines.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("each section of verify runs files that exist", () => {
  for (const [name, { commands }] of Object.entries(SECTIONS)) {
    const paths = commands.flat().filter((word) => /^(tests|scripts)\//.test(word));
    assert.ok(paths.length > 0, name);
    for (const path of paths) assert.ok(existsSync(join(ROOT, path)), `${name}: ${path}`);
  }
});

test("verify lists its sections, and refuses an unknown one", () => {
  const run = (...args: string[]) =>
    spawnSync(denoPath(), ["run", "-A", "scripts/verify.ts", ...args], {
      cwd: ROOT,
      encoding: "utf8",
    });
  const listed = run();
  assert.equal(listed.status, 0);
  for (const name of Object.keys(SECTIONS)) {
    assert.match(listed.stdout, new RegExp(`^${name} `, "m"));
  }
  const unknown = run("nothing");
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /Unknown section "nothing"/);
});
