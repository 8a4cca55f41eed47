import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "./run_cli.ts";

test("runCli() gives exit code, streams and changed files as one block", async () => {
  const result = await runCli(["version"], { files: { "untouched.txt": "x" } });
  assert.equal(result.block, `exit: 0 Ok\nstdout:\n  ${result.stdout.trim()}\n`);
  assert.match(result.stdout, /^pyrpc-toolkit \d+\.\d+\.\d+\n$/);
});
