import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { toolUnderTest } from "../support/specs.ts";

const SCHEMA = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));

function shell(script: string): Promise<{ code: number; stderr: string; stdout: string }> {
  const args = ["-c", script, "sh", SCHEMA, ...toolUnderTest().tool];
  return new Promise((resolve) =>
    execFile(
      "/bin/sh",
      args,
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    )
  );
}

const skip = process.platform === "win32" || !existsSync("/dev/full") ? "needs /dev/full" : false;

test(
  "createProcessConsole() reports full standard output in one line, with a code other than 0",
  { skip },
  async () => {
    const { code, stderr } = await shell('s=$1; shift; "$@" codegen "$s" --out - >/dev/full');
    assert.equal(stderr, "error: Cannot write to standard output: the disk is full\n");
    assert.equal(code, 3);
  },
);

test("createProcessConsole() is silent when the reader went away", { skip }, async () => {
  const { stdout, stderr } = await shell('s=$1; shift; "$@" pull "$s" | head -n 1');
  assert.equal(stdout, "{\n");
  assert.equal(stderr, "");
});
