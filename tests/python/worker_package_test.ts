import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../lib/process/mod.ts";
import { WORKER_SOURCES } from "../../lib/python/worker_package.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";

const LIB = fileURLToPath(new URL("../../lib/python", import.meta.url));
const TESTS = fileURLToPath(new URL("./pyrpc_worker", import.meta.url));

test("WORKER_SOURCES has every module of the package", async () => {
  const folder = join(LIB, "pyrpc_worker");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".py")).sort();
  const sources: Record<string, string> = {};
  for (const file of files) sources[file] = await readFile(join(folder, file), "utf8");
  assert.deepEqual(WORKER_SOURCES, sources);
});

test("WORKER_SOURCES is ASCII, for interpreters of any locale", () => {
  for (const [file, source] of Object.entries(WORKER_SOURCES)) {
    assert.doesNotMatch(source, /[^\x00-\x7f]/, file);
  }
});

for (
  const [name, pattern] of [
    ["shop-0.14", "test*.py"],
    ["shop-0.7", "test*.py"],
    ["django-0.14", "test_django*.py"],
  ] as const
) {
  test(
    `the Python tests of pyrpc_worker pass with ${name}`,
    { skip: pythonSkip() },
    async () => {
      const { python, env } = await pythonEnvironment(name);
      const { code, stdout, stderr } = await runProgram(
        python,
        [
          "-B",
          "-W",
          "error::ResourceWarning",
          "-m",
          "unittest",
          "discover",
          "--start-directory",
          TESTS,
          "--pattern",
          pattern,
        ],
        {
          env: { ...process.env, ...env, PYTHONPATH: [LIB, TESTS].join(delimiter) },
          limitMs: 300_000,
        },
      );
      assert.equal(code, 0, stdout + stderr);
    },
  );
}
