// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { test } from "node:test";
import { lacksRuntime } from "../../scripts/compile.ts";
import { deno } from "../../scripts/project.ts";

test("lacksRuntime() recognizes Deno's error for a runtime that cannot be fetched", () => {
  // Shortened from what Deno 2.9.6 printed on a machine without its download server.
  assert.ok(lacksRuntime(
    "Writing deno compile executable to temporary file\n  0: Setting up base binary.\n" +
      "  1: error sending request for url (…/denort-x86_64-unknown-linux-gnu.zip)\n  3: dns error",
  ));
  assert.ok(!lacksRuntime(`error: Module not found "file:///main.ts".`));
});

test("compile.ts refuses an engine that there is not", async () => {
  const { code, stderr } = await deno(["run", "-A", "scripts/compile.ts", "--engine", "node"]);
  assert.equal(code, 2);
  assert.match(stderr, /Unknown engine "node": "deno" or "bun"/);
});
